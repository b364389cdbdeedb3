"""OTX on loopback: what is asked of it, and what becomes of everything that it may answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from alert_samples import FakeClock
from dns_events import AT, parse
from firstsight.core.facts import Absent, Fact, Intel, Known, Threat, Unavailable
from firstsight.lookups.http import HttpClient
from firstsight.lookups.otx import ANSWER_MOST, Otx, hourly
from firstsight.lookups.polite import Limits
from servers.otx import Otx as Server
from servers.otx import general, pulse
from servers.registry import (
    Behaviour,
    Endless,
    Raw,
    Reset,
    Slow,
    Status,
    not_found_page,
    rate_limited,
    redirect,
    web_page,
)

HOUR = 3600
KEY = "k" * 64


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AT)


@pytest.fixture
async def make(server: Server, clock: FakeClock) -> AsyncIterator[Callable[..., Otx]]:
    made: list[Otx] = []

    def make(**changes: Any) -> Otx:
        keys: dict[str, Any] = {"key": KEY, "authors": ["AlienVault"], "timeout": 20.0} | changes
        limits = keys.pop("limits", None) or hourly(clock, 10_000)
        client = HttpClient("t", max_bytes=ANSWER_MOST)
        made.append(
            Otx(server.url, client, clock, limits, is_domain=lambda name: parse(name).registered == name, **keys)
        )
        return made[-1]

    yield make
    for otx in made:
        await otx.close()


# -- what is asked -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("evil.com", "/api/v1/indicators/domain/evil.com/general"),
        ("www.evil.com", "/api/v1/indicators/hostname/www.evil.com/general"),
        ("user.github.io", "/api/v1/indicators/hostname/user.github.io/general"),
        ("xn--80ak6aa92e.com", "/api/v1/indicators/domain/xn--80ak6aa92e.com/general"),
        ("_x.evil.co.uk", "/api/v1/indicators/hostname/_x.evil.co.uk/general"),
    ],
)
async def test_a_question(make: Callable[..., Otx], server: Server, name: str, path: str) -> None:
    assert await make().ask(name) == Absent(AT)
    (asked,) = server.asked
    assert asked.path == path
    assert asked.headers["x-otx-api-key"] == KEY


@pytest.mark.parametrize(
    "name", ["", "evil", "Evil.com", "evil.com.", "a/b.com", "a b.com", "*.com", "é.com", "a..com"]
)
async def test_nothing_else_is_asked(make: Callable[..., Otx], server: Server, name: str) -> None:
    assert await make().ask(name) == Unavailable("bad_name")
    assert server.asked == []


async def test_without_a_key_none_is_sent(make: Callable[..., Otx], server: Server) -> None:
    await make(key="").ask("evil.com")
    assert "x-otx-api-key" not in server.asked[0].headers


async def test_a_key_that_can_t_be_used_asks_nobody(make: Callable[..., Otx], server: Server) -> None:
    otx = make(key=None)
    assert (otx.server("evil.com"), otx.servers("com")) == ("", [""])
    assert await otx.ask("evil.com") == Unavailable("no_key", AT + 300)
    assert server.asked == []


async def test_the_key_goes_nowhere_else(make: Callable[..., Otx], server: Server) -> None:
    async with Server() as elsewhere:
        server.behaviour = redirect(f"{elsewhere.url}x")
        assert await make().ask("evil.com") == Unavailable("blocked_address", AT + 24 * HOUR)
        assert elsewhere.asked == []


# -- what is answered --------------------------------------------------------------------------------------------------


async def test_a_known_domain(make: Callable[..., Otx], server: Server) -> None:
    server.domains["evil.com"] = general("evil.com", pulse("One"), pulse("Two", days=3), pulse("Three", "Somebody"))
    fact = await make().ask("evil.com")

    assert isinstance(fact, Known)
    assert (fact.value.verdict, fact.value.others, fact.value.checked) == (Threat.HIGH, 1, AT)
    assert [found.name for found in fact.value.pulses] == ["Two", "One"]


async def test_everybodys_pulses(make: Callable[..., Otx], server: Server) -> None:
    server.domains["evil.com"] = general("evil.com", pulse("Three", "Somebody"))

    assert verdict_of(await make().ask("evil.com")) is Threat.NONE
    assert verdict_of(await make(everybody=True).ask("evil.com")) is Threat.LOW
    assert verdict_of(await make(authors=["somebody"]).ask("evil.com")) is Threat.MEDIUM


def verdict_of(fact: Fact[Intel]) -> Threat:
    assert isinstance(fact, Known)
    return fact.value.verdict


@pytest.mark.parametrize(
    ("says", "reason", "seconds"),
    [
        (Status(404, b'{"detail": "endpoint not found"}'), None, 0),
        (Status(404), None, 0),
        (not_found_page(), "rejected", 24 * HOUR),
        (Status(400, b'{"detail": "malformed hostname"}'), "rejected", 24 * HOUR),
        (Status(401), "key_refused", 600),
        (Status(403, b'{"detail": "Authentication required"}'), "key_refused", 600),
        (rate_limited(), "rate_limited", 60),
        (rate_limited("1800"), "rate_limited", 1800),
        (Status(500), "server_error", 60),
        (Status(504), "server_error", 60),
        (web_page(), "bad_answer", HOUR),
        (Status(200, b'{"data": [], "size": 865426, "count": 865426}'), "bad_answer", HOUR),
        (Status(200, b"x" * 5_000_000), "too_large", 24 * HOUR),
        (Endless(), "too_large", 24 * HOUR),
        (Raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "bad_reply", HOUR),
        (Reset(), "reset", 60),
    ],
)
async def test_all_else_that_may_come(
    make: Callable[..., Otx], server: Server, says: Behaviour, reason: str | None, seconds: float
) -> None:
    server.behaviour = says
    expected = Absent(AT) if reason is None else Unavailable(reason, AT + seconds)

    assert await make().ask("evil.com") == expected


async def test_an_answer_is_not_waited_for_without_end(make: Callable[..., Otx], server: Server) -> None:
    server.behaviour = Slow(60)
    assert await make(timeout=0.05).ask("evil.com") == Unavailable("timeout", AT + 60)


async def test_a_real_large_answer_is_read(make: Callable[..., Otx], server: Server) -> None:
    server.behaviour = general("evil.com", *(pulse(str(n), description="x" * 20_000) for n in range(50)))
    assert verdict_of(await make().ask("evil.com")) is Threat.HIGH


# -- its patience ------------------------------------------------------------------------------------------------------


async def test_a_refused_key_is_told_until_another_one_is_there(
    make: Callable[..., Otx], server: Server, clock: FakeClock
) -> None:
    otx = make()
    server.behaviour = Status(403)
    assert await otx.ask("evil.com") == Unavailable("key_refused", AT + 600)
    assert "refuses the key (403)" in str(otx.trouble())
    assert KEY not in str(otx.trouble())
    assert await otx.ask("other.com") == Unavailable("key_refused", AT + 600)
    assert (otx.server("other.com"), len(server.asked)) == ("", 1), "it is left alone meanwhile"
    clock.at += 601
    assert await otx.ask("other.com") == Unavailable("key_refused", AT + 1201)
    assert len(server.asked) == 2, "and tried again"
    server.behaviour = None
    otx.take_key("n" * 64)
    assert otx.trouble() is None
    assert await otx.ask("evil.com") == Absent(AT + 601)
    assert server.asked[-1].headers["x-otx-api-key"] == "n" * 64


async def test_without_a_key_it_is_told_that_one_is_wanted(make: Callable[..., Otx], server: Server) -> None:
    otx = make(key="")
    server.behaviour = Status(401)
    await otx.ask("evil.com")
    assert "wants a key (401)" in str(otx.trouble())


async def test_a_quota_that_is_used_up_is_told_until_it_answers(
    make: Callable[..., Otx], server: Server, clock: FakeClock
) -> None:
    otx = make()
    server.behaviour = rate_limited("600")
    await otx.ask("evil.com")
    assert "quota is used up" in str(otx.trouble())
    assert otx.spare() == 0
    server.behaviour = None
    clock.at += 601
    assert await otx.ask("evil.com") == Absent(AT + 601)
    assert otx.trouble() is None


async def test_a_dead_server_is_left_alone_and_tried_again(
    make: Callable[..., Otx], server: Server, clock: FakeClock
) -> None:
    otx = make()
    server.behaviour = Status(504)
    for _ in range(5):
        assert otx.trouble() is None
        assert await otx.ask("evil.com") == Unavailable("server_error", AT + 60)
    assert "five times in a row (the last: status 504)" in str(otx.trouble())
    assert await otx.ask("evil.com") == Unavailable("paused", AT + 30)
    assert len(server.asked) == 5
    server.behaviour = None
    clock.at += 31
    assert await otx.ask("evil.com") == Absent(AT + 31)
    assert otx.trouble() is None


@pytest.mark.parametrize("quota", [10, 100, 1000])
async def test_the_quota_is_never_exceeded(
    make: Callable[..., Otx], server: Server, clock: FakeClock, quota: int
) -> None:
    """Whatever hour is looked at: it is asked as fast as it goes for three hours."""
    limits = hourly(clock, quota)
    asked: list[float] = []
    while clock.at < AT + 3 * HOUR:
        if limits.free_at("otx") <= clock.at:
            assert await limits.acquire("otx") is None
            asked.append(clock.at)
        else:
            clock.at += 1
    busiest = max(sum(start <= at < start + HOUR for at in asked) for start in asked)

    assert busiest <= quota
    assert busiest >= 0.9 * quota


async def test_what_the_quota_leaves(make: Callable[..., Otx], clock: FakeClock) -> None:
    limits: Limits = hourly(clock, 1000)
    otx = make(limits=limits)
    assert otx.spare() == 100
    await asyncio.gather(*(otx.ask(f"evil{n}.com") for n in range(40)))
    assert otx.spare() == 60
    clock.at += HOUR
    assert otx.spare() == 100
