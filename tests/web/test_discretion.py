"""Whoever may only read sees no names of people, whatever is asked. Made of the routes themselves.

A route that is added to web/scopes.py must say here how it is asked, or why it need not be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firstsight.access.people import Role
from firstsight.web.scopes import SCOPES
from people_of_tests import PROXY, Browser, admit
from running import Client, InThread, eventually, running
from tokens_of_tests import bearer, line, token_file

WHO = "quillfeather"
EVENT = {
    "time": "2026-11-24T06:00:00Z",
    "name": "www.harbour-lights.com",
    "agent": {"name": "WIN10"},
    "process": {"image": rf"C:\Users\{WHO}\AppData\Local\Temp\{WHO}-setup.exe", "user": rf"CORP\{WHO.upper()}"},
}
ASKED = {
    "GET /v1/domains/{name}": "/v1/domains/www.harbour-lights.com",
    "POST /v1/domains": "/v1/domains",
    "GET /v1/alerts": "/v1/alerts",
    "GET /v1/alerts/{alert_id}": "/v1/alerts/{alert}",
    "GET /v1/intel/{name}": "/v1/intel/harbour-lights.com",
    "GET /metrics": "/metrics",
    "GET /docs": "/docs",
    "GET /openapi.json": "/openapi.json",
    "GET /ui": "/ui",
    "GET /ui/": "/ui/",
    "GET /ui/health": "/ui/health",
    "GET /ui/alerts": "/ui/alerts",
    "GET /ui/alerts/export": "/ui/alerts/export?format=json",
    "GET /ui/alert": "/ui/alert?id={alert}",
    "GET /ui/domain": "/ui/domain?name=harbour-lights.com",
    "GET /ui/agent": "/ui/agent?name=WIN10",
    "GET /ui/exceptions": "/ui/exceptions",
    "GET /v1/exceptions": "/v1/exceptions",
    "GET /ui/search": "/ui/search?q=WIN10",
    "GET /ui/static/{file}": "/ui/static/style.css",
    "GET /ui/static/vendor/{file}": "/ui/static/vendor/htmx.min.js",
    "GET /login": "/login",
    "GET /healthz": "/healthz",
    "GET /readyz": "/readyz",
}
"""How each route is asked that a reader may ask."""
MORE = (
    "/ui/alerts/export?format=csv",
    "/ui/alert?id={alert}&part=1",
    "/cache_browse?offset=0&limit=9",
)
STREAM = "GET /ui/live"  # below
SEEN_BY = {"GET /v1/alerts", "GET /v1/alerts/{alert_id}", "GET /ui/", "GET /ui/alerts", "GET /ui/alerts/export",
           "GET /ui/alert", "GET /ui/domain", "GET /ui/agent"}  # fmt: skip
"""Those on which an analyst sees the name."""
NOT_FOR_READERS = {
    "POST /v1/events",
    "POST /v1/wazuh/alerts",
    "POST /ui/alerts/state",
    "GET /v1/audit",
    "GET /v1/audit/export",
    "GET /ui/audit",
    "POST /v1/alerts/state",
    "POST /v1/exceptions",
    "DELETE /v1/exceptions/{exception_id}",
    "POST /v1/exceptions/preview",
    "POST /login",
    "POST /logout",
    "GET /login/oidc",
    "GET /login/oidc/callback",
    "GET /ui/exception",
    "GET /ui/exceptions/new",
    "POST /ui/exceptions/new",
    "POST /ui/exception/expires",
    "POST /ui/exception/end",
}
"""Those of other scopes, or that answer with no evidence."""


@dataclass
class Readers:
    """A service that has alerted about somebody, and who asks it."""

    service: InThread
    alert: str
    browsers: dict[Role, Browser]

    def body(self, route: str, path: str, role: Role) -> str:
        method = route.partition(" ")[0]
        body = b'{"names": ["www.harbour-lights.com"]}' if method == "POST" else None
        browser = self.browsers[role]
        reply = browser.ask(
            path.replace("{alert}", self.alert),
            method,
            body,
            Content_Type="application/json",
            X_CSRF_Token=browser.csrf() if body else "",
        )
        assert reply.status in {200, 303, 307}, (route, reply)
        return f"{reply.headers}{reply.body.decode()}".lower()


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    folder = tmp_path_factory.mktemp("discretion")
    keys = {
        "auth": {"token_file": str(token_file(folder, line("of-read", "read")))},
        "web": {"trusted_proxies": [PROXY]},
        "privacy": {"viewers_see_users": False},
        "learning": {"days": 0},
    }
    with running(folder, **keys) as service:
        assert service.post("/v1/events", {"events": [EVENT]}).status == 200
        eventually(lambda: service.get("/v1/alerts").json()["alerts"])
        service.do(service.parts.store.flush)
        browsers = {}
        for role in (Role.VIEWER, Role.ANALYST, Role.ADMIN):
            admit(service, f"the-{role}", role)
            browsers[role] = Browser(service)
            browsers[role].log_in(f"the-{role}")
        (alert,) = service.get("/v1/alerts").json()["alerts"]
        yield Readers(service, alert["alert_id"], browsers)


def test_it_is_about_all_routes() -> None:
    assert {*ASKED, *NOT_FOR_READERS, STREAM} == set(SCOPES)


@pytest.mark.parametrize("route", ASKED)
def test_who_sees_whom(readers: Readers, route: str) -> None:
    assert WHO not in readers.body(route, ASKED[route], Role.VIEWER)
    for role in (Role.ANALYST, Role.ADMIN):
        assert (WHO in readers.body(route, ASKED[route], role)) is (route in SEEN_BY)


@pytest.mark.parametrize("path", MORE)
def test_in_other_forms(readers: Readers, path: str) -> None:
    assert WHO not in readers.body("GET", path, Role.VIEWER)


def test_a_token_that_only_reads_is_a_viewer(readers: Readers) -> None:
    client = Client(readers.service.url, PROXY)
    headers = bearer("of-read") | {"X_Forwarded_For": "192.0.2.1"}
    for path in ("/v1/alerts", f"/v1/alerts/{readers.alert}", "/ui/alerts/export"):
        reply = client.get(path, **headers)
        assert reply.status == 200
        assert WHO not in reply.body.decode().lower()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_the_stream(readers: Readers, role: Role) -> None:
    browser = readers.browsers[role]
    connection = Client(readers.service.url, PROXY).connection()
    connection.request("GET", "/ui/live", headers={"Cookie": browser.cookie, "X-Forwarded-For": browser.client})
    with connection.getresponse() as reply:
        row = next(text for text in iter(reply.readline, b"") if text.startswith(b"data:"))
    connection.close()
    assert b"harbour-lights.com" in row
    assert (WHO.encode() in row) is (role is Role.ANALYST)


def test_no_filter_finds_a_name(readers: Readers) -> None:
    for q in (f"process:{WHO}-setup.exe", f"process:{WHO[0]}*", "-process:other.exe"):
        assert "harbour-lights.com" in readers.body("GET", f"/ui/alerts/export?q={q}", Role.ANALYST)
        assert "harbour-lights.com" not in readers.body("GET", f"/ui/alerts/export?q={q}", Role.VIEWER)


def test_an_export_says_so(readers: Readers) -> None:
    assert '"users": "no names"' in readers.browsers[Role.VIEWER].ask("/ui/alerts/export").headers["firstsight-export"]
    assert '"users": "names"' in readers.browsers[Role.ANALYST].ask("/ui/alerts/export").headers["firstsight-export"]


def test_whoever_is_on_the_machine_sees_all(readers: Readers) -> None:
    assert WHO in readers.service.get("/v1/alerts").body.decode().lower()


def test_programs_are_named_after_nobody_however_many_there_are(tmp_path: Path) -> None:
    """A page shows the users of the newest first sights, and the programs of many more."""
    later = [
        EVENT | {"time": "2026-11-24T06:00:09Z", "name": f"www.later-{n}.com", "process": {"image": "svchost.exe"}}
        for n in range(60)
    ]
    with running(tmp_path, web={"trusted_proxies": [PROXY]}, privacy={"viewers_see_users": False}) as service:
        for events in ([EVENT], later):
            assert service.post("/v1/events", {"events": events}).status == 200
        service.do(service.parts.store.flush)
        admit(service, "the-viewer", Role.VIEWER)
        browser = Browser(service)
        browser.log_in("the-viewer")
        page = browser.ask("/ui/agent?name=WIN10").body.decode().lower()
    assert "-setup.exe" in page
    assert WHO not in page
