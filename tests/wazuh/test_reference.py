"""The page's matrix and its examples, by what the rules really do."""

import re
from pathlib import Path

import pytest

from firstsight.core.verdict import Severity
from firstsight.wazuh.outcomes import outcomes
from firstsight.wazuh.reference import reference
from firstsight.wazuh.rules import FILE_NAME, render
from wazuh.decoder import decode
from wazuh.evaluator import Ruleset
from wazuh.samples import SEVERITIES, alert, notice
from wazuh.stock import STOCK

PAGE = reference()
OVERWRITE, CHILDREN = re.findall(r"```xml\n(.*?)```", PAGE, re.DOTALL)


def ruleset(*own: str) -> Ruleset:
    loaded = Ruleset()
    for text in (STOCK, render(), *own):
        loaded.load(text)
    assert loaded.warnings == []
    return loaded


def fired(ruleset: Ruleset, *codes: str, severity: Severity) -> int | None:
    found = ruleset.fired(alert(*codes, severity=severity))
    return None if found is None else found.id


def test_the_shipped_page_is_current() -> None:
    shipped = Path(__file__).resolve().parents[2] / "docs" / "wazuh-rules.md"
    assert shipped.read_text("utf-8") == PAGE


def test_each_cell_of_the_matrix_is_where_the_alert_falls() -> None:
    matrix = PAGE.partition("## Which alert falls where")[2].partition("## ")[0]
    rows = [line.strip("|").split("|") for line in matrix.splitlines() if line.startswith("| `")]
    cells = {
        (frozenset(re.findall(r"`(\w+)`", row[0])), severity): int(cell)
        for row in rows
        for severity, cell in zip(SEVERITIES, row[1:], strict=True)
        if cell.strip()
    }
    without = {(codes, severity): frozenset(codes) - {"first_seen_agent"} for codes, severity in outcomes()}
    rules = ruleset()

    assert set(cells) == {(said, severity) for (_, severity), said in without.items()}
    for (codes, severity), said in without.items():
        assert fired(rules, *codes, severity=severity) == cells[said, severity]


def test_the_file_of_own_rules_is_loaded_after_ours() -> None:
    assert FILE_NAME < "local_rules.xml"


def test_the_example_gives_a_rule_another_level() -> None:
    rules = ruleset(OVERWRITE)
    before = ruleset().rules[117011]

    assert rules.rules[117011].level == 5
    assert (rules.rules[117011].group_list, rules.rules[117011].mitre) == (before.group_list, before.mitre)
    assert fired(rules, "first_seen", severity=Severity.LOW) == 117011


def test_the_example_lifts_one_computers_alerts() -> None:
    rules = ruleset(CHILDREN)
    message = (
        b'1:firstsight:{"integration":"firstsight","firstsight":{"severity":"high","computer":"%s","reasons":[%s]}}'
    )

    def on(computer: bytes, reasons: bytes) -> int | None:
        found = rules.fired(decode(message % (computer, reasons)))
        return None if found is None else found.id

    assert on(b"dc01.corp.example", b'"newly_registered"') == 100200
    assert on(b"dc01.corp.example", b'"newly_registered","unusual_process"') == 100200
    assert on(b"dc01.corp.example", b'"random_name"') == 117054
    assert on(b"ws01.corp.example", b'"newly_registered"') == 117055


def test_the_example_silences_a_domain_and_its_like_only() -> None:
    rules = ruleset(CHILDREN)
    message = b'1:firstsight:{"integration":"firstsight","firstsight":{"severity":"low","domain":"%s","reasons":[]}}'

    assert rules.fired(decode(message % b"partner.example")) is None
    assert rules.fired(decode(message % b"partnerxexample")) is not None
    assert rules.fired(decode(message % b"a.partner.example")) is not None


@pytest.mark.parametrize(
    ("location", "genuine"),
    [
        ("firstsight", True),
        ("[001] (WIN10) 10.0.0.5->firstsight", True),
        (r"[001] (WIN10) 10.0.0.5->active-response\active-responses.log", False),
        ("[001] (WIN10) 10.0.0.5->/var/log/firstsight.log", False),
        ("[001] (firstsight) 10.0.0.5->/var/log/x/firstsight", False),
    ],
)
def test_the_example_tells_forged_events_apart(location: str, genuine: bool) -> None:
    rules = ruleset(CHILDREN)
    fields = b'{"integration":"firstsight","firstsight":{"severity":"high","reasons":["first_seen"]}}'
    told = notice("digest", "once")

    assert (rules.fired(decode(b"1:" + location.encode() + b":" + fields)) is not None) is genuine
    assert (rules.fired(decode(f"1:{location}:{told.text}".encode())) is not None) is genuine
