"""None of the native routes is open by mistake."""

from pathlib import Path

import pytest

from firstsight import compose
from firstsight.access.tokens import EVERYTHING, NOTHING, Scopes, TokenScope
from firstsight.web.scopes import OPEN, READ, SCOPES, needed, needed_by_compat, opens
from firstsight.web.v1 import native
from running import settings


def test_each_native_route_is_in_the_table(tmp_path: Path) -> None:
    service = compose.service(settings(tmp_path))
    routes = [
        f"{method} {getattr(route, 'path', '')}"
        for route in native(service).routes
        for method in getattr(route, "methods", None) or {"?"}
        if method != "HEAD"  # counts as GET
    ]
    service.store.close()

    assert "GET /openapi.json" in routes
    assert [route for route in routes if route not in SCOPES] == []


@pytest.mark.parametrize("path", ["/sans.org", "/stats", "/cache_get", "/cache_browse", "/depuny", "/", "/a/b"])
def test_domain_stats_routes_are_for_readers_but_for_one(path: str) -> None:
    assert needed_by_compat({"path": path}) == READ
    assert needed_by_compat({"path": "/stats-reset"}) == {TokenScope.ADMIN}


def test_only_health_and_the_log_in_are_open() -> None:
    found = {route for route, scopes in SCOPES.items() if scopes == OPEN}
    assert found == {"GET /healthz", "GET /readyz", "GET /login", "POST /login"}


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("GET", "/v1/domains/sans.org", READ),
        ("HEAD", "/v1/alerts", READ),
        ("POST", "/v1/events", frozenset({TokenScope.INGEST})),
        ("POST", "/v1/wazuh/alerts", frozenset({TokenScope.INGEST})),
        ("GET", "/v1/intel/sans.org", frozenset({TokenScope.INTEL, TokenScope.READ})),
        ("GET", "/healthz", OPEN),
        # and what is in no row
        ("POST", "/healthz", None),
        ("DELETE", "/v1/alerts", None),
        ("POST", "/v1/alerts/1", None),
        ("GET", "/v1/events", None),
        ("GET", "/v1/domains/a/b", None),
        ("GET", "/v1/alerts/1/more", None),
        ("GET", "/v1/", None),
        ("GET", "/v1/new", None),
        ("GET", "//healthz", None),
        ("GET", "/healthz/", None),
        ("G", "ET/healthz", None),
    ],
)
def test_what_opens_a_request(method: str, path: str, scopes: Scopes | None) -> None:
    assert needed({"method": method, "path": path}) == scopes


def test_what_scopes_open() -> None:
    assert opens("GET /ui/exceptions", READ)
    assert not opens("POST /ui/exceptions/new", READ)
    assert opens("POST /ui/exceptions/new", EVERYTHING)
    assert opens("GET /healthz", NOTHING)
