"""The table of RDAP servers: downloaded, kept, renewed; what can't be used changes nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY
from firstsight.lookups.bootstrap import Bootstrap, Server
from firstsight.lookups.http import HttpClient
from firstsight.lookups.renewal import Renewal
from servers.registry import Endless, Registry, Reset, Status, redirect, web_page

HOUR = 3600
SHIPPED = {"com": "https://old.example/", "io": "https://unlisted.example/"}
OWN = {"net": "http://127.0.0.1:9/"}


def table(**servers: str) -> bytes:
    services = [[[suffix], [url]] for suffix, url in servers.items()]
    return json.dumps({"publication": "2026-11-20T00:00:00Z", "services": services}).encode()


NEW = table(com="https://new.example/", net="https://net.example/")


@dataclass
class Site:
    """What renews, with what it has given out."""

    url: str
    path: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(AT))
    taken: list[Bootstrap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http = HttpClient("t")
        self.open()

    def open(self) -> Renewal:
        """Start, or start again."""
        self.renewal = Renewal(
            self.url, self.http, self.clock, self.path, shipped=SHIPPED, own=OWN, take=self.taken.append
        )
        self.renewal.load()
        return self.renewal

    def server(self, domain: str) -> Server | None:
        return self.taken[-1].server_for(domain)


@pytest.fixture
async def iana() -> AsyncIterator[Registry]:
    async with Registry() as server:
        server.behaviour = Status(200, NEW, headers={"ETag": '"v1"', "Last-Modified": "Fri, 20 Nov 2026 00:00:00 GMT"})
        yield server


@pytest.fixture
async def site(tmp_path: Path, iana: Registry) -> AsyncIterator[Site]:
    site = Site(f"{iana.url}dns.json", tmp_path / "rdap-servers.json")
    yield site
    await site.http.close()


async def test_what_it_names_is_taken_and_what_it_does_not_stays(site: Site) -> None:
    assert site.renewal.due()
    await site.renewal.renew()
    assert site.server("evil.com") == Server("https://new.example/", trusted=False)
    assert site.server("evil.io") == Server("https://unlisted.example/", trusted=False)
    assert site.server("evil.net") == Server("http://127.0.0.1:9/", trusted=True), "the operator's"
    assert site.taken[-1].dated == "2026-11-20T00:00:00Z"


async def test_it_is_asked_for_once_a_week_and_only_for_what_is_new(site: Site, iana: Registry) -> None:
    await site.renewal.renew()
    assert "if-none-match" not in iana.asked[0].headers
    site.clock.at += 7 * DAY - 1
    assert not site.renewal.due()
    site.clock.at += 1
    assert site.renewal.due()
    iana.behaviour = Status(304)
    await site.renewal.renew()
    assert iana.asked[1].headers["if-none-match"] == '"v1"'
    assert iana.asked[1].headers["if-modified-since"] == "Fri, 20 Nov 2026 00:00:00 GMT"
    assert not site.renewal.due()
    assert site.server("evil.com") == Server("https://new.example/", trusted=False)


async def test_a_restart_goes_on_with_what_was_kept(site: Site) -> None:
    await site.renewal.renew()
    site.taken.clear()
    assert not site.open().due()
    assert site.server("evil.com") == Server("https://new.example/", trusted=False)


async def test_a_copy_of_another_url_is_none(site: Site) -> None:
    await site.renewal.renew()
    site.taken.clear()
    site.url += "?other"
    assert site.open().due()
    assert site.taken == []


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"url":"x","checked":1,"table":{}}', b"\xff"])
async def test_a_copy_that_is_spoilt_is_none(site: Site, kept: bytes) -> None:
    site.path.write_bytes(kept.replace(b'"x"', json.dumps(site.url).encode()))
    assert site.open().due()
    assert site.taken == []


@pytest.mark.parametrize(
    "behaviour",
    [
        Status(404), Status(500), Status(304), Status(200, b""), web_page(), Status(200, b'{"services":[]}'),
        Status(200, NEW[:-3]), Endless(), Reset(), redirect("http://127.0.0.1:1/"), redirect("/round"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_can_t_be_used_leaves_the_one_before_in_force(site: Site, iana: Registry, behaviour: Any) -> None:
    if behaviour != Status(304):  # without a copy, that says nothing
        await site.renewal.renew()
    before, kept = len(site.taken), site.path.read_bytes() if site.path.exists() else None
    site.clock.at += 8 * DAY
    iana.behaviour = behaviour
    await site.renewal.renew()
    assert len(site.taken) == before
    assert (site.path.read_bytes() if site.path.exists() else None) == kept
    assert not site.renewal.due(), "not at once again"
    site.clock.at += HOUR
    assert site.renewal.due()


async def test_a_copy_that_can_t_be_kept_is_used_all_the_same(site: Site) -> None:
    site.path.mkdir()
    await site.renewal.renew()
    assert site.server("evil.com") == Server("https://new.example/", trusted=False)


async def test_a_clock_set_back_does_not_stop_it(site: Site) -> None:
    await site.renewal.renew()
    site.clock.at -= 400 * DAY
    assert site.renewal.due()
