import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from alert_samples import make_alert
from firstsight.core.notices import NOTICES
from firstsight.core.policy import severity_of
from firstsight.core.reasons import REASONS
from firstsight.core.verdict import Reason, Severity
from firstsight.core.wazuh_event import datagram
from firstsight.settings import Settings
from firstsight.wazuh import rules as rules_module
from firstsight.wazuh.outcomes import outcomes
from firstsight.wazuh.rules import FILE_NAME, render
from firstsight.wazuh.ruletable import (
    BASE,
    BLOCK,
    COMBINATIONS,
    LEVELS,
    NOTICE_NUMBERS,
    STRONGEST_FIRST,
    TRIED,
    filed,
    rules,
)
from wazuh.decoder import Event, decode, flattened
from wazuh.evaluator import LoadedRule, Ruleset
from wazuh.samples import EVERY_RULE, SEVERITIES, Sample, alert, notice, samples, sysmon, wire
from wazuh.stock import DOMAIN_STATS, OPENCTI, SOCFORTRESS, STOCK

CHECKOUT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", CHECKOUT.parent / "shared" / "data"))
ALL = tuple(REASONS)
ENDPOINTS = set(range(BASE + 22, BASE + 26))
"""Rules of what endpoints write."""


def loaded(*files: str) -> Ruleset:
    ruleset = Ruleset()
    for text in files:
        ruleset.load(text)
    return ruleset


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    """As it is installed."""
    return loaded(STOCK, render())


@pytest.fixture(scope="module")
def whole() -> Ruleset:
    """As it will be when every reason occurs."""
    return loaded(STOCK, render(reasons=ALL))


def ours(ruleset: Ruleset) -> list[LoadedRule]:
    return [rule for id_, rule in ruleset.rules.items() if BASE <= id_ < BASE + BLOCK]


def named(rule: LoadedRule) -> set[str]:
    """The reasons that a rule names."""
    return {name.removeprefix("firstsight_") for name in rule.group_list} & set(REASONS)


# The file


def test_the_shipped_file_is_what_the_table_says() -> None:
    assert (Path(rules_module.__file__).parent / FILE_NAME).read_text("utf-8") == render()


def test_the_file_sorts_after_the_stock_files() -> None:
    assert FILE_NAME > "0999-malicious-ioc_rules.xml"


def test_wazuh_takes_every_rule(ruleset: Ruleset, whole: Ruleset) -> None:
    assert ruleset.warnings == whole.warnings == []
    assert [rule.id for rule in ours(ruleset)] == [rule.id for rule in rules()]
    assert len(ours(whole)) == len({rule.id for rule in EVERY_RULE}) == len(EVERY_RULE)


def test_a_parent_of_every_rule_stands_above_it() -> None:
    above = {61650, 61655, None}
    for rule in EVERY_RULE:
        assert rule.parent in above
        above.add(rule.id)


def test_every_rule_states_its_groups_and_keeps_the_message_out(whole: Ruleset) -> None:
    for rule in ours(whole):
        groups = rule.group_list
        assert rule.groups.endswith(","), "Wazuh joins group lists without a comma of its own"
        assert len(groups) == len(set(groups))
        assert rule.options == ("no_full_log",)
        if rule.level == 0:
            assert groups == ["firstsight"]
        elif rule.id in ENDPOINTS:
            assert groups[:2] == ["firstsight", "firstsight_otx"]
            assert not {"firstsight_alert", "firstsight_error"} & set(groups), "no verdict of the service"
        elif rule.parents[0] in {61650, 61655}:
            assert groups == ["windows", "sysmon", "sysmon_event_22", "firstsight_query"]
        else:
            assert groups[0] == "firstsight"
            assert {"firstsight_alert", "firstsight_error", "firstsight_notice"} & set(groups) in (
                {"firstsight_alert"},
                {"firstsight_error"},
                {"firstsight_notice"},
                {"firstsight_error", "firstsight_notice"},
            )


def test_every_alert_reaches_alerts_json_and_says_what_happened(whole: Ruleset) -> None:
    for rule in ours(whole):
        assert rule.level == 0 or rule.level >= 3
        if rule.id in ENDPOINTS - {BASE + 25}:
            assert rule.description == "firstsight: $(firstsight_otx.summary)"
        elif rule.level and rule.id not in {BASE + 1, BASE + 2, BASE + 3, BASE + 25}:
            assert rule.description == "firstsight: $(firstsight.summary)"


def test_rules_carry_the_techniques_of_all_their_reasons(whole: Ruleset) -> None:
    for rule in ours(whole):
        found = {"known_indicator"} if rule.id in ENDPOINTS - {BASE + 24} else set()
        wanted = {technique for code in named(rule) | found for technique in REASONS[code].attack}
        assert set(rule.mitre) == wanted
        assert len(rule.mitre) == len(wanted)


# Ids


def test_ids_never_move(whole: Ruleset) -> None:
    """Dashboards, active responses and users' own rules name them: this list only grows."""
    singles = (
        "first_seen", "first_seen_agent", "newly_active", "random_name", "newly_registered",
        "alternative_root", "re_registered", "nx_burst", "known_indicator", "unusual_process",
    )  # fmt: skip
    pairs = {
        41: "first_seen unusual_process",
        61: "first_seen unusual_process",
        62: "known_indicator first_seen",
        63: "newly_registered re_registered",
        64: "newly_registered random_name",
        65: "newly_registered unusual_process",
        66: "newly_registered first_seen",
        67: "random_name first_seen",
        68: "nx_burst random_name",
        69: "alternative_root random_name",
        81: "known_indicator unusual_process",
        82: "known_indicator first_seen",
        83: "known_indicator newly_registered",
        84: "known_indicator random_name",
        85: "newly_registered unusual_process",
        86: "random_name unusual_process",
    }
    expected = {number: set(codes.split()) for number, codes in pairs.items()}
    for first in (10, 30, 50, 70):
        expected |= {first: set()} | {first + place: {code} for place, code in enumerate(singles, start=1)}

    assert {rule.id - BASE: named(rule) for rule in ours(whole) if "firstsight_alert" in rule.groups} == expected


def test_levels_are_those_of_the_severities(whole: Ruleset) -> None:
    levels = {rule.id: rule.level for rule in ours(whole)}

    assert {id_: levels[id_] for id_ in (117000, 117001, 117002, 117003, 117010, 117030, 117050, 117070)} == {
        117000: 0,
        117001: 5,
        117002: 3,
        117003: 3,
        117010: 3,
        117030: 7,
        117050: 10,
        117070: 13,
    }
    for rule in ours(whole):
        if named(rule):
            assert rule.level == levels[rule.parents[0]]


def test_every_kind_of_notice_has_a_number_of_its_own() -> None:
    assert set(NOTICES) <= set(NOTICE_NUMBERS)
    assert len(set(NOTICE_NUMBERS.values())) == len(NOTICE_NUMBERS)


def test_another_block_moves_everything() -> None:
    moved = [(rule.id - 1_000, rule.parent and rule.parent - 1_000) for rule in rules(BASE + 1_000)]
    stock = (61650 - 1_000, 61655 - 1_000)

    assert [(id_, parent) for id_, parent in moved if parent not in stock] == [
        (rule.id, rule.parent) for rule in rules() if rule.parent not in {61650, 61655}
    ]
    assert f'id="{BASE}"' not in render(BASE + 1_000)


@pytest.mark.parametrize("base", [-1, 0, 99_999, 999_901, 1_000_000])
def test_a_block_of_impossible_ids_is_refused(base: int) -> None:
    with pytest.raises(ValueError, match=str(base)):
        render(base)


def test_the_settings_begin_with_the_tables_block() -> None:
    assert Settings().wazuh.rule_base == BASE


# The order


def test_reasons_are_ordered_by_the_gravest_they_may_be_alone() -> None:
    gravest = {code: kind.alone.rank for code, kind in REASONS.items()} | {"newly_registered": Severity.HIGH.rank}

    assert sorted(STRONGEST_FIRST) == sorted(REASONS)
    assert [gravest[code] for code in STRONGEST_FIRST] == sorted(gravest.values(), reverse=True)
    assert tuple(LEVELS) == tuple(reversed(SEVERITIES))


def test_combinations_name_the_strongest_first_and_stand_above_their_parts() -> None:
    for together in COMBINATIONS:
        assert [STRONGEST_FIRST.index(code) for code in together] == sorted(map(STRONGEST_FIRST.index, together))
        assert all(TRIED.index(together) < TRIED.index((code,)) for code in together)
    assert len(TRIED) == len(COMBINATIONS) + len(REASONS)


def every_set() -> Iterator[tuple[str, ...]]:
    for size in range(1, len(REASONS) + 1):
        yield from combinations(STRONGEST_FIRST, size)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_no_set_of_reasons_falls_to_a_rule_that_hides_a_stronger_one(whole: Ruleset, severity: Severity) -> None:
    """All subsets of the vocabulary: the strongest is named, and of the rules that name it, one that names the most."""
    candidates = [rule for rule in ours(whole) if rule.level == LEVELS[severity] and named(rule)]
    for codes in every_set():
        winner = whole.fired(wire(severity=severity, reasons=codes, summary="s"))
        assert winner
        assert codes[0] in named(winner) <= set(codes)
        rivals = [named(rule) for rule in candidates if codes[0] in named(rule) <= set(codes)]
        assert len(named(winner)) == max(map(len, rivals))
        assert winner.id == filed(EVERY_RULE, codes, severity).id


def foreseen() -> Iterator[tuple[tuple[str, ...], Severity]]:
    """Every set that can occur, and with which severity, once all reasons do.

    A domain that is first seen can't have been known before; a root beside the public DNS has no registry, and such a
    name is no first sight; a program is unusual only for a domain that is first seen or young; a burst is judged at a
    name that doesn't exist, and so is no sighting.
    """
    known_before = {"first_seen_agent", "newly_active", "re_registered"}
    excluded = {
        "first_seen": known_before | {"alternative_root", "nx_burst"},
        "alternative_root": {"newly_registered", "re_registered", "newly_active", "unusual_process"},
        "nx_burst": known_before | {"newly_registered", "alternative_root", "unusual_process"},
    }
    for codes in every_set():
        if any(code in codes and others & set(codes) for code, others in excluded.items()):
            continue
        if "unusual_process" in codes and not {"first_seen", "newly_registered"} & set(codes):
            continue
        for young, weak, words in product((Severity.MEDIUM, Severity.HIGH), (False, True), (False, True)):
            alone = {code: REASONS[code].alone for code in codes} | {"newly_registered": young}
            reasons = tuple(Reason(code, alone[code], "", (), {}) for code in codes)
            severity = severity_of(reasons, weak=weak, word_made=words)
            if severity is not Severity.NONE:
                yield codes, severity


def test_what_occurs_today_was_foreseen() -> None:
    known = {(frozenset(codes), severity) for codes, severity in foreseen()}

    assert {(frozenset(codes), severity) for codes, severity in outcomes()} <= known


def test_no_rule_names_more_of_what_can_occur(whole: Ruleset) -> None:
    """Of all rules that match, whatever they name, none says more than the one that fires; and no pair is idle."""
    fired = set()
    for codes, severity in set(foreseen()):
        winner = whole.fired(wire(severity=severity, reasons=codes, summary="s"))
        assert winner
        fired.add(winner.id)
        matching = [named(rule) for rule in ours(whole) if rule.level == winner.level and named(rule) <= set(codes)]
        assert len(named(winner)) == max(map(len, matching)), (codes, severity, winner.id)
    assert [rule.id for rule in ours(whole) if len(named(rule)) > 1 and rule.id not in fired] == []


def test_what_an_alert_carries_today_falls_to_a_rule_of_its_strongest_reason(ruleset: Ruleset) -> None:
    for codes, severity in outcomes():
        winner = ruleset.fired(alert(*codes, severity=severity))
        assert winner
        assert winner.level == LEVELS[severity]
        assert min(codes, key=STRONGEST_FIRST.index) in named(winner) <= set(codes)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_reason_of_a_newer_service_still_alerts_by_its_severity(ruleset: Ruleset, severity: Severity) -> None:
    code = "reason_to_come"
    fired = ruleset.fired(alert(code, severity=severity))

    assert fired
    assert (fired.level, fired.group_list) == (LEVELS[severity], ["firstsight", "firstsight_alert"])


# Every sample against every rule

SAMPLES = list(samples())


def test_each_rule_has_its_sample() -> None:
    never_the_end = {BASE + 4}  # its children take everything
    assert sorted(sample.rule for sample in SAMPLES) == sorted({rule.id for rule in EVERY_RULE} - never_the_end)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.rule))
def test_each_sample_ends_at_its_rule_and_near_misses_do_not(whole: Ruleset, sample: Sample) -> None:
    assert whole.path(sample.event)[-1].id == sample.rule
    for miss in sample.misses:
        assert [rule.id for rule in whole.path(miss)[-1:]] != [sample.rule]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.rule))
def test_each_sample_matches_no_rule_but_what_its_own_stands_above(whole: Ruleset, sample: Sample) -> None:
    """Every sample against every rule: beside the rule it ends at, there are its parents and its parts; and, shielded
    by the notices' level 0, what takes any error and any notice.
    """
    path = {rule.id for rule in whole.path(sample.event)}
    winner = whole.rules[sample.rule]
    parts = {rule.id for rule in ours(whole) if rule.level == winner.level and named(rule) < named(winner)}
    shielded = {BASE + 1, BASE + 7} if BASE + 4 in path else set()
    stock = {1002, 1010, 2501}  # they search any text

    assert whole.matching(sample.event) - stock <= path | parts | shielded


@pytest.mark.parametrize("others", [(DOMAIN_STATS, SOCFORTRESS, OPENCTI), ()], ids=["before", "after"])
def test_rules_of_others_take_no_alert_of_ours(others: tuple[str, ...]) -> None:
    after = () if others else (DOMAIN_STATS, SOCFORTRESS, OPENCTI)
    ruleset = loaded(STOCK, *others, render(reasons=ALL), *after)

    for sample in SAMPLES:
        if sample.rule not in {BASE + 2, BASE + 3}:
            assert ruleset.path(sample.event)[-1].id == sample.rule


# Traps


def test_text_that_stock_rules_look_for_does_not_take_an_alert(ruleset: Ruleset) -> None:
    trap = "authentication failure; segfault at 0; error: denied"
    fired = ruleset.fired(decode(datagram(make_alert("first_seen", severity=Severity.LOW, summary=trap, image=trap))))

    assert fired
    assert fired.id == 117011


def test_what_an_attacker_writes_does_not_choose_the_rule(ruleset: Ruleset) -> None:
    evil = '","reasons":["alternative_root"],"severity":"critical","notice":"digest","error":"x","a":"'
    alert = make_alert("first_seen", severity=Severity.LOW, image=evil, summary=f'"alternative_root" {evil}',
                       answers=('["random_name"]', evil))  # fmt: skip
    fired = ruleset.fired(decode(datagram(alert)))

    assert fired
    assert fired.id == 117011


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


# Notices


@pytest.mark.parametrize("code", NOTICES)
def test_a_notice_has_its_level_and_its_end_is_information(ruleset: Ruleset, code: str) -> None:
    kind = NOTICES[code]
    state = "began" if kind.two_sided else "once"
    began = ruleset.fired(notice(code, state, **({"error": "a sentence"} if kind.two_sided else {})))
    over = ruleset.fired(notice(code, "over"))

    assert began
    assert over
    assert (began.level, began.id) == (kind.level, BASE + NOTICE_NUMBERS[code])
    assert began.group_list == ["firstsight", *(["firstsight_error"] if kind.two_sided else []), "firstsight_notice"]
    if kind.two_sided:
        assert (over.level, over.group_list) == (3, ["firstsight", "firstsight_notice"])


# Sysmon's queries


@pytest.mark.parametrize(("event_id", "task", "rule"), [("22", "22", 117002), ("255", "22", 117003)])
def test_a_dns_query_reaches_the_alerts(ruleset: Ruleset, event_id: str, task: str, rule: int) -> None:
    fired = ruleset.fired(sysmon(event_id, task))

    assert fired
    assert (fired.id, fired.level) == (rule, 3)
    assert "$(win.eventdata.queryName)" in fired.description


@pytest.mark.parametrize(("event_id", "task"), [("1", "1"), ("255", "255"), ("3", "22")])
def test_other_sysmon_events_do_not(ruleset: Ruleset, event_id: str, task: str) -> None:
    assert ruleset.fired(sysmon(event_id, task)) is None


@pytest.mark.parametrize("other", [SOCFORTRESS, OPENCTI])
def test_a_dns_query_reaches_the_alerts_beside_the_rules_of_others(other: str) -> None:
    for files in ((STOCK, other, render()), (STOCK, render(), other)):
        fired = loaded(*files).fired(sysmon("22", "22"))
        assert fired
        assert fired.level >= 3
        assert "sysmon_event_22" in fired.group_list


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
