from pathlib import Path

from firstsight.wazuh.ruletable import BASE
from firstsight.wazuh.setup.rule_ids import conflict, rules_of
from manager_home import OSSEC_CONF, ManagerHome


def test_rules_are_found_in_load_order(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    home.put(
        "etc/rules/0000_first.xml", "<group name='a,'><rule level='0' id='100200'><if_sid>1, 2</if_sid></rule></group>"
    )
    home.put("ruleset/rules/0215-policy_rules.xml", '<group name="b,"><rule id="100300" level="3"></rule></group>')
    home.put("etc/rules/not_rules.txt", '<rule id="100400" level="3"></rule>')
    found = rules_of(home.path, OSSEC_CONF)
    assert [(rule.id, rule.level, rule.parents, rule.file.name) for rule in found] == [
        (100_200, 0, (1, 2), "0000_first.xml"),
        (61_650, 0, (61_600,), "0595-win-sysmon_rules.xml"),
        (61_655, 0, (60_004,), "0595-win-sysmon_rules.xml"),
        (100_001, 5, (5716,), "local_rules.xml"),
    ]


def test_a_site_s_own_rule_in_our_block(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    assert conflict(rules_of(home.path, OSSEC_CONF), BASE) is None
    home.put("etc/rules/own.xml", f'<group name="a,"><rule id="{BASE + 99}" level="3"></rule></group>')
    home.put("etc/rules/more.xml", '<group name="a,"><rule id="101000" level="3"></rule></group>')
    problem = conflict(rules_of(home.path, OSSEC_CONF), BASE)
    assert problem is not None
    assert f"{BASE + 99} ({home.path}/etc/rules/own.xml)" in problem
    assert "--rule-base 101100" in problem
    assert conflict(rules_of(home.path, OSSEC_CONF), 101_100) is None


def test_who_overwrites_a_rule_of_ours_takes_no_id(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    home.put("etc/rules/own.xml", f'<rule id="{BASE + 11}" level="5" overwrite="yes"></rule>')
    home.put("etc/rules/firstsight_rules.xml", f'<rule id="{BASE}" level="5"></rule>')
    assert conflict(rules_of(home.path, OSSEC_CONF), BASE) is None
