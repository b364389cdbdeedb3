"""The contract of ports.Store, on the SQLite store."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from alert_samples import FakeClock, make_alert
from dns_events import AT, DAY, WIN10, WIN11, make_agent, make_batch, make_event, parse, parse_all
from firstsight.core.events import Batch, DnsEvent, Status
from firstsight.core.front import Fronts
from firstsight.core.reasons import mask_of
from firstsight.core.verdict import Seen
from firstsight.ports import Changes, News, Store
from firstsight.store.hosts import HOSTS_BOUND as BOUND
from firstsight.store.sqlite import SqliteStore

Reopen = Callable[[], SqliteStore]
FIRST_SEEN = mask_of(["first_seen"])


def nothing(_: float, __: list[News]) -> Changes:
    return Changes()


def take(store: Store, events: Sequence[DnsEvent], position: str = "1", source: str = "wazuh") -> list[News]:
    """Have a batch observed, decide nothing; the news."""
    heard: list[News] = []

    def listen(_: float, news: list[News]) -> Changes:
        heard.extend(news)
        return Changes()

    batch = make_batch(events, position, source=source)
    store.take(batch, parse_all, listen)
    return heard


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AT)


@pytest.fixture
def opened(tmp_path: Path, clock: FakeClock) -> Iterator[Reopen]:
    """Opens the store of this test; again and again, each time closing the one before."""
    stores: list[SqliteStore] = []

    def reopen() -> SqliteStore:
        for store in stores:
            store.close()
        stores[:] = [SqliteStore(tmp_path / "store.db", clock, sinks=["a", "b"])]
        return stores[0]

    yield reopen
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Reopen) -> SqliteStore:
    return opened()


# -- first sight -------------------------------------------------------------------------------------------------------


def test_a_domain_is_new_once(store: SqliteStore, opened: Reopen) -> None:
    news, further = take(store, [make_event("www.harbour.com"), make_event("mail.harbour.com", agent=WIN11)])
    assert (further.known, further.first_here, further.first_for_agent) == (True, False, True)
    assert news.first_here
    assert not news.known
    assert news.first_for_agent
    assert news.name.registrable == "harbour.com"
    assert news.seen == Seen(AT, AT, 1, 1)
    assert take(store, [make_event("harbour.com")]) == []
    assert take(opened(), [make_event("harbour.com")]) == []


def test_what_is_known_of_a_domain(store: SqliteStore, opened: Reopen) -> None:
    take(store, [make_event("harbour.com", at=AT + 5), make_event("harbour.com", at=AT - 5, agent=WIN11)])
    take(store, [make_event("harbour.com", at=AT + 90)])
    expected = {"harbour.com": Seen(AT - 5, AT + 90, 3, 2)}
    assert store.seen(["harbour.com", "never.com"]) == expected
    assert opened().seen(["never.com", "harbour.com"]) == expected


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.EXISTS])
def test_a_name_that_is_there_is_a_sighting(store: SqliteStore, status: Status) -> None:
    assert [news.first_here for news in take(store, [make_event("harbour.com", status=status)])] == [True]


@pytest.mark.parametrize("status", [Status.NXDOMAIN, Status.FAILED])
def test_asked_in_vain_is_no_sighting_and_may_be_first_seen_later(
    store: SqliteStore, opened: Reopen, status: Status
) -> None:
    (news,) = take(store, [make_event("harbour.com", status=status), make_event("x.harbour.com", status=status)])
    assert not news.first_here
    take(store, [make_event("harbour.com", status=status, agent=WIN11)])
    assert store.seen(["harbour.com"]) == {"harbour.com": Seen(agents=2)}
    store = opened()
    assert take(store, [make_event("harbour.com", status=status)]) == [], "told once"
    (news,) = take(store, [make_event("harbour.com", at=AT + 60)])
    assert news.first_here
    assert news.seen == Seen(AT + 60, AT + 60, 1, 1)


def test_in_vain_after_it_was_seen_is_no_news(store: SqliteStore) -> None:
    take(store, [make_event("harbour.com")])
    assert take(store, [make_event("harbour.com", status=Status.NXDOMAIN)]) == []
    assert store.seen(["harbour.com"])["harbour.com"].count == 1


def test_the_news_tell_who_was_first_and_who_was_not(store: SqliteStore) -> None:
    take(store, [make_event("harbour.com")])
    later = AT + 40 * DAY
    (news,) = take(store, [make_event("harbour.com", at=later, agent=WIN11)])
    assert (news.first_here, news.first_for_agent, news.silent_for) == (False, True, 40 * DAY)


def test_silence_is_news_from_thirty_days_on(store: SqliteStore, opened: Reopen) -> None:
    take(store, [make_event("harbour.com")])
    assert take(store, [make_event("harbour.com", at=AT + 30 * DAY - 1)]) == []
    again = AT + 60 * DAY
    (news,) = take(opened(), [make_event("harbour.com", at=again), make_event("harbour.com", at=again + 1)])
    assert news.silent_for == 30 * DAY + 1


def test_names_that_are_not_judged_are_only_counted(store: SqliteStore) -> None:
    odd = ["nas.lan", "7.2.0.192.in-addr.arpa", "wpad", "192.0.2.7", "co.uk", "a..b", None]
    assert take(store, [make_event(name) for name in odd]) == []
    account = store.account("wazuh")
    kinds = ("internal", "reverse", "single_label", "address", "suffix")
    assert [account[kind] for kind in kinds] == [1] * 5
    assert account["invalid"] == 2


# -- looked up is not seen ---------------------------------------------------------------------------------------------


def test_a_first_contact_once(store: SqliteStore, opened: Reopen) -> None:
    names = [parse("www.harbour.com"), parse("harbour.com"), parse("garden.com")]
    assert [contact.first for contact in store.contact(names, AT + 0.5)] == [True, False, True]
    assert [contact.first for contact in opened().contact(names, AT + 60)] == [False] * 3


def test_fifty_at_a_time_are_one_first_contact(store: SqliteStore) -> None:
    contacts = store.contact([parse(f"h{number}.harbour.com") for number in range(50)], AT)
    assert [contact.first for contact in contacts] == [True] + [False] * 49
    assert {contact.since for contact in contacts} == {AT}


def test_looked_up_then_seen(store: SqliteStore, opened: Reopen) -> None:
    store.contact([parse("harbour.com")], AT)
    assert store.seen(["harbour.com"]) == {"harbour.com": Seen(looked_up=AT)}
    (news,) = take(opened(), [make_event("harbour.com", at=AT + 60)])
    assert news.first_here, "looked up is not seen"
    assert news.seen == Seen(AT + 60, AT + 60, 1, 1, looked_up=AT)
    (contact,) = opened().contact([parse("harbour.com")], AT + 90)
    assert (contact.first, contact.since) == (False, AT), "the earlier of the two"


def test_seen_then_looked_up(store: SqliteStore) -> None:
    take(store, [make_event("harbour.com")])
    (contact,) = store.contact([parse("harbour.com")], AT + 60)
    assert (contact.first, contact.since) == (False, AT)
    assert store.seen(["harbour.com"])["harbour.com"].looked_up is None


def test_a_look_up_is_no_event(store: SqliteStore) -> None:
    store.contact([parse("harbour.com")], AT)
    assert store.account("wazuh") == {}
    assert store.seen(["harbour.com"])["harbour.com"].count == 0


def test_a_look_up_survives_without_flush(store: SqliteStore, opened: Reopen) -> None:
    store.contact([parse("harbour.com")], AT)
    store.database.close()  # as a crash would: nothing is flushed
    store.close = lambda: None  # type: ignore[method-assign]  # it is closed
    assert not opened().contact([parse("harbour.com")], AT + 9)[0].first


# -- duplicates and the account ----------------------------------------------------------------------------------------


def test_the_same_event_by_two_roads_counts_once(store: SqliteStore, opened: Reopen) -> None:
    event = make_event("harbour.com", record=700)
    take(store, [event, event])
    take(store, [event], source="archives")
    store = opened()
    take(store, [event], source="archives")
    assert store.seen(["harbour.com"])["harbour.com"].count == 1
    assert store.account("wazuh")["duplicate"] == 1
    assert store.account("archives")["duplicate"] == 2


def test_a_record_belongs_to_an_agent_and_a_computer(store: SqliteStore) -> None:
    take(store, [make_event("harbour.com", record=7, agent=agent) for agent in (WIN10, WIN11)])
    assert store.seen(["harbour.com"])["harbour.com"].count == 2


def test_without_a_record_number_nothing_is_a_duplicate(store: SqliteStore) -> None:
    take(store, [make_event("harbour.com")] * 3)
    assert store.seen(["harbour.com"])["harbour.com"].count == 3


def test_skipped_lines_and_skewed_clocks_are_accounted_for(store: SqliteStore, opened: Reopen) -> None:
    batch = make_batch([make_event("harbour.com", clock_skew=True)], "7", not_dns=3, bad_json=1)
    store.take(batch, parse_all, nothing)
    account = {"lines": 5, "events": 1, "skipped:not_dns": 3, "skipped:bad_json": 1, "seen": 1, "clock_skew": 1}
    assert store.account("wazuh") == account
    assert opened().account("wazuh") == account
    assert store.account("another") == {}


# -- hosts, told, alerts -----------------------------------------------------------------------------------------------


def test_host_names_are_kept_up_to_a_bound(store: SqliteStore, opened: Reopen) -> None:
    hosts = sorted(f"h{number:03d}.harbour.com" for number in range(BOUND))
    take(store, [make_event(host) for host in [*hosts, "harbour.com"]])
    assert store.hosts("harbour.com") == (hosts, False)
    store = opened()
    assert store.hosts("harbour.com") == (hosts, False), "the domain itself is no host name of its own"
    take(store, [make_event("one-more.harbour.com")])
    store = opened()
    kept, more = store.hosts("harbour.com")
    assert (len(kept), more) == (BOUND, True)
    assert store.hosts("never.com") == ([], False)


def test_an_alerted_host_name_is_kept_whatever_the_bound(store: SqliteStore, opened: Reopen) -> None:
    for turn in range(3):
        take(store, [make_event(f"h{turn}-{number}.harbour.com") for number in range(BOUND)])
        store.flush()
    store.apply(Changes(hosts=[("harbour.com", "zz.alerted.harbour.com"), ("harbour.com", "harbour.com")]))
    kept, more = opened().hosts("harbour.com")
    assert "zz.alerted.harbour.com" in kept
    assert len(kept) == BOUND + 1
    assert more


def test_what_was_told_adds_up(store: SqliteStore, opened: Reopen) -> None:
    take(store, [make_event("harbour.com")])
    store.apply(Changes(told={"harbour.com": 1}))
    store.apply(Changes(told={"harbour.com": 4}))
    assert store.told("harbour.com") == 5
    assert opened().told("harbour.com") == 5
    assert opened().told("never.com") == 0
    (news,) = take(opened(), [make_event("harbour.com", at=AT + 50 * DAY)])
    assert news.told == 5


def test_news_and_decision_are_one(store: SqliteStore) -> None:
    """What the decision raises is not swallowed, and nothing of the batch is recorded."""

    def broken(_: float, __: list[News]) -> Changes:
        raise RuntimeError("bad luck")

    batch = make_batch([make_event("harbour.com", record=7)], "1")
    before = store.generation
    with pytest.raises(RuntimeError, match="bad luck"):
        store.take(batch, parse_all, broken)
    assert store.generation > before
    assert store.seen(["harbour.com"]) == {}
    assert store.account("wazuh") == {}
    assert store.source("wazuh").position is None
    (news,) = take(store, [make_event("harbour.com", record=7)])
    assert news.first_here


# -- positions and learning --------------------------------------------------------------------------------------------


def test_positions_are_stored_with_the_counts_they_reach_to(tmp_path: Path, clock: FakeClock) -> None:
    store = SqliteStore(tmp_path / "store.db", clock)
    take(store, [make_event("harbour.com")], "first")
    store.flush()
    take(store, [make_event("harbour.com")], "second")
    take(store, [make_event("new.com")], "third")  # its first sight is committed, the position is not
    assert store.source("wazuh").position == "third"
    store.database.close()  # a crash
    store = SqliteStore(tmp_path / "store.db", clock)
    assert store.source("wazuh").position == "first"
    assert store.seen(["harbour.com", "new.com"]) == {"harbour.com": Seen(AT, AT, 1, 1), "new.com": Seen(AT, AT)}
    assert take(store, [make_event("harbour.com")], "second") == []
    assert take(store, [make_event("new.com")], "third") == [], "first sight was told before the crash"
    assert store.seen(["harbour.com", "new.com"]) == {
        "harbour.com": Seen(AT, AT, 2, 1),
        "new.com": Seen(AT, AT, 1, 1),
    }
    store.close()


def test_a_source_learns_from_its_first_event_on(store: SqliteStore, opened: Reopen) -> None:
    starts: list[float] = []

    def decide(started: float, _: list[News]) -> Changes:
        starts.append(started)
        return Changes()

    empty = make_batch([], "0", not_dns=5)
    store.take(empty, parse_all, decide)
    assert store.source("wazuh").started is None
    first = make_batch([make_event("a.com", at=AT + 7.5)], "1")
    store.take(first, parse_all, decide)
    later = make_batch([make_event("b.com", at=AT + 9)], "2")
    opened().take(later, parse_all, decide)
    other = make_batch([make_event("c.com", at=AT + 11)], "1", source="other")
    opened().take(other, parse_all, decide)
    assert starts == [AT + 7.5, AT + 7.5, AT + 11]
    assert opened().source("wazuh").started == AT + 7.5


def test_flushing_is_due_by_time_or_by_number(tmp_path: Path, clock: FakeClock) -> None:
    store = SqliteStore(tmp_path / "store.db", clock, flush_seconds=30, flush_keys=10)

    def flushed(now: float) -> int:
        """Sightings that a step at this time leaves in the file."""
        store.step(now)
        return int(store.database.connection.execute("SELECT coalesce(sum(count), 0) FROM domain").fetchone()[0])

    take(store, [make_event("harbour.com")])
    assert flushed(AT) == 1, "where a new source began is laid down at once"
    take(store, [make_event("harbour.com")])
    assert flushed(AT + 29) == 1
    assert flushed(AT + 30) == 2
    clock.at = AT + 40
    store.flush()
    take(store, [make_event("harbour.com")])
    assert flushed(AT + 41) == 2
    take(store, [make_event(f"d{number}.com") for number in range(10)])
    assert flushed(AT + 41) == 13
    store.close()


def test_a_large_flush_moves_to_its_rows_part_by_part_and_reads_are_right_meanwhile(
    tmp_path: Path, clock: FakeClock
) -> None:
    store = SqliteStore(tmp_path / "store.db", clock, fronts=Fronts(4, 4, 4), flush_keys=10, flush_part=5)
    names = [f"d{number}.com" for number in range(40)]
    take(store, [make_event(name) for name in names])

    def lying() -> int:
        return int(store.database.connection.execute("SELECT count(*) FROM carry").fetchone()[0])

    store.step(AT)  # lays all of it down, in one transaction with the position
    parts = lying()
    assert parts > 3
    for left in range(parts - 1, -1, -1):
        assert {seen.count for seen in store.seen(names).values()} == {1}
        store.step(AT)
        assert lying() == left
    assert {seen.count for seen in store.seen(names).values()} == {1}
    store.close()


def test_counts_laid_down_before_a_crash_reach_their_rows(tmp_path: Path, clock: FakeClock) -> None:
    store = SqliteStore(tmp_path / "store.db", clock, flush_keys=10, flush_part=5)
    take(store, [make_event(f"h.d{number}.com") for number in range(40)])
    store.step(AT)
    store.step(AT)
    store.database.close()
    again = SqliteStore(tmp_path / "store.db", clock)
    run = again.database.connection.execute
    assert run("SELECT count(*) FROM carry").fetchone() == (0,)
    assert run("SELECT count(*), min(count), max(count), min(hosts) FROM domain").fetchone() == (40, 1, 1, 1)
    again.close()


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_ids_are_never_given_twice(tmp_path: Path, clock: FakeClock) -> None:
    """A pair or host row of before a crash must never be taken for another domain's or agent's."""
    given: dict[str, int] = {}
    agents: dict[str, int] = {}
    for turn in range(4):
        store = SqliteStore(tmp_path / "store.db", clock)
        take(store, [make_event(f"t{turn}.com", agent=make_agent(turn)), make_event("always.com")])
        if turn == 2:
            with pytest.raises(ZeroDivisionError):
                store.take(make_batch([make_event("lost.com")]), parse_all, lambda *_: 1 / 0)  # type: ignore[arg-type]
            take(store, [make_event("after-lost.com", agent=make_agent(50))])
        rows = store.database.connection.execute("SELECT name, id FROM domain").fetchall()
        for name, number in rows:
            assert given.setdefault(name, number) == number
        for name, number in store.database.connection.execute("SELECT name, id FROM agent"):
            assert agents.setdefault(name, number) == number
        assert len(set(given.values())) == len(given)
        assert len(set(agents.values())) == len(agents)
        store.database.close()  # a crash


# -- totals ------------------------------------------------------------------------------------------------------------


def test_totals_sum_over_sources_and_count_what_is_open(store: SqliteStore, opened: Reopen) -> None:
    take(store, [make_event("a.com"), make_event("b.com", agent=WIN11)])
    take(store, [make_event("a.com")], source="other")
    changes = Changes(alerts=[make_alert(number=1), make_alert(number=2)])
    changes.hold("learning")
    changes.hold("learning")
    store.apply(changes)
    expected = {"events": 3, "seen": 3, "held:learning": 2, "alerts:high": 2, "agents": 2, "outbox": 4, "questions": 0}
    assert store.totals().items() >= expected.items()
    assert opened().totals().items() >= expected.items()


def test_a_batch_and_its_names_must_belong_together(store: SqliteStore) -> None:
    with pytest.raises(ValueError, match="zip"):
        store.take(Batch("wazuh", 1, {}, [make_event("a.com")], "1"), lambda _: [], nothing)
    assert store.account("wazuh") == {}


def test_an_event_of_last_month_does_not_end_learning(tmp_path: Path, clock: FakeClock) -> None:
    """A laptop that was offline may come first."""
    store = SqliteStore(tmp_path / "store.db", clock)
    take(store, [make_event("a.com", at=AT - 29 * DAY), make_event("b.com", at=AT)])
    assert store.source("wazuh").started == AT
    store.close()


def test_counts_are_written_though_the_clock_was_set_back(tmp_path: Path, clock: FakeClock) -> None:
    store = SqliteStore(tmp_path / "store.db", clock)
    take(store, [make_event("a.com")])
    store.step(AT - 86_400)
    assert store.database.connection.execute("SELECT count FROM domain").fetchone() == (1,)
    store.close()
