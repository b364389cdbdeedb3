"""Nobody's web page may talk to the service: every route, every way to name a foreign host."""

from collections.abc import Iterator
from typing import Any

import pytest

from firstsight.web.guard import Guard
from running import InThread, running

JSON = "application/json"

ROUTES = [
    "/sans.org", "/", "/a/b", "/favicon.ico", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json",
    "/v1/domains/sans.org", "/v1/alerts", "/v1/alerts/1", "/v1/nothing",
]  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with running(tmp_path_factory.mktemp("guard"), web={"hosts": ["Sensor.Example."]}) as service:
        yield service


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:5730", "localhost.", "127.0.0.1", "127.0.0.1:1", "127.8.9.1:5730", "[::1]:5730",
        "[::1]", "sensor.example", "SENSOR.EXAMPLE:8080", "sensor.example.",
    ],
)  # fmt: skip
def test_our_own_names(service: InThread, host: str) -> None:
    assert service.get("/healthz", Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:5730", "127.0.0.1.evil.example", "localhost.evil.example", "169.254.169.254",
        "10.0.0.5:5730", "[fe80::1]:5730", "[::ffff:10.0.0.5]", "sensor.example.evil.example", "xsensor.example",
        "", " ", "2130706433x", "evil.example@localhost",
    ],
)  # fmt: skip
def test_foreign_names(service: InThread, host: str) -> None:
    reply = service.get("/healthz", Host=host)

    assert reply.status == 403
    assert reply.headers["content-type"] == "application/problem+json"
    assert "[web] hosts" in reply.json()["detail"]


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_refuses_a_foreign_host(service: InThread, path: str) -> None:
    assert service.get(path, Host="evil.example").status == 403


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_every_route_refuses_another_sites_page(service: InThread, path: str, site: str) -> None:
    reply = service.get(path, Sec_Fetch_Site=site)

    assert reply.status == 403
    assert "another site's page" in reply.json()["detail"]


LED = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
"""What a browser says of a link that somebody clicks."""


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    "path", ["/ui/", "/ui/alert?id=x", "/ui/domain?name=harbour.com", "/ui/agent?name=x", "/login"]
)
def test_a_link_in_wazuhs_dashboard_leads_here(service: InThread, site: str, path: str) -> None:
    assert service.get(path, Sec_Fetch_Site=site, **LED).status != 403


@pytest.mark.parametrize("change", [{"Sec_Fetch_Dest": "iframe"}, {"Sec_Fetch_Mode": "no-cors"}], ids=str)
def test_no_part_of_another_page_shows_ours(service: InThread, change: dict[str, str]) -> None:
    assert service.get("/ui/", Sec_Fetch_Site="cross-site", **LED | change).status == 403


@pytest.mark.parametrize("path", ["/ui/alerts/export", "/v1/alerts", "/healthz", "/harbour.com", "/login/oidc"])
def test_links_lead_to_pages_only(service: InThread, path: str) -> None:
    assert service.get(path, Sec_Fetch_Site="cross-site", **LED).status == 403


def test_a_link_only_looks(service: InThread) -> None:
    assert service.get("/ui/", "POST", b"", Sec_Fetch_Site="cross-site", **LED).status == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_page_of_ours_may_ask(service: InThread, site: str) -> None:
    assert service.get("/healthz", Sec_Fetch_Site=site).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_what_is_refused_leaves_no_trace(service: InThread, method: str) -> None:
    assert service.get("/rebound.org", method, Host="evil.example").status == 403
    assert service.get("/rebound.org", method, Sec_Fetch_Site="cross-site").status == 403
    assert service.do(lambda: service.parts.store.seen(["rebound.org"])) == {}


@pytest.mark.parametrize("host", ["127.0.0.1:5730", "sensor.example"])
@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8080", "http://sensor.example:8080", "https://evil.example", "null"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_what_could_change_something_must_come_from_our_own_page(
    service: InThread, host: str, origin: str, method: str
) -> None:
    """A browser that asks another machine over plain HTTP sends an Origin, and no Sec-Fetch-Site."""
    reply = service.get("/v1/domains", method, b'{"names": ["a.com"]}', Host=host, Origin=origin, Content_Type=JSON)

    assert reply.status == 403
    assert "another site's page" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:5730", "http://127.0.0.1:5730"),
        ("sensor.example", "https://sensor.example"),
        ("SENSOR.example:81", "http://sensor.example:81"),
    ],
)
def test_our_own_page_may_send(service: InThread, host: str, origin: str) -> None:
    body = b'{"names": ["a.com"]}'
    assert service.get("/v1/domains", "POST", body, Host=host, Origin=origin, Content_Type=JSON).status == 200


def test_reading_needs_no_origin(service: InThread) -> None:
    assert service.get("/healthz", Origin="https://evil.example").status == 200  # no CORS: its page can't read it


async def reached(host: str, server: str | None) -> bool:
    """Whether a request that names a host gets through on an address of this machine."""
    passed = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope)

    async def send(message: Any) -> None:
        pass

    scope = {
        "type": "http", "method": "GET", "headers": [(b"host", host.encode())], "server": server and (server, 5730),
    }  # fmt: skip
    await Guard(app, ["2001:DB8::0:1"])(scope, None, send)  # type: ignore[arg-type]  # there is no body
    return bool(passed)


@pytest.mark.parametrize(
    ("host", "server", "ours"),
    [
        ("10.0.0.5:5730", "10.0.0.5", True),
        ("10.0.0.5", "::ffff:10.0.0.5", True),  # a socket for both families
        ("[2001:db8::5]:5730", "2001:db8::5", True),
        ("[2001:DB8:0::5]", "2001:db8::5", True),
        ("10.0.0.6:5730", "10.0.0.5", False),
        ("10.0.0.5.evil.example", "10.0.0.5", False),
        ("evil.example", "10.0.0.5", False),
        ("10.0.0.5", None, False),
        ("[2001:db8::1]", "10.0.0.5", True),  # in hosts
    ],
)
async def test_the_address_that_a_request_came_to(host: str, server: str | None, ours: bool) -> None:
    assert await reached(host, server) == ours


def test_one_foreign_host_among_two_is_one_too_many(service: InThread) -> None:
    reply = service.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    assert reply.startswith(b"HTTP/1.1 403 ")


def test_a_long_host_is_not_echoed_whole(service: InThread) -> None:
    assert len(service.get("/healthz", Host="e" * 5000).body) < 600
