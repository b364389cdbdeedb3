import json
from pathlib import Path

from firstsight.wazuh.doctor.arriving import arriving
from firstsight.wazuh.doctor.findings import Finding, State
from firstsight.wazuh.setup.manager import find
from manager_home import ManagerHome
from wazuh_home import NOON, dns_alert, other_alert

OWN = {
    "timestamp": "2026-11-24T11:59:00.000+0000",
    "rule": {"id": "117011", "level": 3},
    "data": {"integration": "firstsight"},
}


def look(tmp_path: Path, *lines: bytes, now: float = NOON) -> dict[str, Finding]:
    home = ManagerHome(tmp_path)
    home.put("logs/alerts/alerts.json", b"".join(line + b"\n" for line in lines) + b'{"half a li')
    return {finding.what: finding for finding in arriving(find(home.path), now)}


def test_all_is_well(tmp_path: Path) -> None:
    found = look(
        tmp_path, b"[]", b"\xff", dns_alert("a.example", at=NOON - 600), json.dumps(OWN).encode(), other_alert()
    )
    assert {finding.state for finding in found.values()} == {State.OK}
    assert found["Event 22"].text == "The last one came 10 minutes ago, from WIN10 (001), by rule 117090 (level 3)."
    assert found["alerts of firstsight"].text == "The last one came 60 seconds ago, by rule 117011 (level 3)."


def test_nothing_comes(tmp_path: Path) -> None:
    found = look(tmp_path, other_alert())
    assert (found["Event 22"].state, found["alerts of firstsight"].state) == (State.WRONG, State.NOTE)
    assert "Sysmon" in found["Event 22"].mend


def test_what_the_doctor_sent_itself_is_no_endpoint_s(tmp_path: Path) -> None:
    assert look(tmp_path, dns_alert("firstsight-check-1.bit"))["Event 22"].state is State.WRONG


def test_it_came_long_ago(tmp_path: Path) -> None:
    found = look(tmp_path, dns_alert("a.example"), now=NOON + 86_400)
    assert (found["Event 22"].state, "24 hours" in found["Event 22"].text) == (State.NOTE, True)


def test_clocks(tmp_path: Path) -> None:
    assert look(tmp_path / "behind", other_alert(), now=NOON - 3600)["clock"].state is State.WRONG
    late = dns_alert("a.example", eventdata={"utcTime": "2001-01-01 00:00:00.000"})
    assert look(tmp_path / "endpoint", late)["clock"].state is State.NOTE


def test_no_file(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    (home.path / "logs/alerts/alerts.json").unlink()
    (finding,) = arriving(find(home.path), NOON)
    assert (finding.state, "No such file" in finding.text) == (State.WRONG, True)


def test_the_beginning_of_a_long_file_is_not_read(tmp_path: Path) -> None:
    padding = other_alert() + b" " * (1 << 20)
    found = look(tmp_path, dns_alert("a.example"), *[padding] * 9)
    assert found["Event 22"].state is State.WRONG
