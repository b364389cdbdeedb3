from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY
from firstsight.core.facts import Absent, Fact, Intel, Threat, Unavailable
from firstsight.lookups.shelves import fresh_until, intelligence, registration_stands
from firstsight.store.sqlite import SqliteStore
from pipeline import bad, registered

HOUR = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    yield store
    store.close()


def test_how_long_a_registration_stands() -> None:
    assert registration_stands(registered(40), AT, AT) == AT + 30 * DAY
    assert registration_stands(registered(3), AT, AT) <= AT + 27 * DAY, "until it is no longer a new one"
    assert registration_stands(Absent(AT), AT, AT) == AT + 6 * HOUR
    assert registration_stands(Absent(AT), AT, AT - 6 * HOUR) == AT + DAY


def test_how_long_intelligence_stands(store: SqliteStore) -> None:
    shelf = intelligence(store, known=3 * HOUR, absent=2 * HOUR)

    assert shelf.stands(bad(), AT, AT) == AT + 3 * HOUR
    assert shelf.stands(Absent(AT), AT, AT) == AT + 2 * HOUR


@pytest.mark.parametrize(
    ("fact", "tries", "seconds"),
    [
        (Unavailable("timeout", AT + 5), 0, 60),
        (Unavailable("timeout", AT + 5), 3, 480),
        (Unavailable("timeout", AT + 5), 30, 6 * HOUR),
        (Unavailable("rate_limited", AT + 7000), 0, 7000),
        (Unavailable("bad_name"), 0, DAY),
    ],
)
def test_how_long_it_stands_that_nobody_could_say(fact: Unavailable, tries: int, seconds: float) -> None:
    assert fresh_until(fact, AT, tries, AT, registration_stands) == AT + seconds


@pytest.mark.parametrize(
    ("fact", "outlives"),
    [
        (bad(Threat.MEDIUM), True),
        (bad(Threat.LOW), False),
        (bad(Threat.NONE), False),
        (Absent(AT), False),
        (Unavailable("x"), False),
    ],
)
def test_what_outlives_a_dead_server(store: SqliteStore, fact: Fact[Intel], outlives: bool) -> None:
    assert intelligence(store).outlives(fact) is outlives
