"""The list that is fetched in the background, from a server on loopback that does as it is told."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alert_samples import AT, DAY, FakeClock
from dns_events import parse
from firstsight.lookups.http import HttpClient
from firstsight.lookups.popular import PopularFetch
from servers.registry import Behaviour, Endless, Registry, Reset, Status, redirect

LIST = gzip.compress(b"1,kestrelvale.com\n2,wexcombe-travel.com\n3,osterwick-optics.com\n")
NEWER = b"1,larkspur-fasteners.com\n"
VALIDATORS = {"ETag": '"7"', "Last-Modified": "Mon, 23 Nov 2026 02:00:00 GMT"}


class Fetching:
    """A fetch, its server, its clock and its client."""

    def __init__(self, folder: Path, server: Registry) -> None:
        self.path = folder / "popular-fetched.csv"
        self.server = server
        self.clock = FakeClock()
        self.client = HttpClient("firstsight/test", max_bytes=100_000)
        self.fetch = self.made()

    def made(self, path: str = "top.csv.gz", top: int = 2) -> PopularFetch:
        """As after a start."""
        return PopularFetch(self.client, self.server.url + path, self.path, parse, top, self.clock)

    async def renewed(self, behaviour: Behaviour) -> dict[str, str]:
        """Renew; the headers that the server was asked with."""
        self.server.behaviour = behaviour
        await self.fetch.renew()
        return dict(self.server.asked[-1].headers)


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    async with Registry() as server:
        fetching = Fetching(tmp_path, server)
        yield fetching
        await fetching.client.close()


def good() -> Status:
    return Status(200, LIST, headers=VALIDATORS)


async def test_a_list_is_fetched_and_renewed_weekly(fetching: Fetching) -> None:
    assert fetching.fetch.due()
    assert fetching.fetch.age() is None
    asked = await fetching.renewed(good())
    assert "if-none-match" not in asked
    assert fetching.path.read_text().endswith("\n1,kestrelvale.com\n2,wexcombe-travel.com\n")

    fetching.clock.at += 7 * DAY - 1
    fetching.fetch = fetching.made()  # it knows it again after a restart
    assert (fetching.fetch.due(), fetching.fetch.age()) == (False, 7 * DAY - 1)
    fetching.clock.at += 1
    assert fetching.fetch.due()

    asked = await fetching.renewed(Status(304))
    assert (asked["if-none-match"], asked["if-modified-since"]) == (VALIDATORS["ETag"], VALIDATORS["Last-Modified"])
    assert (fetching.fetch.due(), fetching.fetch.age(), fetching.fetch.trouble()) == (False, 0, None)
    assert fetching.path.read_text().endswith("\n1,kestrelvale.com\n2,wexcombe-travel.com\n")

    fetching.clock.at += 7 * DAY
    await fetching.renewed(Status(200, NEWER))
    assert fetching.path.read_text().endswith("\n1,larkspur-fasteners.com\n")
    fetching.clock.at += 7 * DAY
    assert "if-none-match" not in await fetching.renewed(Status(200, NEWER)), "that one came without validators"


async def test_a_key_in_the_url_is_not_told(fetching: Fetching) -> None:
    fetching.fetch = fetching.made("top.csv?key=hunter2")
    with capture_logs() as logs:
        for behaviour in (Status(500), Status(200, b""), Status(200, b"\xff"), Reset(), good()):
            await fetching.renewed(behaviour)
            assert "hunter2" not in (fetching.fetch.trouble() or "")
    assert len(logs) == 5
    assert "hunter2" not in str(logs)
    assert fetching.server.asked[-1].path == "/top.csv?key=hunter2"


@pytest.mark.parametrize("change", [("other.csv", 2), ("top.csv.gz", 3)], ids=["another list", "more of it"])
async def test_another_list_is_fetched_at_once(fetching: Fetching, change: tuple[str, int]) -> None:
    await fetching.renewed(good())
    fetching.fetch = fetching.made(*change)
    assert fetching.fetch.due()
    assert "if-none-match" not in await fetching.renewed(good())


async def test_a_list_that_is_gone_is_fetched_as_if_there_were_none(fetching: Fetching) -> None:
    await fetching.renewed(good())
    fetching.path.unlink()
    fetching.fetch = fetching.made()
    assert fetching.fetch.due()
    await fetching.renewed(good())
    fetching.path.with_suffix(".json").write_bytes(b"{")
    assert fetching.made().due()


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (Status(500, b"no"), "answered 500"),
        (Status(404), "answered 404"),
        (Status(200, b""), "holds no usable line"),
        (Status(200, LIST[:30]), "can't be read"),
        (Status(200, b"<html>\n<a>kestrelvale.com</a>\n"), "holds no usable line"),
        (Endless(), "longer than 100000 bytes"),
        (Reset(), "broke"),
    ],
    ids=["500", "404", "empty", "cut", "page", "endless", "reset"],
)
async def test_what_cannot_be_used_leaves_the_old_list(fetching: Fetching, behaviour: Behaviour, why: str) -> None:
    await fetching.renewed(good())
    fetching.clock.at += 8 * DAY
    with capture_logs() as logs:
        await fetching.renewed(behaviour)
        await fetching.renewed(behaviour)
    assert [line["event"] for line in logs] == ["popular_list_not_fetched"], "said once"
    assert why in logs[0]["what"]
    assert fetching.path.read_text().endswith("\n1,kestrelvale.com\n2,wexcombe-travel.com\n")
    assert fetching.fetch.trouble() is None, "the list is a week old only"

    fetching.clock.at += 14 * DAY
    told = fetching.fetch.trouble()
    assert told is not None
    assert "is 22 days old" in told
    await fetching.renewed(good())
    assert fetching.fetch.trouble() is None


async def test_a_failure_is_not_repeated_at_once(fetching: Fetching) -> None:
    for hours in (1, 2, 4, 8, 16, 24, 24):
        await fetching.renewed(Status(500))
        assert not fetching.fetch.due()
        fetching.clock.at += hours * 3600 - 1
        assert not fetching.fetch.due()
        fetching.clock.at += 1
        assert fetching.fetch.due()
    told = fetching.fetch.trouble()
    assert told is not None
    assert "could not be fetched yet" in told
    assert 'set [popular] url = ""' in told
    fetching.clock.at = AT - DAY  # the clock was set back: better too early than never
    assert fetching.fetch.due()


async def test_a_redirect_may_not_lead_inside(fetching: Fetching) -> None:
    await fetching.renewed(redirect("/elsewhere.csv"))
    assert "not a public one" in (fetching.fetch.trouble() or "")
    assert [asked.path for asked in fetching.server.asked] == ["/top.csv.gz"]


async def test_what_is_known_of_it_cannot_be_kept(fetching: Fetching) -> None:
    fetching.path.with_suffix(".json").mkdir()
    with capture_logs() as logs:
        await fetching.renewed(good())
    assert "make room" in logs[-1]["what"]
    assert fetching.path.exists()
    assert not fetching.fetch.due(), "it is tried again later"
