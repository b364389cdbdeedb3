"""Every route for everybody: anonymous, each scope, each role. Made of the routes themselves.

A route that is added and not in web/scopes.py is closed, and one that is opened there changes what this page expects.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firstsight import compose
from firstsight.access.people import Role
from firstsight.access.tokens import TokenScope
from firstsight.web import login_page
from firstsight.web.scopes import SCOPES
from firstsight.web.ui.app import routes as pages
from firstsight.web.v1 import native
from people_of_tests import PROXY, Browser, admit
from running import InThread, running, settings
from tokens_of_tests import bearer, line, token_file

LOGIN = Path(login_page.__file__)
TEMPLATES = LOGIN.parent / "ui" / "templates"

READERS = {"scope read", "scope admin", "role viewer", "role analyst", "role admin"}
ADMINS = {"scope admin", "role admin"}
REVIEWERS = ADMINS | {"scope review", "role analyst"}
EVERYBODY = READERS | {"anonymous", "scope intel", "scope ingest", "scope review"}
OPENS = {
    "GET /v1/domains/{name}": READERS,
    "POST /v1/domains": READERS,
    "GET /v1/alerts": READERS,
    "GET /v1/alerts/{alert_id}": READERS,
    "POST /v1/alerts/state": REVIEWERS,
    "GET /v1/intel/{name}": READERS | {"scope intel"},
    "POST /v1/events": ADMINS | {"scope ingest"},
    "POST /v1/wazuh/alerts": ADMINS | {"scope ingest"},
    "GET /v1/exceptions": READERS | REVIEWERS,
    "POST /v1/exceptions": REVIEWERS,
    "DELETE /v1/exceptions/{exception_id}": REVIEWERS,
    "POST /v1/exceptions/preview": REVIEWERS,
    "GET /v1/audit": ADMINS,
    "GET /v1/audit/export": ADMINS,
    "GET /ui/audit": ADMINS,
    "GET /ui": READERS,
    "GET /ui/": READERS,
    "GET /ui/health": READERS,
    "GET /ui/live": READERS,
    "GET /ui/alerts": READERS,
    "GET /ui/alerts/export": READERS,
    "POST /ui/alerts/state": REVIEWERS,
    "GET /ui/alert": READERS,
    "GET /ui/domain": READERS,
    "GET /ui/agent": READERS,
    "GET /ui/search": READERS,
    "GET /ui/exceptions": READERS,
    "GET /ui/exception": READERS,
    "GET /ui/exceptions/new": REVIEWERS,
    "POST /ui/exceptions/new": REVIEWERS,
    "POST /ui/exception/expires": REVIEWERS,
    "POST /ui/exception/end": REVIEWERS,
    "GET /ui/static/{file}": READERS,
    "GET /ui/static/vendor/{file}": READERS,
    "GET /metrics": READERS,
    "GET /docs": READERS,
    "GET /openapi.json": READERS,
    "GET /login": EVERYBODY,
    "POST /login": EVERYBODY,
    "GET /login/oidc": EVERYBODY,
    "GET /login/oidc/callback": EVERYBODY,
    "POST /logout": READERS,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    # Domain Stats'
    "GET /sans.org": READERS,
    "GET /stats": READERS,
    "GET /cache_get": READERS,
    "GET /cache_browse": READERS,
    "GET /depuny": READERS,
    "GET /stats-reset": ADMINS,
    # and what is in no table
    "GET /v1/nothing": set(),
    "PUT /v1/alerts": set(),
    "DELETE /v1/audit": set(),
    "POST /v1/audit": set(),
    "GET /logout": set(),
    "POST /login/oidc": set(),
    "POST /login/oidc/callback": set(),
}
"""Who may send what, written by hand on purpose: what opens a route must be said twice."""

ELSEWHERE = {"POST /login", "POST /logout", "GET /ui/live"}
"""The first two are asked last, below; the stream never ends, and is refused as its neighbours are."""


CHANGING = [
    route
    for route, may in OPENS.items()
    if not route.startswith("GET ") and "role admin" in may and route != "POST /login"
]
"""What changes something; the log-in has no session yet, and is guarded by its Origin."""


@dataclass
class Everybody:
    """A service, and the ways in which somebody may be known to it."""

    browser: Browser
    sessions: dict[str, tuple[str, str]]

    def opened(self, method: str, path: str) -> set[str]:
        """Who is not refused."""
        found = set()
        for name in sorted(EVERYBODY):
            kind, _, which = name.partition(" ")
            cookie, csrf = self.sessions.get(which, ("", "")) if kind == "role" else ("", "")
            headers = bearer(f"of-{which}") if kind == "scope" else {}
            if cookie:
                headers = {"Cookie": cookie, "X_CSRF_Token": csrf}
            body = b"{}" if method in {"POST", "PUT"} else None
            reply = self.browser.get(path, method, body, Content_Type="application/json", **headers)
            # A refusal is a problem document; the log-in answers by pages, and pages refuse by one, or lead there.
            problem = reply.headers.get("content-type") == "application/problem+json"
            refused = reply.status in {401, 403} and (problem or path.startswith("/ui"))
            if not refused and not reply.headers.get("location", "").startswith("/login?"):
                found.add(name)
        return found


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    folder = tmp_path_factory.mktemp("matrix")
    tokens = token_file(folder, *(line(f"of-{scope}", scope) for scope in TokenScope))
    with running(folder, auth={"token_file": str(tokens)}, web={"trusted_proxies": [PROXY]}) as service:
        yield Everybody(Browser(service), dict(sessions(service)))


def sessions(service: InThread) -> Iterator[tuple[str, tuple[str, str]]]:
    for role in Role:
        admit(service, f"the-{role}", role)
        browser = Browser(service)
        browser.log_in(f"the-{role}")
        yield role, (browser.cookie, browser.csrf())


def test_it_is_about_all_scopes_roles_and_routes(tmp_path: Path) -> None:
    service = compose.service(settings(tmp_path))
    routes = {
        f"{method} {getattr(route, 'path', '')}"
        for route in [*native(service).routes, *pages(service, lambda: False)]
        for method in getattr(route, "methods", None) or {"?"}
        if method != "HEAD"
    }
    service.store.close()

    assert {*routes, *SCOPES} - set(OPENS) == set()
    assert {"anonymous", *(f"scope {scope}" for scope in TokenScope), *(f"role {role}" for role in Role)} == EVERYBODY


def test_whatever_a_page_can_send_is_in_it() -> None:
    """Forms, and what their buttons and scripts would send instead: a template's every way to change something."""
    sources = {path.name: path.read_text("utf-8") for path in [*TEMPLATES.iterdir(), LOGIN]}
    sent = {
        (f"{method} {action}", name)
        for name, text in sources.items()
        for tag in re.findall(r"<(?:form|button|input|a)\b[^>]*>", text)
        for method, action in ways(tag)
    }
    assert {"POST /ui/alerts/state", "POST /login", "POST /logout", "GET /ui/search"} <= {route for route, _ in sent}
    assert sorted((route, name) for route, name in sent if route not in OPENS) == []
    for script in (TEMPLATES.parent / "static").glob("*.js"):
        assert not re.search(r"fetch\(|XMLHttpRequest|sendBeacon|WebSocket", script.read_text("utf-8")), script.name


def ways(tag: str) -> Iterator[tuple[str, str]]:
    """The method and path of what an element sends."""
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
    for verb in ("get", "post", "put", "patch", "delete"):
        if f"hx-{verb}" in attributes:
            yield verb.upper(), re.split("[?#]", attributes[f"hx-{verb}"])[0]
    for key in ("action", "formaction"):
        if key in attributes:
            yield attributes.get("method", "get").upper(), re.split("[?#]", attributes[key])[0]


@pytest.mark.parametrize("route", [route for route in OPENS if route not in ELSEWHERE])
def test_who_may(everybody: Everybody, route: str) -> None:
    method, _, path = route.partition(" ")
    asked = path.replace("{name}", "sans.org").replace("{alert_id}", "1")

    assert everybody.opened(method, asked) == OPENS[route]
    if method == "GET":
        assert everybody.opened("HEAD", asked) == OPENS[route]


@pytest.mark.parametrize("route", CHANGING)
@pytest.mark.parametrize("csrf", [None, "", "0" * 64])
def test_no_session_changes_anything_without_its_csrf_token(everybody: Everybody, route: str, csrf: str | None) -> None:
    """Also where the role would: nothing comes through of what another site's page makes a browser send."""
    method, _, path = route.partition(" ")
    cookie, right = everybody.sessions["admin"]
    told = {} if csrf is None else {"X_CSRF_Token": csrf}
    reply = everybody.browser.get(path, method, b"{}", Cookie=cookie, Content_Type="application/json", **told)
    assert reply.status == 403
    assert b"does not come from a page of this session" in reply.body
    assert everybody.browser.get("/v1/audit", Cookie=cookie, X_CSRF_Token=right).status == 200


def test_who_may_log_in_and_out(everybody: Everybody) -> None:
    """At last, as it ends sessions and counts wrong passwords."""
    assert everybody.opened("POST", "/logout") == OPENS["POST /logout"]
    assert everybody.opened("POST", "/login") == OPENS["POST /login"]
