"""A check finds what is wrong, of pages and of rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dns_events import WIN11, make_event
from firstsight.core.errors import StoreError
from firstsight.core.events import Status
from firstsight.store.checking import check
from pipeline import Pipeline
from registers_of_tests import Registers, deed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(make_event("www.harbour.com", record=1), make_event("harbour.com", agent=WIN11))
    pipeline.see(make_event("in-vain.com", status=Status.NXDOMAIN))
    pipeline.after(10)
    pipeline.close()
    return tmp_path / "store.db"


def test_a_store_that_is_whole(path: Path) -> None:
    found = check(path)

    assert found.faults == []
    assert (found.rows["domain"], found.rows["sighting"], found.rows["host"]) == (2, 2, 1)


def test_it_may_be_in_use(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(*(make_event(f"www.harbour-{number}.com") for number in range(500)))
    assert check(tmp_path / "store.db").faults == [], "counts in memory are missed by nobody"
    pipeline.store.secure()  # and now many lie in `carry`
    assert check(tmp_path / "store.db").faults == []
    pipeline.close()
    assert check(tmp_path / "store.db").faults == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DELETE FROM domain WHERE name = 'harbour.com'", "2 rows of table sighting name a row of table domain that"),
        ("DELETE FROM agent", "rows of table sighting name a row of table agent that is not there"),
        ("DELETE FROM process", "1 rows of table domain name a row of table process that is not there"),
        ("DELETE FROM account", "1 rows of table domain name a row of table account that is not there"),
        ("INSERT INTO outbox (sink, alert) VALUES ('a', 99)", "1 rows of table outbox name a row of table alert"),
        ("UPDATE domain SET agents = 3 WHERE agents = 2", "1 domains have another number of agents than of sightings"),
        ("UPDATE unresolved SET agents = 9", "1 unresolved names have another number of agents"),
        ("UPDATE domain SET last = first - 1 WHERE count > 0", "1 domains were last seen before"),
        ("UPDATE domain SET id = 1", "1 domains share their number"),
        ("UPDATE alert SET body = CAST('{}' AS BLOB)", "rows of table alert can't be read"),
    ],
)
def test_rows_that_contradict_each_other(path: Path, change: str, fault: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)

    assert [told for told in check(path).faults if fault in told], check(path).faults


@pytest.mark.parametrize("gone", [1, 3], ids=["the first", "the last"])
def test_who_takes_entries_from_the_trail_is_found_out(tmp_path: Path, gone: int) -> None:
    """The triggers had to go for that; who puts them back has still left a gap in the numbers."""
    with Registers(tmp_path) as registers:
        for about in "abc":
            registers.trail.note(deed("login", about))
    path = tmp_path / "store.db"
    assert check(path).faults == []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (trigger,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'deed_stays'").fetchone()
        connection.execute("DROP TRIGGER deed_stays")
        assert check(path).faults == ["1 triggers that keep the trail's entries are missing"]
        connection.execute("DELETE FROM deed WHERE seq = ?", (gone,))
        connection.execute(trigger)
    (fault,) = check(path).faults
    assert fault.startswith("1 entries of the trail are missing")


def test_a_damaged_page(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-4096] + bytes(4096))

    found = check(path)
    assert found.faults
    assert found.rows == {}, "what a damaged store says is not believed"


def test_what_is_not_ours(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="not one of firstsight"):
        check(tmp_path / "other.db")


def test_a_newer_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as later:
        later.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="schema 999"):
        check(path)


def test_one_of_an_older_schema_is_looked_over_as_far_as_it_is_known(path: Path) -> None:
    with closing(sqlite3.connect(path)) as earlier:
        earlier.execute("PRAGMA user_version = 1")
    assert check(path).faults == []
