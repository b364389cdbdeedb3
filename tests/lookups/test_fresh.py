import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY
from firstsight.core.errors import StoreError
from firstsight.core.facts import NOT_WANTED, PENDING, Absent, Fact, Known, Registration, Unavailable
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.fresh import Fresh, fresh_until
from firstsight.lookups.http import HttpClient
from firstsight.lookups.polite import Limits
from firstsight.lookups.rdap import Rdap
from firstsight.lookups.turns import Turns
from firstsight.ports import Answer, Changes, Question
from firstsight.store.sqlite import SqliteStore
from servers.registry import Answer as Says
from servers.registry import Registry, Slow, Status, not_found, rate_limited

HOUR = 3600
YOUNG = Says(registered="2026-11-20T10:00:00Z")
PATIENCE = 10.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AT)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store.db", clock)
    yield store
    store.close()


@pytest.fixture
async def com() -> AsyncIterator[Registry]:
    async with Registry() as registry:
        yield registry


@pytest.fixture
async def net() -> AsyncIterator[Registry]:
    async with Registry() as registry:
        yield registry


class Asking:
    """A Fresh over real registries for .com and .net, running in the background."""

    def __init__(
        self,
        store: SqliteStore,
        clock: FakeClock,
        com: Registry,
        net: Registry,
        *,
        rate: float = 1000.0,
        burst: int = 1000,
        wanted: Callable[[str], bool] = lambda _: True,
    ) -> None:
        limits = Limits(clock, rate, burst)
        rdap = Rdap(Bootstrap({}, own={"com": com.url, "net": net.url}), HttpClient("t"), clock, limits, deadline=30.0)
        self.learnt: list[tuple[str, Fact[Registration]]] = []
        self.broken = False
        self.tried = 0
        self._store = store
        self.turns = Turns(store, rdap, limits, clock)
        self.fresh = Fresh(store, rdap, self.turns, limits, clock, self._keep, wanted=wanted, idle=0.002)

    def _keep(self, domain: str, fact: Fact[Registration], changes: Changes) -> None:
        self.tried += 1
        if self.broken:
            raise StoreError("The disk is full.")
        self._store.apply(changes)
        self.learnt.append((domain, fact))

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.fresh.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.fresh.stop()
        await self._running

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for something that happens in the background."""
        async with asyncio.timeout(PATIENCE):
            while not done():
                await asyncio.sleep(0.002)


@pytest.fixture
async def asking(store: SqliteStore, clock: FakeClock, com: Registry, net: Registry) -> AsyncIterator[Asking]:
    async with Asking(store, clock, com, net) as asking:
        yield asking


def questions(store: SqliteStore, *domains: str, priority: int = 0, since: float = AT) -> None:
    store.apply(Changes(asked=[Question(domain, priority, since, since) for domain in domains]))


# -- one flight a name -------------------------------------------------------------------------------------------------


async def test_fifty_who_ask_at_once_are_one_question(asking: Asking, com: Registry) -> None:
    com.behaviour = Slow(0.05, YOUNG)
    facts = await asyncio.gather(*(asking.fresh.ask("harbour.com", PATIENCE) for _ in range(50)))
    assert com.count("harbour.com") == 1
    assert len(set(map(repr, facts))) == 1
    assert isinstance(facts[0], Known)


async def test_who_asks_joins_the_question_from_the_queue(asking: Asking, store: SqliteStore, com: Registry) -> None:
    com.behaviour = Slow(0.1, YOUNG)
    questions(store, "harbour.com")
    await asking.until(lambda: com.count("harbour.com") == 1)
    assert isinstance(await asking.fresh.ask("harbour.com", PATIENCE), Known)
    assert com.count("harbour.com") == 1
    assert store.totals()["questions"] == 0


async def test_a_fresh_answer_is_not_asked_again(asking: Asking, clock: FakeClock, com: Registry) -> None:
    com.behaviour = YOUNG
    first = await asking.fresh.ask("harbour.com", PATIENCE)
    clock.at += 29 * DAY
    assert await asking.fresh.ask("harbour.com", 0) == first
    clock.at += 2 * DAY
    await asking.fresh.ask("harbour.com", PATIENCE)
    assert com.count("harbour.com") == 2


# -- bounded waiting ---------------------------------------------------------------------------------------------------


async def test_waiting_is_bounded_and_the_answer_is_kept_when_it_comes(asking: Asking, com: Registry) -> None:
    com.behaviour = Slow(0.3, YOUNG)
    assert await asking.fresh.ask("harbour.com", 0.01) is PENDING
    assert asking.fresh.known("harbour.com") is None
    await asking.until(lambda: asking.fresh.known("harbour.com") is not None)
    assert com.count("harbour.com") == 1


async def test_who_does_not_wait_still_has_it_asked(asking: Asking, com: Registry) -> None:
    com.behaviour = YOUNG
    assert await asking.fresh.ask("harbour.com", 0) is PENDING
    await asking.until(lambda: isinstance(asking.fresh.known("harbour.com"), Known))


async def test_a_caller_that_goes_away_does_not_end_the_question(asking: Asking, com: Registry) -> None:
    com.behaviour = Slow(0.2, YOUNG)
    impatient = asyncio.create_task(asking.fresh.ask("harbour.com", PATIENCE))
    patient = asyncio.create_task(asking.fresh.ask("harbour.com", PATIENCE))
    await asking.until(lambda: com.count("harbour.com") == 1)
    impatient.cancel()
    assert isinstance(await patient, Known)
    assert com.count("harbour.com") == 1
    assert impatient.cancelled()


# -- the queue ---------------------------------------------------------------------------------------------------------


async def test_a_slow_registry_delays_its_own_names_only(
    asking: Asking, store: SqliteStore, com: Registry, net: Registry
) -> None:
    com.behaviour = Slow(60)
    net.behaviour = YOUNG
    questions(store, *(f"slow{number}.com" for number in range(100)), since=AT)
    questions(store, *(f"quick{number}.net" for number in range(40)), since=AT - 60)  # behind them in the queue
    await asking.until(lambda: len(asking.learnt) == 40)
    assert {domain for domain, _ in asking.learnt} == {f"quick{number}.net" for number in range(40)}
    assert len(com.asked) <= 8, "flights under one top-level domain are few"
    assert isinstance(await asking.fresh.ask("out-of-turn.net", PATIENCE), Known)


async def test_the_most_urgent_first(store: SqliteStore, clock: FakeClock, com: Registry, net: Registry) -> None:
    com.behaviour = YOUNG
    questions(store, *(f"record{number}.com" for number in range(20)), priority=2)
    questions(store, "alert.com", priority=0, since=AT - 60)
    async with Asking(store, clock, com, net) as asking:
        await asking.until(lambda: len(asking.learnt) == 21)
    assert "alert.com" in {asked.name for asked in com.asked[:8]}, "in the first handful that was under way at once"


async def test_questions_survive_a_restart(tmp_path: Path, clock: FakeClock, com: Registry, net: Registry) -> None:
    com.behaviour = Slow(60)
    store = SqliteStore(tmp_path / "again.db", clock)
    questions(store, "harbour.com")
    async with Asking(store, clock, com, net) as asking:
        await asking.until(lambda: com.count("harbour.com") == 1)
    assert asking.learnt == []
    store.close()
    com.behaviour = YOUNG
    store = SqliteStore(tmp_path / "again.db", clock)
    async with Asking(store, clock, com, net) as asking:
        await asking.until(lambda: store.totals()["questions"] == 0)
    assert [domain for domain, _ in asking.learnt] == ["harbour.com"]
    assert com.count("harbour.com") == 2
    store.close()


async def test_what_has_become_internal_is_not_asked_any_more(
    store: SqliteStore, clock: FakeClock, com: Registry, net: Registry
) -> None:
    questions(store, "intranet.com", "harbour.com")
    async with Asking(store, clock, com, net, wanted=lambda domain: domain != "intranet.com") as asking:
        await asking.until(lambda: store.totals()["questions"] == 0)
        assert dict(asking.learnt)["intranet.com"] is NOT_WANTED
    assert (com.count("intranet.com"), com.count("harbour.com")) == (0, 1)
    assert list(store.answers(["intranet.com", "harbour.com"])) == ["harbour.com"], "that is no answer"


async def test_who_can_t_be_answered_in_time_is_put_in_line(
    store: SqliteStore, clock: FakeClock, com: Registry, net: Registry
) -> None:
    com.behaviour = YOUNG
    async with Asking(store, clock, com, net, rate=0.5, burst=2) as asking:
        facts = await asyncio.gather(*(asking.fresh.ask(f"d{number}.com", 1.0) for number in range(6)))
        assert [isinstance(fact, Known) for fact in facts] == [True, True, False, False, False, False]
        assert set(facts[2:]) == {PENDING}
        assert {question.priority for question in store.questions(AT, 9)} == {1}
        assert len(com.asked) == 2
        clock.at += 8
        await asking.until(lambda: store.totals()["questions"] == 2)


async def test_pace_and_pauses_survive_a_restart(
    store: SqliteStore, clock: FakeClock, com: Registry, net: Registry
) -> None:
    com.behaviour = rate_limited("600")
    questions(store, "first.com")
    async with Asking(store, clock, com, net) as asking:
        await asking.until(lambda: len(asking.learnt) == 1)
    com.behaviour, net.behaviour = YOUNG, YOUNG
    questions(store, "second.com", "other.net")
    async with Asking(store, clock, com, net) as asking:
        await asking.until(lambda: [domain for domain, _ in asking.learnt] == ["other.net"])
        assert not asking.turns.may_wait("second.com", 60.0)
        clock.at += 661
        await asking.until(lambda: store.totals()["questions"] == 1)
        clock.at += 1  # it said no: no bursts for it
        await asking.until(lambda: store.totals()["questions"] == 0)
    assert com.count("second.com") == 1


async def test_a_stop_keeps_the_pace_of_what_is_under_way(
    store: SqliteStore, clock: FakeClock, com: Registry, net: Registry
) -> None:
    com.behaviour = Slow(60)
    questions(store, "a.com", "b.com")
    async with Asking(store, clock, com, net, rate=0.01, burst=2) as asking:
        await asking.until(lambda: len(com.asked) == 2)
    async with Asking(store, clock, com, net, rate=0.01, burst=2) as asking:
        await asyncio.sleep(0.05)
    assert len(com.asked) == 2


# -- trying again ------------------------------------------------------------------------------------------------------


async def test_what_failed_is_asked_again_later_and_later(
    asking: Asking, store: SqliteStore, clock: FakeClock, com: Registry
) -> None:
    com.behaviour = Status(500)
    questions(store, "harbour.com")
    waits = []
    for tries in range(1, 7):
        await asking.until(lambda tries=tries: len(asking.learnt) == tries)  # type: ignore[misc]
        assert com.count("harbour.com") == tries
        (question,) = store.questions(clock.at + 10 * DAY, 5)
        assert question.tries == tries
        waits.append(question.due - clock.at)
        clock.at = question.due - 1
        await asyncio.sleep(0.02)
        assert com.count("harbour.com") == tries, "not before its time"
        clock.at = question.due
    # What the failure suggests, or doubling minutes if that is longer; and up to a tenth more, each name its own.
    assert waits == pytest.approx([300, 300, 300, 480, 960, 1920], rel=0.1)
    assert min(waits) > 300
    com.behaviour = YOUNG
    await asking.until(lambda: store.totals()["questions"] == 0)
    assert isinstance(asking.fresh.known("harbour.com"), Known)


async def test_a_registry_that_names_a_time_is_left_alone_until_then(
    asking: Asking, store: SqliteStore, clock: FakeClock, com: Registry
) -> None:
    com.behaviour = rate_limited("600")
    questions(store, "harbour.com")
    await asking.until(lambda: len(asking.learnt) == 1)
    (question,) = store.questions(AT + DAY, 5)
    assert AT + 600 <= question.due <= AT + 660
    com.behaviour = YOUNG
    clock.at = question.due
    await asking.until(lambda: len(asking.learnt) == 2)


@pytest.mark.parametrize(("since", "tries"), [(AT, 30), (AT - 7 * DAY, 3)])
async def test_it_gives_up_in_the_end(
    asking: Asking, store: SqliteStore, com: Registry, since: float, tries: int
) -> None:
    com.behaviour = Status(500)
    store.apply(Changes(asked=[Question("harbour.com", 0, since, AT, tries)]))
    await asking.until(lambda: len(asking.learnt) == 1)
    assert store.totals()["questions"] == 0
    assert asking.learnt == [("harbour.com", Unavailable("server_error"))]


async def test_a_registry_that_doesn_t_tell_is_not_asked_again_by_itself(
    asking: Asking, store: SqliteStore, com: Registry, clock: FakeClock
) -> None:
    com.behaviour = Says(registered=None)
    questions(store, "harbour.com")
    await asking.until(lambda: len(asking.learnt) == 1)
    assert store.totals()["questions"] == 0
    clock.at += 6 * DAY
    assert asking.fresh.known("harbour.com") == Unavailable("no_registration_date")


async def test_no_such_domain_is_an_answer(asking: Asking, store: SqliteStore, com: Registry) -> None:
    com.behaviour = not_found()
    questions(store, "harbour.com")
    await asking.until(lambda: store.totals()["questions"] == 0)
    assert asking.fresh.known("harbour.com") == Absent(AT)


async def test_an_answer_that_can_t_be_kept_is_given_and_not_asked_for_again(
    asking: Asking, store: SqliteStore, clock: FakeClock, com: Registry
) -> None:
    com.behaviour = YOUNG
    questions(store, "harbour.com", "garden.com")
    asking.broken = True
    assert isinstance(await asking.fresh.ask("harbour.com", PATIENCE), Known)
    assert isinstance(await asking.fresh.ask("nobody-asked-before.com", PATIENCE), Known)
    tried = asking.tried
    clock.at += 2
    await asking.until(lambda: asking.tried > tried)
    asked = [question.name for question in com.asked]
    assert len(asked) == len(set(asked)), "each once"
    assert isinstance(await asking.fresh.ask("nobody-asked-before.com", 0), Known)
    assert store.totals()["questions"] == 2
    asking.broken = False
    clock.at += 2
    await asking.until(lambda: store.totals()["questions"] == 0)
    assert sorted(domain for domain, _ in asking.learnt) == ["garden.com", "harbour.com", "nobody-asked-before.com"]
    assert len(com.asked) == 3


async def test_a_store_that_refuses_is_tried_now_and_then_and_nobody_is_asked_meanwhile(
    asking: Asking, store: SqliteStore, clock: FakeClock, com: Registry, net: Registry
) -> None:
    com.behaviour = net.behaviour = YOUNG
    asking.broken = True
    await asking.fresh.ask("harbour.com", PATIENCE)
    questions(store, *(f"d{number}.net" for number in range(30)))
    for _ in range(3):
        tried = asking.tried
        await asyncio.sleep(0.02)  # several looks at the queue
        assert asking.tried == tried, "not yet"
        clock.at += 2
        await asking.until(lambda tried=tried: asking.tried == tried + 1)  # type: ignore[misc]
    assert net.asked == []
    asking.broken = False
    clock.at += 2
    await asking.until(lambda: len(asking.learnt) == 31)


# -- how long an answer stands -----------------------------------------------------------------------------------------


def known(expires: float | None) -> Known[Registration]:
    return Known(Registration(AT - DAY, expires, "RDAP", AT))


@pytest.mark.parametrize(
    ("fact", "tries", "seconds"),
    [
        (known(None), 0, 30 * DAY),
        (known(AT + 400 * DAY), 0, 30 * DAY),
        (known(AT + 9 * DAY), 0, 9 * DAY),
        (known(AT - 5 * DAY), 0, DAY),
        (Absent(AT), 0, 6 * HOUR),
        (Unavailable("no_server"), 0, DAY),
        (Unavailable("timeout", AT + 1), 0, 60),
        (Unavailable("timeout", AT + 1), 1, 120),
        (Unavailable("timeout", AT + 1), 99, 6 * HOUR),
        (Unavailable("rate_limited", AT + 3600), 0, 3600),
    ],
)
def test_how_long_an_answer_stands(fact: Fact[Registration], tries: int, seconds: float) -> None:
    assert fresh_until(fact, AT, tries) == AT + seconds


async def test_an_answer_stored_long_ago_is_not_known(asking: Asking, store: SqliteStore, clock: FakeClock) -> None:
    store.apply(Changes(answers=[Answer("harbour.com", known(None), AT + 10)]))
    assert asking.fresh.known("harbour.com") == known(None)
    clock.at = AT + 10
    assert asking.fresh.known("harbour.com") is None


async def test_a_long_queue_for_one_registry_hides_no_other(store: SqliteStore) -> None:
    questions(store, *(f"slow{number}.com" for number in range(2000)), since=AT)
    questions(store, "quick.net", since=AT - 3600)
    found = [question.registered for question in store.questions(AT, 8)]
    assert "quick.net" in found
    assert len(found) <= 3 * 8 + 1
