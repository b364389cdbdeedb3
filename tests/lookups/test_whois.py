import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from alert_samples import FakeClock
from firstsight import tables
from firstsight.core.errors import InputError
from firstsight.core.facts import Absent, Known, Registration, Unavailable
from firstsight.lookups.polite import Limits
from firstsight.lookups.way_out import WayOut
from firstsight.lookups.whois import Whois, WhoisServer, parse_servers
from servers.whois import WhoisRegistry as Registry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
BORN = datetime(2026, 11, 20, 10, tzinfo=UTC).timestamp()
ENDS = datetime(2027, 11, 20, 10, tzinfo=UTC).timestamp()
KNOWN = Known(Registration(BORN, ENDS, "WHOIS", NOW))
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with Registry() as registry:
        yield registry


def whois(*registries: Registry, trusted: bool = True, way_out: WayOut | None = None, deadline: float = 5.0) -> Whois:
    """Asks the first of them for .it; the others are in the table."""
    servers = {
        tld: WhoisServer("127.0.0.1", registry.port, trusted=trusted)
        for tld, registry in zip(("it", "jp", "kr"), registries, strict=False)
    }
    clock = FakeClock(NOW)
    return Whois(servers, clock, Limits(clock, rate=1000, burst=1000), way_out or WayOut(), deadline=deadline)


async def test_a_date_a_registry_tells(registry: Registry) -> None:
    assert await whois(registry).ask("kestrelvale.it") == KNOWN
    assert registry.asked == ["kestrelvale.it"]


async def test_a_name_that_is_not_there(registry: Registry) -> None:
    registry.behaviour = "Domain: {name}\nStatus: AVAILABLE\n"
    assert await whois(registry).ask("kestrelvale.it") == Absent(NOW)


async def test_an_answer_in_another_alphabet(registry: Registry) -> None:
    registry.behaviour, registry.encoding = "Dom\xe4n: x\nCreated: 2026-11-20\n", "latin-1"
    fact = await whois(registry).ask("kestrelvale.it")
    assert isinstance(fact, Known)


async def endless(writer: asyncio.StreamWriter) -> None:
    for _ in range(10_000):
        writer.write(b"x" * 1000)
        await writer.drain()


def abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def say_nothing(_: asyncio.StreamWriter) -> None: ...


async def slow(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3)


@pytest.mark.parametrize(
    ("behaviour", "reason", "patience"),
    [
        (endless, "too_large", DAY),
        (slow, "timeout", MINUTE),
        (abort, "reset", MINUTE),
        (say_nothing, "reset", MINUTE),
        ("Domain: {name}\nStatus: connect\n", "no_registration_date", 7 * DAY),
        ("\n" * 65_000 + "Domain: {name}\n", "no_registration_date", 7 * DAY),  # and no time goes by
        ("Creation Date: 03/04/2020\n", "bad_date", DAY),
        ("Domain: other.it\nCreated: 2020-01-01\n", "wrong_name", HOUR),
    ],
)
async def test_what_is_no_answer(registry: Registry, behaviour: object, reason: str, patience: float) -> None:
    registry.behaviour = behaviour  # type: ignore[assignment]  # one of both
    fact = await whois(registry, deadline=0.3).ask("kestrelvale.it")
    assert fact == Unavailable(reason, NOW + patience)


async def test_who_refuses_is_left_alone(registry: Registry) -> None:
    registry.behaviour = "% Query rate limit exceeded, try again later\n"
    asking = whois(registry)
    first = await asking.ask("kestrelvale.it")
    assert isinstance(first, Unavailable)
    assert (first.reason, first.retry_at is not None) == ("rate_limited", True)

    assert isinstance(await asking.ask("another.it"), Unavailable)
    assert len(registry.asked) == 1


async def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        clock = FakeClock(NOW)
        server = WhoisServer("127.0.0.1", taken.getsockname()[1], trusted=True)
        asking = Whois({"it": server}, clock, Limits(clock), WayOut())
        assert await asking.ask("kestrelvale.it") == Unavailable("refused", NOW + 5 * MINUTE)


async def test_who_has_no_server_is_not_asked_for(registry: Registry) -> None:
    assert await whois(registry).ask("kestrelvale.example") == Unavailable("no_server")


async def test_port_43_does_not_pass_a_proxy(registry: Registry) -> None:
    clock = FakeClock(NOW)
    servers = {"it": WhoisServer("whois.nic.it", registry.port)}
    asking = Whois(servers, clock, Limits(clock), WayOut("http://proxy.example:3128"))
    assert await asking.ask("kestrelvale.it") == Unavailable("proxy")
    assert registry.asked == []


async def test_a_server_of_the_table_that_leads_inside_is_not_asked(registry: Registry) -> None:
    assert await whois(registry, trusted=False).ask("kestrelvale.it") == Unavailable("blocked_address", NOW + DAY)
    assert registry.asked == []


async def test_a_referral_is_followed_to_servers_of_the_table_only() -> None:
    async with Registry() as first, Registry() as registrar:
        clock = FakeClock(NOW)
        servers = {
            "it": WhoisServer("127.0.0.1", first.port, trusted=True),
            "jp": WhoisServer("localhost", registrar.port, trusted=True),
        }
        asking = Whois(servers, clock, Limits(clock, rate=1000, burst=1000), WayOut())
        first.behaviour = "Domain Name: {name}\nRegistrar WHOIS Server: localhost\n"
        assert await asking.ask("kestrelvale.it") == KNOWN
        first.behaviour = "Domain Name: {name}\nRegistrar WHOIS Server: 127.0.0.1\n"  # itself
        assert isinstance(await asking.ask("a.it"), Unavailable)
        first.behaviour = "Domain Name: {name}\nRegistrar WHOIS Server: 10.0.0.1\n"
        assert isinstance(await asking.ask("b.it"), Unavailable)
        assert (len(first.asked), registrar.asked) == (3, ["kestrelvale.it"])


def test_the_shipped_table_and_the_operators_servers() -> None:
    servers = parse_servers(tables.whois_servers(), {"it": "10.0.0.1:4343", ".Example.": "whois.example"})

    assert servers["jp"] == WhoisServer("whois.jprs.jp", question="%s/e")
    assert servers["dk"].question == "--show-handles %s"
    assert servers["it"] == WhoisServer("10.0.0.1", 4343, trusted=True)
    assert servers["example"] == WhoisServer("whois.example", trusted=True)
    asking = Whois(servers, FakeClock(NOW), Limits(FakeClock(NOW)), WayOut())
    assert asking.hosts_under("jp") == {"whois.jprs.jp:43"}


@pytest.mark.parametrize(
    ("text", "own"),
    [("it whois.nic.it\n", {}), ("it h %s maybe\n", {}), ("", {"it": "host:port"}), ("", {"it": "h:0"})],
)
def test_a_table_that_can_t_be_used_is_refused(text: str, own: dict[str, str]) -> None:
    with pytest.raises(InputError):
        parse_servers(text, own)
