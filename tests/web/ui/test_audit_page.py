"""The page of the trail."""

import re
from collections.abc import Iterator

import pytest

from firstsight.core.deeds import Deed
from pages_fed import SCRIPT
from running import InThread, running

DAY = 86400.0
MANY = 250


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with running(tmp_path_factory.mktemp("audit")) as service:
        trail = service.parts.access.trail
        service.do(lambda: trail.note(Deed("exception_added", "person:alice", 0.0, SCRIPT, "192.0.2.1")))
        for number in range(2, MANY + 1):
            deed = Deed("login", f"person:p{number % 2}", number * DAY)
            service.do(lambda deed=deed: trail.note(deed))  # type: ignore[misc]
        yield service


def numbers(service: InThread, path: str) -> list[int]:
    """The numbers of the rows, top to bottom."""
    reply = service.get(path)
    assert reply.status == 200
    return [int(number) for number in re.findall(r'<tr><td class="number">(\d+)</td>', reply.body.decode())]


def test_the_newest_come_first_and_older_ones_follow(service: InThread) -> None:
    path, seen = "/ui/audit", []
    while path:
        seen += numbers(service, path)
        more = re.search(r'class="more" href="([^"]+)"', service.get(path).body.decode())
        path = more[1].replace("&amp;", "&") if more else ""
    assert seen == list(range(MANY, 0, -1))


def test_it_is_picked_by_who_what_and_when(service: InThread) -> None:
    assert numbers(service, "/ui/audit?what=exception_added") == [1]
    assert numbers(service, "/ui/audit?who=ALICE") == [1]
    assert numbers(service, "/ui/audit?since=1970-01-03&until=1970-01-04") == [3, 2]
    assert numbers(service, "/ui/audit?who=nobody") == []
    page = service.get("/ui/audit?who=p1&since=1970-01-03").body.decode()
    assert 'href="/v1/audit/export?who=p1&amp;since=1970-01-03T00%3A00%3A00Z"' in page
    assert "before=" in page
    assert "who=p1" in re.findall(r'class="more" href="([^"]+)"', page)[0]


@pytest.mark.parametrize("query", ["since=yesterday", "until=9999-12-31", "what=murdered", "since=0000-00-00"])
def test_what_cant_be_read_is_said_and_kept(service: InThread, query: str) -> None:
    reply = service.get(f"/ui/audit?{query}&who=alice")
    assert reply.status == 400
    page = reply.body.decode()
    assert "A day is written as 2026-11-24" in page
    assert 'value="alice"' in page
    assert "<table" not in page


def test_whatever_was_noted_is_only_text(service: InThread) -> None:
    page = service.get("/ui/audit?what=exception_added").body.decode()
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
