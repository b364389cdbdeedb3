from collections.abc import Iterator

import pytest

from firstsight.wazuh.doctor.findings import Finding, State
from firstsight.wazuh.doctor.rules_loaded import rules_loaded
from firstsight.wazuh.rules import render
from firstsight.wazuh.ruletable import BASE
from firstsight.wazuh.setup.manager import find
from manager_home import OSSEC_CONF, SYSMON_RULES, ManagerHome, short


@pytest.fixture
def home() -> Iterator[ManagerHome]:
    with short() as home:
        home.put("etc/rules/firstsight_rules.xml", render(), 0o660, (1, 1))
        yield home


def look(home: ManagerHome, base: int = BASE) -> dict[str, Finding]:
    return {finding.what: finding for finding in rules_loaded(find(home.path), base)}


def test_all_is_well(home: ManagerHome) -> None:
    found = look(home)
    assert list(found) == ["rules", "Event 22's rule", "level", "test"]
    assert {finding.state for finding in found.values()} == {State.OK}, found
    assert found["Event 22's rule"].text == f"{BASE + 2}, child of 61650, level 3."


def wrong(home: ManagerHome, what: str, text: str, state: State = State.WRONG, base: int = BASE) -> None:
    finding = look(home, base)[what]
    assert (finding.state, text in finding.text) == (state, True), finding
    assert finding.mend


def test_the_file(home: ManagerHome) -> None:
    wrong(home, "rules", "rule_base", State.NOTE, base=118_000)
    path = home.put("etc/rules/firstsight_rules.xml", render() + "<!-- edited -->", 0o660, (1, 1))
    wrong(home, "rules", "was edited", State.NOTE)
    path.chmod(0)
    wrong(home, "rules", "may not read")
    path.unlink()
    wrong(home, "rules", "not there")
    assert list(look(home)) == ["rules"]
    worker = OSSEC_CONF.replace("<disabled>yes", "<disabled>no").replace("<node_type>master", "<node_type>worker")
    home.put("etc/ossec.conf", worker)
    wrong(home, "rules", "master")


def test_what_is_not_loaded(home: ManagerHome) -> None:
    home.put("etc/rules/own.xml", f'<rule id="{BASE}" level="3"></rule>')
    wrong(home, "rule ids", "own.xml")
    home.put("etc/ossec.conf", OSSEC_CONF.replace("<rule_dir>etc/rules</rule_dir>", "<rule_dir>etc/rules/</rule_dir>"))
    assert "excludes" not in look(home)["rules"].text
    home.tool("wazuh-analysisd", f"echo WARNING: rule {BASE + 2} will be ignored")
    wrong(home, "test", "complains")


def test_event_22_that_does_not_get_through(home: ManagerHome) -> None:
    home.put("etc/ossec.conf", OSSEC_CONF.replace("<log_alert_level>3", "<log_alert_level>5"))
    wrong(home, "level", "from level 5 on")
    home.put("etc/rules/own.xml", '<rule id="100100" level="0"><if_sid>61650</if_sid></rule>')
    wrong(home, "Event 22's rule", "100100", State.NOTE)
    home.put("etc/rules/own.xml", '<rule id="100100" level="4"><if_sid>61650</if_sid></rule>')
    assert "100100 may come first" in look(home)["Event 22's rule"].text
    home.put("etc/rules/own.xml", '<rule id="100100" level="3"><if_sid>61650</if_sid></rule>')
    assert "100100" not in look(home)["Event 22's rule"].text  # it sorts after ours
    home.put("ruleset/rules/0595-win-sysmon_rules.xml", SYSMON_RULES.replace("61650", "61651"))
    wrong(home, "Event 22's rule", "61650 is not loaded")
