import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from firstsight import ports
from firstsight.core.facts import Absent, Fact, Known, Registration, Unavailable
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.http import HttpClient
from firstsight.lookups.polite import Limits
from firstsight.lookups.rdap import Rdap
from servers.registry import (
    Answer,
    Behaviour,
    Drip,
    Endless,
    Raw,
    Registry,
    Reset,
    Slow,
    Status,
    not_found,
    not_found_page,
    rate_limited,
    redirect,
    web_page,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
BORN = datetime(2026, 11, 20, 10, tzinfo=UTC).timestamp()
YOUNG = Answer(registered="2026-11-20T10:00:00Z", expires="2027-11-20T10:00:00Z")
NO_DATE = Answer(registered=None)
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    time: float = NOW

    def now(self) -> float:
        return self.time


def anywhere(_: str) -> bool:
    return True


class Asking:
    """firstsight's side: an `Rdap` whose .com is the given registry."""

    def __init__(self, registry: Registry, *, roam: bool = False, deadline: float = 5.0, base: str = "") -> None:
        self.clock = SetClock()
        self.http = HttpClient("t", allowed=anywhere) if roam else HttpClient("t")
        self.rdap: ports.Registry = Rdap(
            Bootstrap({}, own={"com": registry.url + base}),
            self.http,
            self.clock,
            Limits(self.clock, rate=1000.0, burst=1000),
            deadline,
        )

    async def __aenter__(self) -> ports.Registry:
        return self.rdap

    async def __aexit__(self, *_: object) -> None:
        await self.rdap.close()


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with Registry() as registry:
        yield registry


async def ask(rdap: ports.Registry, domain: str = "evil.com") -> Fact[Registration]:
    return await asyncio.wait_for(rdap.registration(domain), 20)


async def test_a_domain_s_dates_come_from_its_registry(registry: Registry) -> None:
    registry.domains["evil.com"] = YOUNG
    async with Asking(registry, base="rdap/v1") as rdap:
        fact = await ask(rdap)
    assert fact == Known(Registration(BORN, BORN + 365 * DAY, "RDAP", NOW))
    (asked,) = registry.asked
    assert asked.path == "/rdap/v1/domain/evil.com"
    assert asked.headers["accept"] == "application/rdap+json"


@pytest.mark.parametrize(
    ("behaviour", "reason", "wait"),
    [
        (Status(400), "rejected", HOUR),
        (Status(401), "rejected", HOUR),
        (Status(403), "rejected", HOUR),
        (Status(304), "rejected", HOUR),
        (Status(204), "bad_answer", HOUR),
        (Status(500), "server_error", 5 * MINUTE),
        (Status(502, b"<html>", "text/html"), "server_error", 5 * MINUTE),
        (Status(501), "unsupported", 7 * DAY),
        (Status(503), "server_error", MINUTE),
        (Status(503, headers={"Retry-After": "90"}), "server_error", 90),
        (rate_limited(), "rate_limited", MINUTE),
        (rate_limited("10"), "rate_limited", 10),
        (rate_limited("Tue, 24 Nov 2026 12:00:30 GMT"), "rate_limited", 30),
        (rate_limited("99999999999999999999"), "rate_limited", HOUR),
        (rate_limited("-1"), "rate_limited", MINUTE),
        (web_page(), "bad_answer", HOUR),
        (Status(200, b'{"a":'), "bad_answer", HOUR),
        (Answer(name="good.com"), "bad_answer", HOUR),
        (Answer(registered="2099-01-01"), "bad_date", DAY),
        (NO_DATE, "no_registration_date", 7 * DAY),
        (Reset(), "reset", MINUTE),
        (Raw(b"nonsense\r\n\r\n"), "bad_reply", HOUR),
        (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"), "reset", MINUTE),
        (Raw(b"HTTP/1.1 200 OK\r\n\r\n"), "bad_answer", HOUR),
        (Status(200, b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), "bad_reply", HOUR),
        (Status(200, b"[]"), "bad_answer", HOUR),
        (Status(200, b'{"errorCode":404}'), "bad_answer", HOUR),
        (Status(200, b'{"domainSearchResults":[]}'), "bad_answer", HOUR),
        (Status(200, b"[" * 200_000), "bad_answer", HOUR),
        (Answer(more={"objectClassName": "entity"}), "bad_answer", HOUR),
        (Answer(more={"events": None}), "no_registration_date", 7 * DAY),
        (Answer(registered="yesterday"), "bad_date", DAY),
        (Answer(registered="0001-01-01T00:00:00Z"), "bad_date", DAY),
        (Answer(more={"notices": "x" * 300_000}), "too_large", DAY),
        (Endless(), "too_large", DAY),
        (redirect("http://127.0.0.1:1/"), "blocked_address", DAY),
        (redirect("gopher://x/"), "redirect", HOUR),
    ],
    ids=str,
)
async def test_what_is_no_answer_is_unavailable_for_a_reason_and_a_time(
    registry: Registry, behaviour: Behaviour, reason: str, wait: float
) -> None:
    registry.behaviour = behaviour
    async with Asking(registry) as rdap:
        assert await ask(rdap) == Unavailable(reason, NOW + wait)
    # A connection that broke before the reply is tried once more, for it may have been a pooled one.
    assert len(registry.asked) == (2 if behaviour == Reset() else 1)


@pytest.mark.parametrize(
    "behaviour",
    [
        Answer(registered="2026-11-20T10:00:00"),
        Answer(registered="2026-11-20T13:00:00+0300"),
        Answer(registered="2026-11-20T10:00:00.123456Z", expires=None),
        Answer(registered="2026-11-20T10:00:00Z", expires="never"),
        Answer(registered="2026-11-20T10:00:00Z", name="evil.com."),
        Answer(registered="2026-11-20T10:00:00Z", more={"handle": None, "ldhName": None}),
        Status(200, YOUNG.body("evil.com"), "text/plain"),
        Status(200, b"\xef\xbb\xbf" + YOUNG.body("evil.com"), "text/html"),
        Status(200, YOUNG.body("evil.com"), headers={"Retry-After": "9999"}),
    ],
    ids=str,
)
async def test_odd_answers_are_answers(registry: Registry, behaviour: Behaviour) -> None:
    registry.behaviour = behaviour
    async with Asking(registry) as rdap:
        fact = await ask(rdap)
    assert isinstance(fact, Known)
    assert fact.value.registered == BORN


async def test_no_more_than_a_bounded_part_of_an_endless_body_is_taken(registry: Registry) -> None:
    endless = Endless()
    registry.behaviour = endless
    async with Asking(registry) as rdap:
        assert await ask(rdap) == Unavailable("too_large", NOW + DAY)
    assert endless.sent < 16 * 262_144  # what lies in the sockets' buffers is not ours


@pytest.mark.parametrize("behaviour", [Slow(60), Drip()], ids=["silent", "dripping"])
async def test_no_registry_holds_us_up(registry: Registry, behaviour: Behaviour) -> None:
    registry.behaviour = behaviour
    async with Asking(registry, deadline=0.2) as rdap:
        assert await ask(rdap) == Unavailable("timeout", NOW + MINUTE)


async def test_a_registry_that_is_gone() -> None:
    async with Registry() as registry:
        asking = Asking(registry)
    async with asking as rdap:
        assert await ask(rdap) == Unavailable("refused", NOW + 5 * MINUTE)


@pytest.mark.parametrize(
    "behaviour",
    [not_found(), Status(404), Status(404, b"no such domain", "text/plain"), Status(404, b"{}")],
    ids=["rdap", "empty", "text", "json"],
)
async def test_a_registry_s_404_is_absence(registry: Registry, behaviour: Behaviour) -> None:
    registry.behaviour = behaviour
    async with Asking(registry) as rdap:
        assert await ask(rdap) == Absent(NOW)


@pytest.mark.parametrize(
    "behaviour",
    [not_found_page(), Status(404, b" \n<!DOCTYPE html>", "application/json"), Status(404, b"", "text/html")],
    ids=["page", "mislabelled", "empty_page"],
)
async def test_a_web_server_s_404_proves_nothing(registry: Registry, behaviour: Behaviour) -> None:
    registry.behaviour = behaviour
    async with Asking(registry) as rdap:
        assert await ask(rdap) == Unavailable("bad_answer", NOW + HOUR)


async def test_after_a_redirect_the_last_answer_counts(registry: Registry) -> None:
    async with Registry() as other, Asking(registry, roam=True) as rdap:
        registry.behaviour = redirect(f"{other.url}domain/evil.com")
        other.behaviour = YOUNG
        assert isinstance(await ask(rdap), Known)
        other.behaviour = not_found()
        assert await ask(rdap) == Absent(NOW)
        other.behaviour = Status(404)  # not the TLD's server, and not RDAP's word: proves nothing
        assert await ask(rdap) == Unavailable("bad_answer", NOW + HOUR)


async def test_a_redirect_loop_is_left(registry: Registry) -> None:
    registry.behaviour = redirect("/round")
    async with Asking(registry, roam=True) as rdap:
        assert await ask(rdap) == Unavailable("redirect", NOW + HOUR)


async def test_a_tld_without_a_server_asks_nobody(registry: Registry) -> None:
    async with Asking(registry) as rdap:
        assert await ask(rdap, "evil.bazar") == Unavailable("no_server")
    assert registry.asked == []


@pytest.mark.parametrize(
    "name",
    [
        "", "com", "evil", ".com", "evil..com", "evil.com.", "Evil.com", "evil.com/../x", "evil.com?x", "a b.com",
        "evil%2ecom.com", "bücher.com", "evil.com\r\nX: y", "evil.com\n", "-a.com", "a" * 64 + ".com",
        "a." * 130 + "com",
    ],
)  # fmt: skip
async def test_what_is_no_a_label_domain_is_not_asked(registry: Registry, name: str) -> None:
    async with Asking(registry) as rdap:
        assert await ask(rdap, name) == Unavailable("bad_name")
    assert registry.asked == []


async def test_a_server_that_said_no_is_left_alone(registry: Registry) -> None:
    asking = Asking(registry)
    async with asking as rdap:
        registry.behaviour = rate_limited("30")
        assert await ask(rdap) == Unavailable("rate_limited", NOW + 30)
        registry.behaviour = YOUNG
        assert await ask(rdap, "other.com") == Unavailable("rate_limited", NOW + 30)
        assert len(registry.asked) == 1
        asking.clock.time += 30
        assert isinstance(await ask(rdap, "other.com"), Known)


async def test_our_own_pace_is_kept(registry: Registry) -> None:
    registry.default = YOUNG
    clock = SetClock()
    http = HttpClient("t")
    rdap = Rdap(Bootstrap({}, own={"com": registry.url}), http, clock, Limits(clock, rate=0.1, burst=2, patience=1))
    facts = [await ask(rdap, f"d{number}.com") for number in range(4)]
    await rdap.close()
    assert [isinstance(fact, Known) for fact in facts] == [True, True, False, False]
    assert facts[2] == Unavailable("rate_limited", NOW + 10)
    assert len(registry.asked) == 2


async def test_simultaneous_questions_don_t_mix(registry: Registry) -> None:
    for number in range(1, 29):
        registry.domains[f"d{number}.com"] = Answer(registered=f"2020-01-{number:02}")
    async with Asking(registry) as rdap:
        facts = await asyncio.gather(*(ask(rdap, f"d{number}.com") for number in range(1, 29)))
    days = [datetime.fromtimestamp(fact.value.registered, UTC).day for fact in facts if isinstance(fact, Known)]
    assert days == list(range(1, 29))


@pytest.mark.parametrize(
    ("behaviour", "usable"),
    [
        (not_found(), True),
        (Status(400), True),
        (Status(501), True),
        (web_page(), True),
        (Endless(), True),
        (redirect("http://127.0.0.1:1/"), True),
        (Status(500), False),
        (Status(403), False),
        (Reset(), False),
        (Raw(b"nonsense\r\n\r\n"), False),
    ],
    ids=str,
)
async def test_a_server_that_fails_again_and_again_is_paused(
    registry: Registry, behaviour: Behaviour, usable: bool
) -> None:
    registry.behaviour = behaviour
    async with Asking(registry) as rdap:
        facts = [await ask(rdap, f"d{number}.com") for number in range(6)]
        assert (facts[5] == Unavailable("paused", NOW + 30)) is not usable


# -- names above and below ---------------------------------------------------------------------------------------------


async def test_a_deeper_name_is_not_as_old_as_what_it_is_under(registry: Registry) -> None:
    """The registry gives out `gov.uk` as a whole, and knows nothing of the names under it."""
    registry.domains["gov.com"] = YOUNG
    async with Asking(registry) as rdap:
        assert await ask(rdap, "data.gov.com") == Unavailable("above", NOW + 6 * HOUR)
        assert await ask(rdap, "other.gov.com") == Unavailable("above", NOW + 6 * HOUR)
        assert await ask(rdap, "new.co.com") == Absent(NOW)
        assert await ask(rdap, "newer.co.com") == Absent(NOW)
    assert [registry.count(name) for name in ("gov.com", "co.com")] == [1, 1], "each is asked for once"


async def test_a_deeper_name_that_is_known_needs_no_other(registry: Registry) -> None:
    registry.domains["data.gov.com"] = YOUNG
    async with Asking(registry) as rdap:
        assert isinstance(await ask(rdap, "data.gov.com"), Known)
    assert len(registry.asked) == 1


async def test_what_is_above_and_can_t_be_told_leaves_it_absent_and_is_asked_again(registry: Registry) -> None:
    registry.domains["gov.com"] = Status(500)
    async with Asking(registry) as rdap:
        assert await ask(rdap, "data.gov.com") == Absent(NOW)
        registry.domains["gov.com"] = NO_DATE
        assert await ask(rdap, "data.gov.com") == Unavailable("above", NOW + 6 * HOUR)


async def test_who_is_asked_is_known_beforehand(registry: Registry) -> None:
    async with Asking(registry) as rdap:
        host = f"127.0.0.1:{registry.port}"
        assert (rdap.server("evil.com"), rdap.servers("com")) == (host, {host})
        assert (rdap.server("evil.net"), rdap.servers("net")) == ("", {""})


def related(url: str) -> Answer:
    link = {"rel": "related", "href": url, "type": "application/rdap+json"}
    return Answer(registered=None, more={"links": [link]})


async def test_the_registrar_is_asked_where_the_registry_has_no_date(registry: Registry) -> None:
    async with Registry() as registrar, Asking(registry, roam=True) as rdap:
        registrar.domains["evil.com"] = YOUNG
        registry.behaviour = related(f"{registrar.url}domain/evil.com")
        fact = await ask(rdap)
        assert isinstance(fact, Known)
        assert fact.value.registered == BORN
        registry.behaviour = Answer(more=related(f"{registrar.url}domain/evil.com").more)
        assert isinstance(await ask(rdap, "dated.com"), Known)
        assert registrar.count("evil.com") == 1  # a registry with a date is enough


@pytest.mark.parametrize(
    "behaviour",
    [Answer(name="good.com"), NO_DATE, not_found(), Reset(), web_page(), rate_limited("5"), Slow(60)],
    ids=["other_name", "no_date", "404", "reset", "page", "429", "slow"],
)
async def test_a_registrar_that_can_not_tell_changes_nothing(registry: Registry, behaviour: Behaviour) -> None:
    async with Registry() as registrar, Asking(registry, roam=True, deadline=0.4) as rdap:
        registrar.behaviour = behaviour
        registry.behaviour = related(f"{registrar.url}domain/evil.com")
        assert await ask(rdap) == Unavailable("no_registration_date", NOW + 7 * DAY)
        assert registrar.count("evil.com") >= 1


async def test_a_registrar_inside_the_house_is_not_asked(registry: Registry) -> None:
    async with Registry() as registrar, Asking(registry) as rdap:
        registrar.behaviour = YOUNG
        for url in (registrar.url, f"http://localhost:{registrar.port}/", "http://[", "javascript:x", registry.url):
            registry.behaviour = related(f"{url}domain/evil.com")
            assert await ask(rdap) == Unavailable("no_registration_date", NOW + 7 * DAY)
        assert registrar.asked == []
    assert len(registry.asked) == 5


def test_the_registry_also_runs_in_a_thread() -> None:
    from urllib.request import urlopen

    with Registry() as registry:
        registry.domains["evil.com"] = YOUNG
        with urlopen(f"{registry.url}domain/evil.com", timeout=10) as reply:
            assert json.load(reply)["ldhName"] == "EVIL.COM"
        assert registry.count("evil.com") == 1
