"""What is refused before anything is written, and what is left where it is."""

from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.wazuh.active_response.parts import manager_block
from firstsight.wazuh.ruletable import BASE
from firstsight.wazuh.setup.carry_out import carry_out
from firstsight.wazuh.setup.manager import find
from firstsight.wazuh.setup.originals import Mode, Originals
from firstsight.wazuh.setup.plan import Plan, describe, installing, uninstalling
from manager_home import OSSEC_CONF, ManagerHome

OWN_BLOCK = "<ossec_config><integration><name>custom-firstsight</name></integration></ossec_config>\n"


def plan(home: ManagerHome, mode: Mode = "follow", *, node_conf: str = "url = http://127.0.0.1:5730\n") -> Plan:
    manager = find(home.path)
    return installing(manager, Originals(manager), mode, BASE, node_conf=node_conf)


def install(home: ManagerHome, mode: Mode = "follow") -> None:
    manager = find(home.path)
    carry_out(manager, Originals(manager), plan(home, mode))


def uninstall(home: ManagerHome) -> Plan:
    manager = find(home.path)
    originals = Originals(manager)
    undone = uninstalling(manager, originals)
    carry_out(manager, originals, undone)
    return undone


def test_following_needs_the_rules_alone(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    manager = find(home.path)
    lines = [describe(manager, change) for change in plan(home).changes]
    assert len(lines) == 1
    assert lines[0].startswith(f"write   {home.path}/etc/rules/firstsight_rules.xml (wazuh:wazuh 0660): ")


def test_the_integration_in_its_order(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    assert [change.path for change in plan(home, "integration").changes] == [
        "queue/firstsight",
        "etc/firstsight-node.conf",
        "integrations/custom-firstsight",
        "etc/rules/firstsight_rules.xml",
        "etc/ossec.conf",
    ]
    script = next(change for change in plan(home, "integration").changes if "custom" in change.path)
    assert script.becomes.content.startswith(f"#!{home.path}/framework/python/bin/python3 -IS\n".encode())  # type: ignore[union-attr]


def refused(home: ManagerHome, sentence: str, mode: Mode = "follow", **named: str) -> None:
    before = home.snapshot()
    with pytest.raises(InputError, match=sentence):
        plan(home, mode, **named)
    assert home.snapshot() == before


def test_what_stands_in_the_way(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    rules = home.put("etc/rules/firstsight_rules.xml", "<group name='theirs,'></group>")
    refused(home, "not firstsight's")
    rules.unlink()
    rules.symlink_to("/etc/passwd")
    refused(home, "symbolic link")
    rules.unlink()
    rules.mkdir()
    refused(home, "is a folder")
    rules.rmdir()
    spool = home.put("queue/firstsight", "")
    refused(home, "queue/firstsight is a file", "integration")
    spool.unlink()
    home.put("etc/rules/own.xml", f'<rule id="{BASE}" level="3"></rule>')
    refused(home, "--rule-base")
    (home.path / "etc/rules/own.xml").unlink()
    (home.path / "etc/rules").rename(home.path / "etc/elsewhere")
    (home.path / "etc/rules").symlink_to("elsewhere")
    refused(home, "etc/rules is a symbolic link")


def test_what_ossec_conf_must_not_say(tmp_path: Path) -> None:
    refused(ManagerHome(tmp_path / "1", conf=OSSEC_CONF + OWN_BLOCK), "did not write")
    refused(ManagerHome(tmp_path / "2", conf=OSSEC_CONF + OWN_BLOCK), "did not write", "integration")
    excluded = OSSEC_CONF.replace("0215-policy_rules.xml", "firstsight_rules.xml")
    refused(ManagerHome(tmp_path / "3", conf=excluded), "rule_exclude")


def test_a_response_that_was_put_there_by_hand_is_not_doubled(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path, conf=OSSEC_CONF + f"<ossec_config>\n{manager_block()}</ossec_config>\n")
    manager = find(home.path)
    with pytest.raises(InputError, match="did not write"):
        installing(manager, Originals(manager), "follow", BASE, response=True)
    assert [change.path for change in plan(home).changes] == ["etc/rules/firstsight_rules.xml"]


def test_never_both_roads(tmp_path: Path) -> None:
    manager = find(ManagerHome(tmp_path).path)
    with pytest.raises(InputError, match="twice"):
        installing(manager, Originals(manager), "integration", BASE, followed=True)
    assert installing(manager, Originals(manager), "follow", BASE, followed=True).changes


def test_an_edited_file_is_not_lost(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    install(home)
    rules = home.path / "etc/rules/firstsight_rules.xml"
    rules.write_text(rules.read_text() + "<!-- mine -->")
    refused(home, "changed by somebody")
    with pytest.raises(InputError, match="changed by somebody"):
        uninstall(home)
    rules.unlink()
    install(home)
    assert "mine" not in rules.read_text()


def test_an_administrator_s_settings_of_the_script_stay(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path / "there")
    home.put("etc/firstsight-node.conf", "url = https://central.example:5730\n")
    before = home.snapshot()
    install(home, "integration")
    assert "central" in (home.path / "etc/firstsight-node.conf").read_text()
    uninstall(home)
    assert home.snapshot() == before

    home = ManagerHome(tmp_path / "edited")
    install(home, "integration")
    home.put("etc/firstsight-node.conf", "url = https://central.example:5730\n")
    assert "stays" in uninstall(home).notes[0]
    assert "central" in (home.path / "etc/firstsight-node.conf").read_text()
    install(home, "integration")
    assert "central" in (home.path / "etc/firstsight-node.conf").read_text()

    refused(ManagerHome(tmp_path / "none"), "Write it, and run this again", "integration", node_conf="")


def test_alerts_that_wait_are_not_thrown_away(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    install(home, "integration")
    home.put("queue/firstsight/incoming", "{}\n")
    home.put("queue/firstsight/spool.lock", "")
    assert "stays" in uninstall(home).notes[0]
    assert (home.path / "queue/firstsight/incoming").exists()
    install(home, "integration")
    home.put("queue/firstsight/incoming", "")
    (home.path / "queue/firstsight").chmod(0o750)
    uninstall(home)
    assert {name for name in home.snapshot() if name not in before} <= {
        "queue/firstsight",
        "queue/firstsight/incoming",
        "queue/firstsight/spool.lock",
    }


def test_a_spool_that_is_handed_over_goes(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    install(home, "integration")
    home.put("queue/firstsight/incoming", "")
    home.put("queue/firstsight/cursor", "c")
    uninstall(home)
    assert home.snapshot() == before


def test_a_worker_gets_its_rules_from_the_master(tmp_path: Path) -> None:
    conf = OSSEC_CONF.replace("<disabled>yes", "<disabled>no").replace("<node_type>master", "<node_type>worker")
    home = ManagerHome(tmp_path, conf=conf)
    assert plan(home).changes == []
    assert "master" in plan(home).notes[0]
    assert "etc/rules/firstsight_rules.xml" not in [change.path for change in plan(home, "integration").changes]


def test_what_was_put_there_by_hand_is_said_to_stay(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    home.put("etc/rules/firstsight_rules.xml", "<!-- firstsight for Wazuh 4.x. -->")
    undone = uninstall(home)
    assert undone.changes == []
    assert "stays" in undone.notes[0]
