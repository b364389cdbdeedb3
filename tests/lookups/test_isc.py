from datetime import UTC, datetime

import pytest

from alert_samples import FakeClock
from firstsight.core.facts import Absent, Known, Registration, Unavailable
from firstsight.lookups.http import HttpClient
from firstsight.lookups.isc import Isc
from firstsight.lookups.polite import Limits
from servers.registry import Registry, Reset, Status, rate_limited

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
DAY = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
HOUR = 3600


@pytest.mark.parametrize(
    ("behaviour", "fact"),
    [
        (
            Status(200, b'{"domainname": "kestrelvale.com", "firstseen": "2026-11-20"}'),
            Known(Registration(DAY, None, "ISC", NOW)),
        ),
        (Status(200, b"[]"), Absent(NOW)),
        (Status(200, b"<html>"), Unavailable("bad_answer", NOW + HOUR)),
        (Status(403), Unavailable("rejected", NOW + HOUR)),
        (Status(500), Unavailable("server_error", NOW + HOUR)),
        (Reset(), Unavailable("reset", NOW + HOUR)),
    ],
)
async def test_what_isc_says(behaviour: object, fact: object) -> None:
    async with Registry() as server:
        server.behaviour = behaviour  # type: ignore[assignment]  # one of many
        http, clock = HttpClient("t"), FakeClock(NOW)
        isc = Isc(f"{server.url}domain/", http, clock, Limits(clock, rate=1000, burst=1000))
        assert await isc.ask("kestrelvale.com") == fact
        assert {asked.name for asked in server.asked} == {"kestrelvale.com?json"}
        await http.close()


async def test_who_asks_for_patience_gets_it() -> None:
    async with Registry() as server:
        server.behaviour = rate_limited("120")
        http, clock = HttpClient("t"), FakeClock(NOW)
        isc = Isc(f"{server.url}domain/", http, clock, Limits(clock, rate=1000, burst=1000))
        first = await isc.ask("kestrelvale.com")
        again = await isc.ask("another.com")
        assert isinstance(first, Unavailable)
        assert first.reason == "rate_limited"
        assert isinstance(again, Unavailable)
        assert len(server.asked) == 1
        await http.close()
