from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.errors import InputError
from firstsight.wazuh.active_response.parts import manager_block
from firstsight.wazuh.setup import ossec_conf
from manager_home import OSSEC_CONF

PIECES = st.sampled_from(
    ["<ossec_config>", "</ossec_config>", "<!-- x -->", "\n", "\r\n", "\t  ", "&", "\x00é", "<!--", "-->"]
)


PARTS = st.sampled_from(
    [
        {"integration": True, "response": False},
        {"integration": False, "response": True},
        {"integration": True, "response": True},
    ]
)


@given(st.lists(PIECES).map("".join), PARTS, PARTS)
def test_the_block_comes_and_goes_without_a_trace(text: str, parts: dict[str, bool], later: dict[str, bool]) -> None:
    once = ossec_conf.with_block(text, **parts)
    assert len(once) > len(text)
    assert once.startswith(text)
    assert ossec_conf.with_block(once, **parts) == once
    assert ossec_conf.with_block(once, **later) == ossec_conf.with_block(text, **later)
    assert ossec_conf.has_response(once) is parts["response"]
    assert ossec_conf.without_block(once) == text == ossec_conf.with_block(once)


@given(st.lists(PIECES).map("".join), PARTS)
def test_what_is_written_behind_it_stays(text: str, parts: dict[str, bool]) -> None:
    behind = ossec_conf.with_block("<ossec_config/>\n", **parts) + text
    assert ossec_conf.without_block(behind) == "<ossec_config/>\n" + text


def test_it_speaks_the_file_s_line_ends() -> None:
    block = ossec_conf.with_block("<ossec_config>\r\n</ossec_config>\r\n", integration=True, response=True)
    assert block.count("\n") == block.count("\r\n")


def test_torn_markers_are_refused() -> None:
    whole = ossec_conf.with_block("", integration=True)
    for torn in (whole.partition("<ossec_config>")[0], "<!-- firstsight: end -->"):
        with pytest.raises(InputError, match="no pair"):
            ossec_conf.without_block(torn)


def test_wazuh_reads_what_is_in_it() -> None:
    block = ossec_conf.with_block("", integration=True, response=True)
    root = ET.fromstring(block.partition("-->\n")[2])
    assert [element.tag for element in root] == ["integration", *["command", "active-response"] * 2]


def test_whose_response_it_is_and_what_calls_it() -> None:
    ours = ossec_conf.with_block(OSSEC_CONF, response=True)
    by_hand = OSSEC_CONF + f"<ossec_config>\n{manager_block()}</ossec_config>\n"
    assert ossec_conf.has_response(ours)
    assert not ossec_conf.foreign_response(ours)
    assert ossec_conf.foreign_response(by_hand)
    assert not ossec_conf.has_response(by_hand)
    assert not ossec_conf.foreign_response(OSSEC_CONF)
    assert ossec_conf.called_responses(OSSEC_CONF) == {}
    every = {"firstsight-otx": ["firstsight_alert,"], "firstsight-otx-windows": ["firstsight_alert,"]}
    assert ossec_conf.called_responses(ours) == ossec_conf.called_responses(by_hand) == every
    assert ossec_conf.called_responses(ours.replace("<disabled>no", "<disabled>yes")) == {}
    assert ossec_conf.called_responses(by_hand.replace("<command>firstsight-otx<", "<command>own<")) == {
        "firstsight-otx-windows": ["firstsight_alert,"]
    }


def test_whose_integration_it_is() -> None:
    assert not ossec_conf.foreign_integration(OSSEC_CONF)  # only in a comment
    assert not ossec_conf.foreign_integration(ossec_conf.with_block(OSSEC_CONF, integration=True))
    own = OSSEC_CONF + "<ossec_config><integration>\n <name> custom-firstsight </name></integration></ossec_config>"
    assert ossec_conf.foreign_integration(own)
    assert ossec_conf.runs_script(own)
    assert ossec_conf.runs_script(ossec_conf.with_block(OSSEC_CONF, integration=True))
    assert not ossec_conf.runs_script(ossec_conf.with_block(OSSEC_CONF, response=True))
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
