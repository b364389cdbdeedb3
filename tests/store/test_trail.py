import sqlite3
from pathlib import Path

import pytest

from firstsight.core.deeds import LONGEST
from registers_of_tests import Registers, deed


def test_deeds_come_in_order_in_pages_and_from_a_time_on(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        for number in range(5):
            registers.trail.note(deed("login", f"number {number}", at=1000.0 + number))

        first = registers.trail.deeds(since=0, after=0, limit=2)
        then = registers.trail.deeds(since=0, after=first[-1][0], limit=10)
        assert [found.about for _, found in [*first, *then]] == [f"number {number}" for number in range(5)]
        assert [found.about for _, found in registers.trail.deeds(since=1003, after=0, limit=10)] == [
            "number 3",
            "number 4",
        ]
        assert first[0][1] == deed("login", "number 0", at=1000.0)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM deed",
        "UPDATE deed SET who = 'somebody else'",
        "INSERT OR REPLACE INTO deed VALUES (1, 0, 'login', '', '', '')",
    ],
)
def test_nothing_is_taken_away_or_changed(tmp_path: Path, statement: str) -> None:
    with Registers(tmp_path) as registers:
        registers.trail.note(deed("login", "kept"))
        with pytest.raises(sqlite3.IntegrityError, match="the trail is added to only"):
            registers.database.connection.execute(statement)

        assert registers.told() == ["login kept"]


def test_what_is_noted_is_bounded(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        registers.trail.note(deed("login_failed", "x" * 100_000))
        ((_, found),) = registers.trail.deeds(since=0, after=0, limit=10)
        assert found.about == "x" * LONGEST
