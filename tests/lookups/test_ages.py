"""Who is asked for an age, in order, and when somebody else's word is taken."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from alert_samples import FakeClock
from firstsight.core.facts import Absent, Known, Unavailable
from firstsight.lookups.ages import Ages
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.http import HttpClient
from firstsight.lookups.isc import Isc
from firstsight.lookups.polite import Limits
from firstsight.lookups.rdap import Rdap
from firstsight.lookups.way_out import WayOut
from firstsight.lookups.whois import Whois, WhoisServer
from servers.registry import Answer, Registry, Status, not_found
from servers.whois import WhoisRegistry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
ISC_KNOWS = Status(200, b'{"firstseen": "2026-11-20"}')


@dataclass
class Outsiders:
    rdap: Registry
    whois: WhoisRegistry
    isc: Registry
    ages: Ages = field(init=False)

    def compose(self, *, whois: bool = True, isc: bool = True) -> Ages:
        clock, http = FakeClock(NOW), HttpClient("t")
        limits = Limits(clock, rate=1000, burst=1000)
        rdap = Rdap(Bootstrap({}, own={"com": self.rdap.url}), http, clock, limits)
        servers = {tld: WhoisServer("127.0.0.1", self.whois.port, trusted=True) for tld in ("com", "it")}
        self.ages = Ages(
            rdap,
            Whois(servers, clock, limits, WayOut()) if whois else None,
            Isc(f"{self.isc.url}domain/", http, clock, limits) if isc else None,
        )
        return self.ages


@pytest.fixture
async def outsiders() -> AsyncIterator[Outsiders]:
    async with Registry() as rdap, WhoisRegistry() as whois, Registry() as isc:
        isc.behaviour = ISC_KNOWS
        found = Outsiders(rdap, whois, isc)
        yield found
        await found.ages.close()


def source(fact: object) -> str:
    assert isinstance(fact, Known)
    return str(fact.value.source)


async def test_the_registry_is_asked_first_and_its_word_stands(outsiders: Outsiders) -> None:
    ages = outsiders.compose()
    outsiders.rdap.behaviour = Answer(registered="2020-01-02T00:00:00Z")
    assert source(await ages.ask("kestrelvale.com")) == "RDAP"
    outsiders.rdap.behaviour = not_found()
    assert isinstance(await ages.ask("absent.com"), Absent)
    outsiders.rdap.behaviour = Status(500)
    fact = await ages.ask("down.com")
    assert isinstance(fact, Unavailable)
    assert fact.reason == "server_error", "it may tell tomorrow"
    assert (outsiders.whois.asked, outsiders.isc.asked) == ([], [])


async def test_whois_where_rdap_can_t_tell(outsiders: Outsiders) -> None:
    ages = outsiders.compose()
    assert source(await ages.ask("kestrelvale.it")) == "WHOIS"
    outsiders.rdap.behaviour = Answer(registered=None)
    assert source(await ages.ask("kestrelvale.com")) == "WHOIS"
    outsiders.whois.behaviour = "No match"
    assert isinstance(await ages.ask("absent.it"), Absent)
    assert outsiders.isc.asked == []


async def test_isc_where_neither_can(outsiders: Outsiders) -> None:
    ages = outsiders.compose()
    outsiders.whois.behaviour = "Domain: {name}\nStatus: connect\n"
    assert source(await ages.ask("kestrelvale.it")) == "ISC"
    assert source(await ages.ask("kestrelvale.example")) == "ISC"
    outsiders.isc.behaviour = Status(200, b"[]")
    fact = await ages.ask("another.it")
    assert isinstance(fact, Unavailable)
    assert fact.reason == "no_registration_date", "why the first who was asked can't tell; ISC's ignorance is none"


async def test_nobody_else_is_asked_unless_it_is_wanted(outsiders: Outsiders) -> None:
    ages = outsiders.compose(whois=False, isc=False)
    assert await ages.ask("kestrelvale.it") == Unavailable("no_server")
    assert (outsiders.whois.asked, outsiders.isc.asked) == ([], [])


async def test_whose_turn_a_question_waits_for(outsiders: Outsiders) -> None:
    ages = outsiders.compose()
    whois, isc = f"127.0.0.1:{outsiders.whois.port}", outsiders.isc.url.split("/")[2]
    rdap = outsiders.rdap.url.split("/")[2]
    assert [ages.server(name) for name in ("a.com", "a.it", "a.example")] == [rdap, whois, isc]
    assert ages.servers("com") == {rdap, whois, isc}
    alone = outsiders.compose(whois=False, isc=False)
    assert (alone.server("a.it"), alone.servers("it")) == ("", {""})
