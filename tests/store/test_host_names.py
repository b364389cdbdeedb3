"""Host names under a domain are kept and counted once, whatever memory holds and wherever the process dies."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from alert_samples import FakeClock
from dns_events import AT, make_batch, make_event, parse_all
from firstsight.core.errors import StoreError
from firstsight.core.front import Fronts
from firstsight.ports import Changes, News
from firstsight.store import hosts
from firstsight.store.sqlite import SqliteStore


class Site:
    """A store that may be closed without a word, and opened again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self.store = SqliteStore(path, FakeClock(AT), flush_keys=3, flush_part=1)

    def open(self, *, crash: bool = False, fronts: Fronts | None = None) -> None:
        (self.store.database if crash else self.store).close()
        self.store = SqliteStore(self._path, FakeClock(AT), fronts=fronts, flush_keys=3, flush_part=1)

    def ask(self, *names: str, alerted: bool = False) -> None:
        """`alerted`: each of them is told of, in the transaction of its news."""

        def decide(_: float, news: list[News]) -> Changes:
            told = [(item.name.registrable, item.name.fqdn) for item in news] if alerted else []
            return Changes(hosts=told)

        self._position += 1
        batch = make_batch([make_event(name) for name in names], str(self._position))
        self.store.take(batch, parse_all, decide)

    def counted(self, domain: str) -> tuple[int, list[str]]:
        """How many host names the domain's row tells of, and those that have a row."""
        self.store.flush()
        run = self.store.database.connection.execute
        number, counted = run("SELECT id, hosts FROM domain WHERE name = ?", (domain,)).fetchone()
        rows = run("SELECT prefix FROM host WHERE domain = ? ORDER BY prefix", (number,)).fetchall()
        return counted, [prefix for (prefix,) in rows]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "store.db")
    yield site
    site.store.close()


def test_what_is_stored_is_not_counted_again(site: Site) -> None:
    site.ask("www.a.com", "a.com", "mail.b.com")
    site.open()
    site.ask("www.a.com", "ftp.a.com", "ftp.a.com", "mail.b.com")
    assert site.counted("a.com") == (2, ["ftp", "www"])
    assert site.counted("b.com") == (1, ["mail"])


def test_what_memory_let_go_of_before_it_had_a_row_is_not_counted_again(site: Site) -> None:
    site.open(fronts=Fronts(1, 1, 1))
    for _ in range(3):
        for name in ("www.a.com", "ftp.a.com", "www.b.com", "www.c.com"):
            site.ask(name)
        site.store.step(AT)  # lays down, or moves one part: some wait, some are on their way, some have their rows
    assert site.counted("a.com") == (2, ["ftp", "www"])
    assert site.counted("b.com") == (1, ["www"])


@pytest.mark.parametrize("steps", range(8))
def test_a_crash_on_the_way_to_the_rows_counts_nothing_twice(site: Site, steps: int) -> None:
    site.ask("www.a.com")
    site.store.flush()
    site.ask("ftp.a.com", "www.b.com", "x.c.com")
    for _ in range(steps):
        site.store.step(AT)
    site.open(crash=True)
    site.ask("ftp.a.com", "www.b.com", "x.c.com")  # not read again if they were laid down: then they come once more
    assert site.counted("a.com") == (2, ["ftp", "www"])
    assert site.counted("b.com") == (1, ["www"])
    assert site.counted("c.com") == (1, ["x"])


@pytest.mark.parametrize("crash", [False, True])
def test_the_host_name_of_an_alert_counts_once(site: Site, *, crash: bool) -> None:
    site.ask("www.a.com", alerted=True)
    site.open(crash=crash)
    site.ask("www.a.com", "ftp.a.com")
    assert site.counted("a.com") == (2, ["ftp", "www"])


def test_host_names_are_found_by_their_domain_s_key(site: Site) -> None:
    plan = site.store.database.connection.execute(f"EXPLAIN QUERY PLAN {hosts._OF_DOMAINS}", ("[1]",)).fetchall()
    assert any("SEARCH h USING PRIMARY KEY (domain=?)" in step for *_, step in plan), plan


def test_counts_that_another_version_laid_down_are_not_taken_for_others(site: Site, tmp_path: Path) -> None:
    site.ask("www.a.com")
    site.store.close()
    part = msgspec.msgpack.encode([[[1, 2, 3, 4, "a.com"]]])
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("INSERT INTO carry (body) VALUES (?)", (part,))
    connection.close()
    with pytest.raises(StoreError, match="Start the version that wrote them once"):
        site.store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("SELECT body FROM carry").fetchall() == [(part,)]
        connection.execute("DELETE FROM carry")
    connection.close()
    site.store = SqliteStore(tmp_path / "store.db", FakeClock(AT))  # the lock was let go of
