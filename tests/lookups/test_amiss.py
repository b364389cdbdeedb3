from collections.abc import Sequence
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT
from firstsight.core.facts import Absent, Fact, Registration, Unavailable
from firstsight.lookups.amiss import registries_amiss
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.polite import Limits
from firstsight.lookups.shelves import registrations
from firstsight.lookups.turns import Turns
from firstsight.store.sqlite import SqliteStore

OUT, NO = Unavailable("timeout", AT + 60), Unavailable("no_server")


class Scripted:
    """ports.Registry: gives these facts, one after the other."""

    def __init__(self, facts: Sequence[Fact[Registration]]) -> None:
        self._facts = list(facts)

    def server(self, _: str) -> str:
        return "rdap.test"

    def servers(self, _: str) -> list[str]:
        return ["rdap.test"]

    async def ask(self, _: str) -> Fact[Registration]:
        return self._facts.pop(0)

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("facts", "refusals", "expected"),
    [
        ([OUT] * 4, 0, None),
        ([OUT] * 5, 0, "The last questions to registries failed (timeout)"),
        ([OUT] * 5 + [Absent(AT)], 0, None),
        ([OUT] * 4 + [NO] + [OUT] * 4, 0, None),
        ([], 4, None),
        ([], 5, "refuse our questions again and again (rdap.test)"),
    ],
)
async def test_what_is_amiss(
    tmp_path: Path, facts: list[Fact[Registration]], refusals: int, expected: str | None
) -> None:
    clock = FakeClock(AT)
    store = SqliteStore(tmp_path / "store.db", clock)
    limits, registry = Limits(clock, 1000, 1000), Scripted(facts)
    turns = Turns(store, registry, limits, clock)
    fresh = Fresh(store, registrations(store), registry, turns, limits, clock, lambda *_: None)
    for number in range(len(facts)):
        await fresh.ask(f"d{number}.com", 5)
    for _ in range(refusals):
        limits.refused("rdap.test", "1")
        clock.at += 2
    said = registries_amiss(fresh)
    store.close()

    assert said is None if expected is None else expected in str(said)
