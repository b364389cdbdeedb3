from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY, WIN10, WIN11, make_batch, make_event, parse, parse_all
from firstsight.core.events import DnsEvent, Status
from firstsight.core.front import Fronts
from firstsight.core.names import Name
from firstsight.ports import Changes, Doomed, News
from firstsight.store.domains import Domain
from firstsight.store.familiar import Familiar
from firstsight.store.sqlite import SqliteStore


class Fleet:
    """A store, and which names it had to have parsed."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.parsed: list[str | None] = []
        self._records = 0

    def ask(self, *events: DnsEvent) -> list[News]:
        """Events, each with a record of its own; the news among them."""
        found: list[News] = []

        def parse(raw: Sequence[str | None]) -> list[Name]:
            self.parsed += raw
            return parse_all(raw)

        def listen(_: float, news: list[News]) -> Changes:
            found.extend(news)
            return Changes()

        self.parsed.clear()
        self.store.take(make_batch(events), parse, listen)
        return found

    def event(self, name: str, **more: object) -> DnsEvent:
        self._records += 1
        return make_event(name, record=self._records, **more)  # type: ignore[arg-type]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT), fronts=Fronts(domains=8, pairs=8, hosts=8))
    yield Fleet(store)
    store.close()


def count(fleet: Fleet, domain: str) -> int:
    return fleet.store.seen([domain])[domain].count


def test_what_an_agent_asks_for_again_is_counted_unparsed(fleet: Fleet) -> None:
    fleet.ask(fleet.event("WWW.harbour.com"), fleet.event("harbour.com"))
    assert fleet.ask(*(fleet.event(name) for name in ("WWW.harbour.com", "harbour.com", "www.harbour.com"))) == []
    assert fleet.parsed == ["www.harbour.com"]  # not written so before
    assert count(fleet, "harbour.com") == 5


@pytest.mark.parametrize(
    "more",
    [
        {"agent": WIN11},
        {"at": AT + DAY},
        {"at": AT - DAY},
        {"status": Status.NXDOMAIN},
        {"at": AT - 60.0},  # before the first sighting
        {"clock_skew": True},
    ],
    ids=["another agent", "another day", "an earlier day", "in vain", "earlier", "a clock astray"],
)
def test_what_may_tell_something_is_looked_at(fleet: Fleet, more: dict[str, object]) -> None:
    fleet.ask(fleet.event("harbour.com"))
    fleet.ask(fleet.event("harbour.com"))
    assert fleet.parsed == []
    fleet.ask(fleet.event("harbour.com", **more))
    assert fleet.parsed == ["harbour.com"]


def test_a_new_day_is_a_new_day_for_everybody(fleet: Fleet) -> None:
    fleet.ask(fleet.event("harbour.com"), fleet.event("harbour.com", agent=WIN11))
    fleet.ask(fleet.event("harbour.com", at=AT + DAY))
    fleet.ask(fleet.event("harbour.com", at=AT + DAY, agent=WIN11), fleet.event("harbour.com", at=AT + DAY))
    assert fleet.parsed == ["harbour.com"]
    fleet.store.flush()
    days = fleet.store.database.connection.execute("SELECT first_day, last_day FROM sighting").fetchall()
    assert days == [(AT // DAY, AT // DAY + 1)] * 2


def test_no_count_is_lost_when_memory_turns(fleet: Fleet) -> None:
    """A domain that left memory and came back is another object: what is counted must be counted on that one."""
    for turn in range(12):
        fleet.ask(*(fleet.event("harbour.com") for _ in range(3)), *(fleet.event(f"{turn}-{n}.com") for n in range(5)))
        fleet.store.flush()
    assert count(fleet, "harbour.com") == 36
    row = fleet.store.database.connection.execute("SELECT count FROM domain WHERE name = 'harbour.com'").fetchone()
    assert row == (36,)


def test_who_was_erased_is_seen_anew(fleet: Fleet) -> None:
    fleet.ask(fleet.event("harbour.com", agent=WIN10))
    fleet.store.flush()
    for _ in fleet.store.erase(Doomed(who_before=AT + 2 * DAY)):
        pass
    fleet.ask(fleet.event("harbour.com", agent=WIN10))
    assert fleet.parsed == ["harbour.com"]
    fleet.store.flush()
    assert fleet.store.database.connection.execute("SELECT count(*) FROM sighting").fetchone() == (1,)


def test_a_batch_that_failed_leaves_nothing_behind(fleet: Fleet) -> None:
    def broken(_: float, __: list[News]) -> Changes:
        raise ZeroDivisionError

    event = fleet.event("harbour.com")
    with pytest.raises(ZeroDivisionError):
        fleet.store.take(make_batch([event]), parse_all, broken)
    (news,) = fleet.ask(event)
    assert news.first_here


def test_a_name_asked_for_again_takes_no_more_room() -> None:
    """Events of a marked domain are all looked at, and kept each time."""
    familiar, name, domain = Familiar(bound=3), parse("harbour.com"), Domain("harbour.com", 1)
    for _ in range(10):
        familiar.keep(1, "harbour.com", name, domain, int(AT))
    familiar.begin(0)
    assert familiar.of(1) == {"harbour.com": domain}
    for number in range(2):
        familiar.keep(1, f"{number}.harbour.com", name, domain, int(AT))
    familiar.begin(0)
    assert familiar.of(1) == {}
