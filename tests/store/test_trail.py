import re
import sqlite3
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import firstsight
from alert_samples import AT, FakeClock
from firstsight.core.deeds import EVERY_DEED, LONGEST, Deed, DeedFilter
from firstsight.core.privacy import Forgotten
from firstsight.ports import Doomed
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trail import SqliteTrail
from firstsight.store.views import SqliteViews
from registers_of_tests import Registers, deed

SOURCE = Path(firstsight.__file__).parent
WHATS = ["login", "reviewed"]
WHOSE = ["person:alice", "token:Alice", "local", ""]


def test_deeds_come_in_order_in_pages_and_from_a_time_on(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        for number in range(5):
            registers.trail.note(deed("login", f"number {number}", at=1000.0 + number))

        first = registers.trail.deeds(EVERY_DEED, after=0, limit=2)
        then = registers.trail.deeds(EVERY_DEED, after=first[-1][0], limit=10)
        assert [found.about for _, found in [*first, *then]] == [f"number {number}" for number in range(5)]
        assert [found.about for _, found in registers.trail.deeds(DeedFilter(since=1003), after=0, limit=10)] == [
            "number 3",
            "number 4",
        ]
        assert first[0][1] == deed("login", "number 0", at=1000.0)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM deed",
        "DELETE FROM deed WHERE seq = 1",
        "UPDATE OR IGNORE deed SET at = 0",
        "UPDATE deed SET seq = seq + 1",
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


def test_nothing_of_ours_tries_to() -> None:
    """No statement in the sources, migrations included, changes, removes or rebuilds the trail."""
    touching = re.compile(r"(?i)(update|replace|delete from|drop|alter|rename)\b[^;\"']{0,40}\bdeed")
    sources = [path for path in SOURCE.rglob("*") if path.suffix in {".py", ".sql"}]
    found = [hit for path in sources if path.name != "0008_people.sql" for hit in touching.findall(path.read_text())]

    assert len(sources) > 200
    assert touching.search("DELETE FROM deed")
    assert touching.search("DROP TRIGGER deed_stays")
    assert found == []


def test_erasing_and_ages_leave_it_alone(tmp_path: Path) -> None:
    """There is no retention of the trail: what it says stays as long as the store."""
    store = SqliteStore(tmp_path / "store.db", FakeClock())
    trail = SqliteTrail(store.database)
    trail.note(deed("forgot", "agent WIN10", at=0.0))
    for doomed in (Doomed(AT, AT, AT, AT), Doomed(forgotten=Forgotten("", "WIN10"))):
        list(store.erase(doomed))

    assert trail.deeds(EVERY_DEED, after=0, limit=9) == [(1, deed("forgot", "agent WIN10", at=0.0))]
    store.close()


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(WHATS), st.sampled_from(WHOSE), st.integers(0, 9)), max_size=20),
    st.builds(
        DeedFilter,
        what=st.sampled_from(["", *WHATS]),
        who=st.sampled_from(["", "ALICE", "token:", "%", "bob"]),
        since=st.sampled_from([0.0, 3.0]),
        until=st.sampled_from([inf, 7.0]),
    ),
    st.integers(1, 4),
)
def test_a_filter_picks_the_same_from_both_ends(
    noted: list[tuple[str, str, int]], wanted: DeedFilter, limit: int
) -> None:
    with TemporaryDirectory() as folder, Registers(Path(folder)) as registers:
        for what, who, at in noted:
            registers.trail.note(Deed(what, who, float(at)))
        views = SqliteViews(registers.database.path)
        rising: list[tuple[int, Deed]] = []
        after = 0
        while page := registers.trail.deeds(wanted, after=after, limit=limit):
            assert views.deeds(wanted, after=after, limit=limit) == page
            rising, after = rising + page, page[-1][0]
        falling: list[tuple[int, Deed]] = []
        before = 1000
        while page := views.newest_deeds(wanted, before=before, limit=limit):
            falling, before = falling + page, page[-1][0]

    assert rising == falling[::-1]
    assert [number for number, _ in rising] == [
        number
        for number, (what, who, at) in enumerate(noted, 1)
        if wanted.what in {"", what} and wanted.who.lower() in who.lower() and wanted.since <= at < wanted.until
    ]


def test_what_is_noted_is_bounded(tmp_path: Path) -> None:
    with Registers(tmp_path) as registers:
        registers.trail.note(deed("login_failed", "x" * 100_000))
        ((_, found),) = registers.trail.deeds(EVERY_DEED, after=0, limit=10)
        assert found.about == "x" * LONGEST
