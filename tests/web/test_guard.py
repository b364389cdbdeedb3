"""Nobody's web page may talk to the service: every route, every way to name a foreign host."""

from collections.abc import Iterator

import pytest

from running import InThread, running

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


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_page_of_ours_may_ask(service: InThread, site: str) -> None:
    assert service.get("/healthz", Sec_Fetch_Site=site).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_what_is_refused_leaves_no_trace(service: InThread, method: str) -> None:
    assert service.get("/rebound.org", method, Host="evil.example").status == 403
    assert service.get("/rebound.org", method, Sec_Fetch_Site="cross-site").status == 403
    assert service.do(lambda: service.parts.store.seen(["rebound.org"])) == {}


def test_one_foreign_host_among_two_is_one_too_many(service: InThread) -> None:
    reply = service.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    assert reply.startswith(b"HTTP/1.1 403 ")


def test_a_long_host_is_not_echoed_whole(service: InThread) -> None:
    assert len(service.get("/healthz", Host="e" * 5000).body) < 600
