"""Whose turn it is: on a real store and the real client, with servers that count what they are asked."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY
from firstsight.core.facts import Fact, Known, Registration, Unavailable
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.http import HttpClient, Reply
from firstsight.lookups.polite import Limits
from firstsight.lookups.rdap import Rdap
from firstsight.lookups.turns import Turns
from firstsight.ports import FOR_A_REASON, FOR_AN_ALERT, FOR_THE_RECORD, WHILE_LEARNING, Changes, Question
from firstsight.store.sqlite import SqliteStore
from servers.registry import Answer

HOUR = 3600


class Servers(HttpClient):
    """Registries without a network: each bears so many questions a second, and refuses what is more."""

    def __init__(self, clock: FakeClock, bears: Mapping[str, float], burst: int) -> None:
        super().__init__("t")
        self._clock = clock
        self._bears = bears
        self._burst = burst
        self._tokens = dict.fromkeys(bears, float(burst))
        self._at = dict.fromkeys(bears, clock.at)
        self.asked: list[tuple[str, str, float]] = []
        self.refused: Counter[str] = Counter()

    async def get(self, url: str, **_: object) -> Reply:
        host, domain = urlsplit(url).netloc, url.rpartition("/")[2]
        self.asked.append((host, domain, self._clock.at))
        rate = self._bears[host]
        elapsed = self._clock.at - self._at[host]
        self._tokens[host] = min(self._burst, self._tokens[host] + elapsed * rate)
        self._at[host] = self._clock.at
        if self._tokens[host] < 1 - 1e-6:
            self.refused[host] += 1
            return Reply(429, {"Retry-After": "5"}, b"", url)
        self._tokens[host] -= 1
        return Reply(200, {}, Answer().body(domain), url)

    def names(self, host: str) -> list[str]:
        return [domain for server, domain, _ in self.asked if server == host]

    def most(self, host: str, rate: float, burst: int) -> bool:
        """Whether a server was never asked faster than at a rate, after bursts."""
        tokens, last = float(burst), AT
        for server, _, at in self.asked:
            if server == host:
                tokens = min(burst, tokens + (at - last) * rate) - 1
                last = at
                if tokens < -1e-6:
                    return False
        return True


class Site:
    """A store with questions, and what asks them; time passes a second at a time."""

    def __init__(self, path: Path, bears: Mapping[str, float], *, rate: float = 1.0, burst: int = 5) -> None:
        self.clock = FakeClock(AT)
        self.servers = Servers(self.clock, bears, burst)
        self._path = path
        self._own = {host.partition(".")[0]: f"http://{host}/" for host in bears}
        self._rate, self._burst = rate, burst
        self.answers: dict[str, Fact[Registration]] = {}
        self.open()

    def open(self) -> Self:
        """Start, or start again after a crash."""
        self.store = SqliteStore(self._path, self.clock)
        self.limits = Limits(self.clock, self._rate, self._burst)
        rdap = Rdap(Bootstrap({}, own=self._own), self.servers, self.clock, self.limits)
        self.turns = Turns(self.store, rdap, self.limits, self.clock)
        self.fresh = Fresh(self.store, rdap, self.turns, self.limits, self.clock, self._keep)
        return self

    def crash(self) -> None:
        self.store.database.close()
        self.open()

    def _keep(self, domain: str, fact: Fact[Registration], changes: Changes) -> None:
        self.store.apply(changes)
        self.answers[domain] = fact

    def ask(self, *domains: str, priority: int = FOR_THE_RECORD, since: float | None = None) -> None:
        at = self.clock.at if since is None else since
        self.store.apply(Changes(asked=[Question(domain, priority, at, at) for domain in domains]))

    async def second(self, seconds: float = 1.0) -> None:
        self.fresh.turn()
        for _ in range(4):
            await asyncio.sleep(0)
        self.clock.at += seconds

    async def until_all_are_answered(self, most: int, step: int = 1) -> int:
        for passed in range(0, most, step):
            if not self.store.totals()["questions"]:
                return passed
            await self.second(step)
        raise AssertionError(f"{self.store.totals()['questions']} are still open")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "store.db", {"com.test": 100.0, "net.test": 100.0})
    yield site
    site.store.close()


# -- whose turn it is --------------------------------------------------------------------------------------------------


async def test_alerts_then_reasons_then_the_newest_and_what_is_learnt_last(site: Site) -> None:
    site.ask("learnt.com", priority=WHILE_LEARNING)
    site.ask("old.com", since=AT - 60)
    site.ask("new.com", since=AT - 50)
    site.ask("reason.com", priority=FOR_A_REASON, since=AT - 90)
    site.ask("second.com", priority=FOR_AN_ALERT, since=AT - 1)
    site.ask("first.com", priority=FOR_AN_ALERT, since=AT - 2)
    await site.until_all_are_answered(20)
    # The fourth turn is for what has waited longest.
    assert site.servers.names("com.test") == [
        "first.com", "second.com", "reason.com", "old.com", "new.com", "learnt.com",
    ]  # fmt: skip


async def test_what_comes_late_and_is_urgent_goes_before_what_waits(site: Site) -> None:
    site.ask(*(f"record{number}.com" for number in range(50)))
    for _ in range(3):
        await site.second()
    asked = len(site.servers.asked)
    site.ask("alert.com", priority=FOR_AN_ALERT)
    await site.second()
    await site.second()
    assert "alert.com" in [domain for _, domain, _ in site.servers.asked[asked : asked + 2]]


async def test_what_has_waited_for_half_a_day_goes_before_what_is_new(site: Site) -> None:
    site.ask("aged.com", priority=WHILE_LEARNING, since=AT - 13 * HOUR)
    site.ask("older.com", priority=WHILE_LEARNING, since=AT - 14 * HOUR)
    site.ask(*(f"new{number}.com" for number in range(9)), priority=FOR_A_REASON)
    await site.second()
    assert site.servers.names("com.test")[:2] == ["older.com", "aged.com"]


async def test_nothing_is_passed_over_for_ever(site: Site) -> None:
    """However much that is more urgent comes in."""
    site.ask(*(f"waiting{number}.com" for number in range(20)), priority=WHILE_LEARNING)
    for second in range(100):
        site.ask(*(f"urgent{second}-{n}.com" for n in range(2)), priority=FOR_AN_ALERT)
        await site.second()
    assert sum(name.startswith("waiting") for name in site.servers.names("com.test")) == 20


async def test_a_registry_of_many_top_level_domains_has_one_pace(tmp_path: Path) -> None:
    clock = FakeClock(AT)
    roots = [f"t{number}" for number in range(300)]
    servers = Servers(clock, {"one.test": 100.0, "com.test": 100.0}, 5)
    store = SqliteStore(tmp_path / "store.db", clock)
    limits = Limits(clock, 1.0, 5)
    own = dict.fromkeys(roots, "http://one.test/") | {"com": "http://com.test/"}
    rdap = Rdap(Bootstrap({}, own=own), servers, clock, limits)
    fresh = Fresh(store, rdap, Turns(store, rdap, limits, clock), limits, clock, lambda _d, _f, c: store.apply(c))
    asked = [Question(f"d{n}.{root}", 1, AT, AT) for root in roots for n in range(2)]
    store.apply(Changes(asked=[*asked, Question("last.com", WHILE_LEARNING, AT - 5, AT - 5)]))
    for _ in range(20):
        fresh.turn()
        for _ in range(4):
            await asyncio.sleep(0)
        clock.at += 1
    assert len(servers.names("one.test")) == 5 + 19
    assert servers.names("com.test") == ["last.com"]
    store.close()


# -- whether to wait ---------------------------------------------------------------------------------------------------


def test_who_can_t_be_answered_in_time_need_not_wait(site: Site) -> None:
    """Five at once and one a second: within four seconds, half of which are the server's own."""
    told = [site.turns.may_wait(f"d{number}.com", 4.0) for number in range(20)]
    assert told == [True] * 7 + [False] * 13
    assert site.turns.may_wait("d0.com", 4.0), "it has its place"
    assert site.turns.may_wait("d0.net", 4.0), "another registry's queue"
    assert site.turns.may_wait("d0.nowhere", 4.0), "nobody is asked: that is known at once"
    site.clock.at += 4
    assert site.turns.may_wait("d9.com", 4.0), "the others wait no longer"


async def test_those_who_were_told_to_wait_are_answered_in_time(site: Site) -> None:
    site.ask(*(f"record{number}.com" for number in range(50)))
    await site.second()
    waiting = [f"d{number}.com" for number in range(20) if site.turns.may_wait(f"d{number}.com", 4.0)]
    site.ask(*waiting, priority=FOR_AN_ALERT)
    assert waiting
    for _ in range(4):
        await site.second()
    assert set(waiting) <= set(site.answers)


def test_nobody_waits_for_a_server_that_said_no_or_is_down(site: Site) -> None:
    site.limits.refused("com.test", "60")
    for _ in range(5):
        site.limits.failed("net.test")
    assert not site.turns.may_wait("d.com", 4.0)
    assert not site.turns.may_wait("d.net", 4.0)


async def test_who_waits_for_a_slow_server_is_told_so_by_what_its_answers_took(site: Site) -> None:
    """Eight at once, five seconds each."""
    for _ in range(20):
        site.turns.began("d.net")
        site.clock.at += 5
        site.turns.ended("d.net")
    await asyncio.sleep(0)
    assert site.turns.may_wait("a.net", 4.0)
    for number in range(8):
        site.turns.began(f"d{number}.net")
    await asyncio.sleep(0)
    told = [site.turns.may_wait(f"a{number}.net", 4.0) for number in range(5)]
    assert told == [True, True, False, False, False]
    assert site.turns.may_wait("a.com", 4.0)


# -- a fleet's first hour ----------------------------------------------------------------------------------------------

BEARS = {"fast.test": 10.0, "good.test": 2.0, "usual.test": 1.0, "slow.test": 0.5, "poor.test": 0.25}


async def test_five_thousand_domains_over_five_servers_and_a_crash_in_the_middle(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db", BEARS)
    names = [f"d{number}.{host.partition('.')[0]}" for number in range(1000) for host in BEARS]
    site.ask(*names)
    for _ in range(500):
        await site.second()
    site.crash()
    passed = 500 + await site.until_all_are_answered(8000, step=3)
    assert {domain for domain, fact in site.answers.items() if isinstance(fact, Known)} == set(names)
    assert all(site.servers.most(host, 1.0, 5) for host in BEARS), "never faster than set"
    assert [site.servers.refused[host] for host in ("fast.test", "good.test", "usual.test")] == [0, 0, 0]
    assert site.servers.refused["poor.test"] < 50, "a server that bears less is asked less, and seldom has to say so"
    last = {host: max(at for server, _, at in site.servers.asked if server == host) - AT for host in BEARS}
    assert last["fast.test"] < 1020
    assert passed < 1000 / 0.25 * 1.5
    site.store.close()


@pytest.mark.slow
async def test_a_fleets_first_hour_drains_without_a_ban(tmp_path: Path) -> None:
    """Twenty thousand domains, most of them of one registry: all are answered within a day."""
    site = Site(tmp_path / "store.db", {"com.test": 1.0, "net.test": 1.0, "org.test": 1.0})
    for minute in range(60):
        site.ask(*(f"a{minute}-{n}.com" for n in range(250)), priority=WHILE_LEARNING)
        site.ask(*(f"a{minute}-{n}.net" for n in range(60)), *(f"a{minute}-{n}.org" for n in range(24)))
        for _ in range(60):
            await site.second()
    await site.until_all_are_answered(DAY)
    assert len(site.answers) == 60 * 334
    assert not site.servers.refused
    assert all(isinstance(fact, Known) for fact in site.answers.values())
    site.store.close()


async def test_too_many_questions_are_given_up_from_the_end(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db", {"com.test": 1.0})
    rdap = Rdap(Bootstrap({}, own={"com": "http://com.test/"}), site.servers, site.clock, site.limits)
    fresh = Fresh(site.store, rdap, site.turns, site.limits, site.clock, site._keep, most=10)
    site.ask(*(f"learnt{n}.com" for n in range(5)), priority=WHILE_LEARNING)
    site.ask(*(f"record{n}.com" for n in range(9)))
    fresh.turn()
    assert {name for name, fact in site.answers.items() if fact == Unavailable("queue_full")} == {
        f"learnt{n}.com" for n in range(4)
    }
    for _ in range(4):
        await asyncio.sleep(0)
    site.store.close()
