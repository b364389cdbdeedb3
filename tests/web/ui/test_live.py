"""First sights as they come."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from running import InThread, eventually, running
from wazuh_home import WazuhHome, dns_alert


@pytest.fixture
def home(tmp_path: Path) -> Iterator[WazuhHome]:
    made = WazuhHome(tmp_path)
    yield made
    made.close()


@pytest.fixture
def service(tmp_path: Path, home: WazuhHome) -> Iterator[InThread]:
    home.write(dns_alert("www.harbour-lights.com", record=1))
    with running(tmp_path, sources=[{"path": home.path, "from": "start"}]) as service:
        eventually(lambda: service.do(lambda: service.parts.store.totals().get("new")))
        yield service


@contextmanager
def follow(service: InThread, after: str = "0", **headers: str) -> Iterator[http.client.HTTPResponse]:
    with closing(service.connection()) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", f"/ui/live?after={after}", headers=named)
        with connection.getresponse() as stream:
            yield stream


def event(stream: http.client.HTTPResponse) -> dict[str, str]:
    """The next one."""
    fields: dict[str, str] = {}
    while True:
        line = stream.readline().decode().rstrip("\n")
        if line.startswith(("id:", "event:", "data:")):
            key, _, value = line.partition(": ")
            fields[key] = value
        elif fields:
            return fields


def test_it_goes_on_from_where_the_page_was(service: InThread, home: WazuhHome) -> None:
    with follow(service) as stream:
        assert stream.getheader("content-type") == "text/event-stream; charset=utf-8"
        first = event(stream)
        assert (first["id"], first["event"]) == ("1", "sight")
        assert "harbour-lights.com" in first["data"]
        home.write(dns_alert("www.<b>.com", record=2), dns_alert("garden-gate.org", record=3))
        second = event(stream)
        assert second["id"] == "2"
        assert second["data"].startswith("<tr")
        assert "garden-gate.org" in second["data"]
    with follow(service, "0", Last_Event_ID="1") as again:
        assert event(again)["id"] == "2", "a browser that comes again says what it had"


def test_who_asks_for_headers_alone_follows_nothing(service: InThread) -> None:
    reply = service.get("/ui/live", "HEAD")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, "%00"])
def test_a_number_that_is_none_begins_at_the_beginning(service: InThread, after: str) -> None:
    with follow(service, after) as stream:
        assert event(stream)["id"] == "1"


def test_the_service_ends_under_a_stream(tmp_path: Path) -> None:
    with ExitStack() as held:
        with running(tmp_path) as service:
            stream = held.enter_context(follow(service))
            assert stream.readline() == b"retry: 3000\n"
        assert stream.read().strip() == b"", "whole: it was not cut off"
