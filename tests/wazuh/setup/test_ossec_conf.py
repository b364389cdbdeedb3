import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.errors import InputError
from firstsight.wazuh.setup import ossec_conf
from manager_home import OSSEC_CONF

PIECES = st.sampled_from(
    ["<ossec_config>", "</ossec_config>", "<!-- x -->", "\n", "\r\n", "\t  ", "&", "\x00é", "<!--", "-->"]
)


@given(st.lists(PIECES).map("".join))
def test_the_block_comes_and_goes_without_a_trace(text: str) -> None:
    once = ossec_conf.with_block(text)
    assert ossec_conf.has_block(once)
    assert once.startswith(text)
    assert ossec_conf.with_block(once) == once
    assert ossec_conf.without_block(once) == text


@given(st.lists(PIECES).map("".join))
def test_what_is_written_behind_it_stays(text: str) -> None:
    behind = ossec_conf.with_block("<ossec_config/>\n") + text
    assert ossec_conf.without_block(behind) == "<ossec_config/>\n" + text


def test_it_speaks_the_file_s_line_ends() -> None:
    block = ossec_conf.with_block("<ossec_config>\r\n</ossec_config>\r\n")
    assert block.count("\n") == block.count("\r\n")


def test_torn_markers_are_refused() -> None:
    for torn in (ossec_conf.with_block("").partition("<ossec_config>")[0], "<!-- firstsight: end -->"):
        with pytest.raises(InputError, match="no pair"):
            ossec_conf.without_block(torn)


def test_whose_integration_it_is() -> None:
    assert not ossec_conf.foreign_integration(OSSEC_CONF)  # only in a comment
    assert not ossec_conf.foreign_integration(ossec_conf.with_block(OSSEC_CONF))
    own = OSSEC_CONF + "<ossec_config><integration>\n <name> custom-firstsight </name></integration></ossec_config>"
    assert ossec_conf.foreign_integration(own)
    assert ossec_conf.runs_script(own)
    assert ossec_conf.runs_script(ossec_conf.with_block(OSSEC_CONF))
    assert not ossec_conf.runs_script(OSSEC_CONF)


def test_what_it_says_of_rules() -> None:
    assert ossec_conf.rule_folders(OSSEC_CONF) == ["ruleset/rules", "etc/rules"]
    assert ossec_conf.rule_folders("") == ["ruleset/rules", "etc/rules"]
    assert ossec_conf.rules_excluded(OSSEC_CONF) == ["0215-policy_rules.xml"]
    assert not ossec_conf.excludes_ours(OSSEC_CONF)
    assert ossec_conf.excludes_ours(OSSEC_CONF.replace("0215-policy_rules.xml", "etc/rules/firstsight_rules.xml"))
    assert ossec_conf.excludes_ours(OSSEC_CONF.replace("<rule_dir>etc/rules</rule_dir>", ""))


def test_the_level_that_reaches_alerts_json() -> None:
    assert ossec_conf.log_alert_level("") == 3
    assert ossec_conf.log_alert_level(OSSEC_CONF + "<alerts><log_alert_level> 7 </log_alert_level></alerts>") == 7
    assert ossec_conf.log_alert_level("<alerts><log_alert_level>x</log_alert_level></alerts>") == 3


def test_its_part_in_a_cluster() -> None:
    on = OSSEC_CONF.replace("<disabled>yes", "<disabled>no")
    assert ossec_conf.cluster_role("") == ""
    assert ossec_conf.cluster_role(OSSEC_CONF) == ""
    assert ossec_conf.cluster_role(on) == "master"
    assert ossec_conf.cluster_role(on.replace("<node_type>master", "<node_type>worker")) == "worker"
