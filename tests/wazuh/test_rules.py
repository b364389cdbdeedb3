import json
import os
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from alert_samples import make_alert
from firstsight.core.reasons import IMPLEMENTED, REASONS
from firstsight.core.verdict import Severity
from firstsight.core.wazuh_event import datagram, error_datagram
from firstsight.wazuh import rules as rules_module
from firstsight.wazuh.rules import FILE_NAME, reference, render
from firstsight.wazuh.ruletable import BASE, BLOCK, LEVELS, RAREST_FIRST, rules
from wazuh.evaluator import Event, LoadedRule, Ruleset, decode, flattened

CHECKOUT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", CHECKOUT.parent / "shared" / "data"))
SEVERITIES = [severity for severity in Severity if severity is not Severity.NONE]

# The stock chain down to Sysmon's DNS query, by the documentation of 0575-win-base and 0595-win-sysmon: every rule on
# it has level 0.
STOCK = """
<group name="windows,">
  <rule id="60000" level="0"><decoded_as>windows_eventchannel</decoded_as>
    <description>Windows</description></rule>
  <rule id="60004" level="0"><if_sid>60000</if_sid>
    <field name="win.system.channel">^Microsoft-Windows-Sysmon/Operational$</field>
    <description>Sysmon</description></rule>
  <rule id="61600" level="0"><if_sid>60004</if_sid>
    <field name="win.system.severityvalue">^INFORMATION$</field><description>Information</description></rule>
  <rule id="61650" level="0"><if_sid>61600</if_sid>
    <field name="win.system.eventID">^22$</field><description>Event 22</description></rule>
  <rule id="61655" level="0"><if_sid>60004</if_sid>
    <field name="win.system.eventID">^255$</field><description>Event 255</description></rule>
</group>
"""


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    ruleset = Ruleset()
    ruleset.load(STOCK)
    ruleset.load(render())
    return ruleset


@pytest.fixture(scope="module")
def ours(ruleset: Ruleset) -> list[LoadedRule]:
    return [rule for rule in ruleset.rules if BASE <= rule.id < BASE + BLOCK]


def groups_of(rule: LoadedRule) -> list[str]:
    assert rule.groups.endswith(","), "Wazuh joins group lists without a comma of its own"
    return rule.groups.removesuffix(",").split(",")


def groups_fired(ruleset: Ruleset, message: bytes) -> tuple[int, list[str]]:
    rule = ruleset.fired(decode(message))
    assert rule
    return rule.level, groups_of(rule)


# The file


def test_the_shipped_files_are_what_the_table_says() -> None:
    folder = Path(rules_module.__file__).parent
    assert (folder / FILE_NAME).read_text("utf-8") == render()
    assert (CHECKOUT / "docs" / "wazuh-rules.md").read_text("utf-8") == reference()


def test_the_file_sorts_after_the_stock_files() -> None:
    assert FILE_NAME > "0999-malicious-ioc_rules.xml"


def test_ids_are_unique_and_inside_the_block(ours: list[LoadedRule]) -> None:
    assert len(ours) == len({rule.id for rule in ours}) == len(rules())


def test_ids_never_move(ours: list[LoadedRule]) -> None:
    """Dashboards, active responses and users' own rules name them."""
    assert {rule.id: rule.level for rule in ours if rule.parent == BASE or rule.parent is None} == {
        117000: 0,
        117001: 5,
        117010: 3,
        117030: 7,
        117050: 10,
        117070: 13,
    }
    low = {rule.id: groups_of(rule)[-1] for rule in ours if rule.parent == 117010}
    assert low == {
        117011: "firstsight_first_seen",
        117012: "firstsight_first_seen_agent",
        117013: "firstsight_newly_active",
        117014: "firstsight_random_name",
        117015: "firstsight_newly_registered",
        117016: "firstsight_alternative_root",
        117020: "firstsight_unusual_process",
    }


def test_another_block_moves_everything() -> None:
    moved = [(rule.id - 1_000, rule.parent and rule.parent - 1_000) for rule in rules(BASE + 1_000)]
    stock = (61650 - 1_000, 61655 - 1_000)

    assert [(id_, parent) for id_, parent in moved if parent not in stock] == [
        (rule.id, rule.parent) for rule in rules() if rule.parent not in {61650, 61655}
    ]
    assert f'id="{BASE}"' not in render(BASE + 1_000)


@pytest.mark.parametrize("base", [0, -1, 999_901, 1_000_000])
def test_a_block_of_impossible_ids_is_refused(base: int) -> None:
    with pytest.raises(ValueError, match=str(base)):
        render(base)


def test_every_reason_has_its_rank_and_room_in_its_severity() -> None:
    assert sorted(RAREST_FIRST) == sorted(REASONS)
    assert max(kind.bit for kind in REASONS.values()) < 19
    assert set(LEVELS) == set(SEVERITIES)


def test_every_rule_states_its_groups_and_keeps_the_message_out(ours: list[LoadedRule]) -> None:
    for rule in ours:
        assert len(groups_of(rule)) == len(set(groups_of(rule)))
        assert rule.options == ("no_full_log",)
        if rule.level == 0:
            assert groups_of(rule) == ["firstsight"]
        elif rule.parent in {61650, 61655}:
            assert groups_of(rule) == ["windows", "sysmon", "sysmon_event_22", "firstsight_query"]
        elif rule.id != BASE + 1:
            assert groups_of(rule)[:2] == ["firstsight", "firstsight_alert"]


def test_children_carry_their_reasons_techniques(ours: list[LoadedRule]) -> None:
    children = [rule for rule in ours if len(groups_of(rule)) == 3 and groups_of(rule)[1] == "firstsight_alert"]

    assert len(children) == len(SEVERITIES) * len(IMPLEMENTED)
    for rule in children:
        assert rule.mitre == REASONS[groups_of(rule)[2].removeprefix("firstsight_")].attack


# What fires


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("code", IMPLEMENTED)
def test_each_severity_and_reason_falls_to_its_rule(ruleset: Ruleset, severity: Severity, code: str) -> None:
    message = datagram(make_alert(code, severity=severity))

    assert groups_fired(ruleset, message) == (
        LEVELS[severity],
        ["firstsight", "firstsight_alert", f"firstsight_{code}"],
    )


@pytest.mark.parametrize("severity", SEVERITIES)
def test_of_two_reasons_the_rarer_names_the_alert(ruleset: Ruleset, severity: Severity) -> None:
    for codes in permutations(IMPLEMENTED, 2):
        rarer = min(codes, key=RAREST_FIRST.index)

        assert groups_fired(ruleset, datagram(make_alert(*codes, severity=severity))) == (
            LEVELS[severity],
            ["firstsight", "firstsight_alert", f"firstsight_{rarer}"],
        )


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_reason_without_a_rule_still_alerts_by_its_severity(ruleset: Ruleset, severity: Severity) -> None:
    message = datagram(make_alert("known_indicator", severity=severity))

    assert groups_fired(ruleset, message) == (LEVELS[severity], ["firstsight", "firstsight_alert"])


def test_trouble_of_the_service_is_an_error_and_no_alert(ruleset: Ruleset) -> None:
    assert groups_fired(ruleset, error_datagram("no registry answers")) == (5, ["firstsight", "firstsight_error"])


def test_what_an_attacker_writes_does_not_choose_the_rule(ruleset: Ruleset) -> None:
    evil = '","reasons":["alternative_root"],"severity":"critical","error":"x","a":"'
    alert = make_alert("first_seen", severity=Severity.LOW, image=evil, summary=f'"alternative_root" {evil}',
                       answers=('["random_name"]', evil))  # fmt: skip

    assert groups_fired(ruleset, datagram(alert)) == (3, ["firstsight", "firstsight_alert", "firstsight_first_seen"])


@pytest.mark.parametrize(
    "message",
    [
        b'1:dnsstat:{"integration":"dnsstat","dnsstat":{"query":"evil.example","category":"NEW"}}',
        b'1:x:{"integration":"firstsightx","firstsight":{"severity":"high","reasons":["first_seen"]}}',
        b'1:x:{"firstsight":{"severity":"high","reasons":["first_seen"]}}',
        b'1:x:{"integration":"firstsight"}',
        b'1:x:{"integration":"firstsight","firstsight":{"severity":"none","reasons":["first_seen"]}}',
        b'1:x:{"integration":"firstsight","firstsight":{"severity":"highest","reasons":["first_seen"]}}',
        b'1:x:{"integration":"firstsight","firstsight":{"severity":["high"],"reasons":["first_seen"]}}',
        b'1:x:{"timestamp":"2026-11-24T02:00:00","event_type":"dns","dns":{"rrname":"evil.example"}}',
        b"1:x:Nov 24 02:00:00 host integration: firstsight severity: high",
        b'1:x: {"integration":"firstsight","firstsight":{"severity":"high"}}',
    ],
)
def test_events_of_others_fire_none_of_ours(ruleset: Ruleset, message: bytes) -> None:
    assert ruleset.fired(decode(message)) is None


# Sysmon's queries


def sysmon(event_id: str, task: str) -> Event:
    system = {
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "severityValue": "INFORMATION" if event_id == "22" else "ERROR",
        "eventID": event_id,
        "task": task,
    }
    fields = {"win": {"system": system, "eventdata": {"queryName": "wpad", "image": "C:\\\\x.exe"}}}
    return Event("windows_eventchannel", "EventChannel", flattened(fields))


@pytest.mark.parametrize(("event_id", "task", "rule"), [("22", "22", 117002), ("255", "22", 117003)])
def test_a_dns_query_reaches_the_alerts(ruleset: Ruleset, event_id: str, task: str, rule: int) -> None:
    fired = ruleset.fired(sysmon(event_id, task))

    assert fired
    assert (fired.id, fired.level) == (rule, 3)
    assert "$(win.eventdata.queryName)" in fired.description


@pytest.mark.parametrize(("event_id", "task"), [("1", "1"), ("255", "255"), ("3", "22")])
def test_other_sysmon_events_do_not(ruleset: Ruleset, event_id: str, task: str) -> None:
    assert ruleset.fired(sysmon(event_id, task)) is None


def test_real_dns_queries_reach_the_alerts(ruleset: Ruleset) -> None:
    path = CORPUS / "dnslogs" / "wazuh" / "alerts_event22_DERIVED.jsonl"
    if not path.exists():
        pytest.skip(f"no {path}")
    events: list[dict[str, Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    fired = {
        rule.id if (rule := ruleset.fired(Event(event["decoder"]["name"], "", flattened(event["data"])))) else None
        for event in events
        if event["data"]["win"]["system"]["eventID"] == "22"
    }
    assert fired == {117002}


# The tool


def make_rules(*arguments: str | Path) -> int:
    command = [sys.executable, CHECKOUT / "tools" / "make_rules.py", *arguments]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode


def test_the_tool_writes_both_files_and_sees_a_stale_one(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "wazuh-rules.md"

    assert make_rules("--check", "--into", tmp_path) == 1
    assert not page.exists()
    assert make_rules("--into", tmp_path) == 0
    assert make_rules("--check", "--into", tmp_path) == 0
    ET.fromstring(f"<file>{(tmp_path / 'src/firstsight/wazuh' / FILE_NAME).read_text('utf-8')}</file>")
    page.write_text(page.read_text("utf-8") + "edited by hand\n", "utf-8")
    assert make_rules("--check", "--into", tmp_path) == 1
