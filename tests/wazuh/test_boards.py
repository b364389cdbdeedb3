"""What the boards ask for is what events carry: a field that no event has is a panel that stays empty."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from alert_samples import AT, make_alert
from firstsight.core import dnsstat_event, wazuh_event
from firstsight.core.dnsstat import Dialect
from firstsight.core.notices import NoticeState, make_notice
from firstsight.core.reasons import IMPLEMENTED
from firstsight.core.verdict import Severity
from firstsight.wazuh.boards import BOARDS, DNSSTAT, FIRSTSIGHT, Board, Shape
from firstsight.wazuh.savedobjects import COLUMNS

WAZUH_OWN = {"agent.name"}
"""In every alert, whatever its event holds; keyword in Wazuh's template."""

TROUBLE = make_notice("source_silent", NoticeState.BEGAN, "alerts.json", "No event.", at=AT, since=AT - 60)


def indexed(message: bytes | None) -> dict[str, Any]:
    """An event's fields as the index has them: `data.` and the path of its JSON."""
    assert message is not None
    found: dict[str, Any] = {}

    def collect(value: dict[str, Any], path: str) -> None:
        for key, inner in value.items():
            if isinstance(inner, dict):
                collect(inner, f"{path}.{key}")
            else:
                found[f"{path}.{key}"] = inner

    collect(json.loads(message[message.index(b":{") + 1 :]), "data")
    return found


def events(board: Board) -> Iterator[dict[str, Any]]:
    """Events of all kinds that a board is about."""
    alert = make_alert(*IMPLEMENTED, score=0.97)
    if board is FIRSTSIGHT:
        yield indexed(wazuh_event.datagram(alert))
        yield indexed(wazuh_event.datagram(TROUBLE))
    else:
        yield indexed(dnsstat_event.datagram(alert, dialect=Dialect()))
        yield indexed(dnsstat_event.datagram(TROUBLE, dialect=Dialect()))


def conditions(board: Board) -> Iterator[tuple[str, str]]:
    """Field and value of every term of the board's conditions; `(a or b)` gives two."""
    for only in (board.only, *(panel.only for panel in board.panels if panel.only)):
        name, _, wanted = only.partition(": ")
        for value in wanted.strip("()").split(" or "):
            yield name, value.strip('"')


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_each_field_is_in_some_event_and_a_keyword(board: Board) -> None:
    carried: dict[str, Any] = {}
    for event in events(board):
        carried |= event
    asked = {part.field for panel in board.panels for part in panel.parts}
    asked |= {panel.distinct for panel in board.panels if panel.distinct} | {name for name, _ in conditions(board)}

    assert asked - WAZUH_OWN - set(carried) == set()
    for name in asked - WAZUH_OWN:
        values = carried[name] if isinstance(carried[name], list) else [carried[name]]
        assert all(isinstance(value, str) for value in values), f"{name} is no keyword: it can't be counted by value"


def test_conditions_name_values_that_occur() -> None:
    vocabulary = {
        "data.integration": {"firstsight", "dnsstat"},
        "data.firstsight.severity": set(map(str, Severity)),
        "data.firstsight.reasons": set(IMPLEMENTED),
        "data.dnsstat.alerts": {"YOUR-FIRST-CONTACT"},
        "data.dnsstat.category": {"NEW"},
    }
    for board in BOARDS.values():
        for name, value in conditions(board):
            assert value == "*" or value in vocabulary[name], f"{name}: {value}"


def test_the_pictures_of_the_original_are_there() -> None:
    """Categories and events per agent, alerts by type, queried host name and alert type: on either kind of events."""
    pictures = {(panel.shape, tuple(part.field for part in panel.parts)) for panel in DNSSTAT.panels}
    assert {
        (Shape.BARS, ("agent.name", "data.dnsstat.category")),
        (Shape.PIE, ("data.dnsstat.alerts",)),
        (Shape.TABLE, ("data.dnsstat.query", "data.dnsstat.alerts")),
    } <= pictures
    pictures = {(panel.shape, tuple(part.field for part in panel.parts)) for panel in FIRSTSIGHT.panels}
    assert {
        (Shape.BARS, ("agent.name", "data.firstsight.severity")),
        (Shape.PIE, ("data.firstsight.reasons",)),
        (Shape.TABLE, ("data.firstsight.query", "data.firstsight.reasons")),
    } <= pictures


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_panels_have_keys_of_their_own_and_fit(board: Board) -> None:
    keys = [panel.key for panel in board.panels]
    assert len(set(keys)) == len(keys)
    assert all(0 < panel.width <= COLUMNS for panel in board.panels)
