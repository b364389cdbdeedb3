"""The HTTP side as ASGI apps: what is native goes to the native API or the pages, all else is a domain asked for."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from firstsight.access.attempts import Attempts
from firstsight.service import Service
from firstsight.web.asgi import App, Receive, Scope, Send
from firstsight.web.auth import Auth
from firstsight.web.compat import Compat, CompatOptions
from firstsight.web.discretion import Discretion
from firstsight.web.guard import Guard
from firstsight.web.headers import guarded
from firstsight.web.late import Late
from firstsight.web.limits import BodyLimit
from firstsight.web.login import PATHS as LOGIN
from firstsight.web.login import Login
from firstsight.web.login_page import POLICY
from firstsight.web.old_clients import OldClients
from firstsight.web.readiness import PATHS, supervised
from firstsight.web.scopes import needed, needed_by_compat
from firstsight.web.sign_on import CALLBACK, SignOnPages
from firstsight.web.sign_on import PATHS as SIGN_ON
from firstsight.web.ui.refused import refusal

# Pages that alerts, and notes about them, link to: they only show something. An export leaves a note in the trail.
_LINKED = frozenset({"/ui", "/ui/", "/ui/alert", "/ui/alerts", "/ui/agent", "/ui/domain", "/ui/search", "/login"})
_NATIVE = PATHS | {"/docs", "/openapi.json", "/metrics"}
_USUAL = CompatOptions()


@dataclass(frozen=True, slots=True)
class Apps:
    """What answers at the service's address, and at that of the old clients."""

    main: App
    old_clients: App


def late_native(service: Service) -> Late:
    """The native API, made when it is first needed: its framework takes longer to import than all the rest."""

    def make() -> App:
        from firstsight.web.v1 import native  # noqa: PLC0415  # see above

        return native(service)

    return Late(make)


def late_pages(service: Service, stopping: Callable[[], bool]) -> Late:
    """The pages, likewise."""

    def make() -> App:
        from firstsight.web.ui.app import pages  # noqa: PLC0415  # see above

        return pages(service, stopping)

    return Late(make)


def build(
    service: Service,
    native: App,
    pages: App,
    *,
    hosts: Iterable[str] = (),
    compat: CompatOptions = _USUAL,
    allow: Iterable[str] = (),
    viewers_see_users: bool = True,
) -> Apps:
    """The apps over a running service.

    Args:
        service: the running service.
        native: the native API.
        pages: the pages at `/ui/`.
        hosts: names that requests may give in Host, besides loopback's own.
        compat: how the compatibility API answers.
        allow: addresses and networks of old clients.
        viewers_see_users: whether those who may only read see names of people.
    """
    known = tuple(hosts)
    domains: App = Compat(service, compat)
    old_clients = Guard(OldClients(domains, allow, service.access.refusals), known)
    api = supervised(service, BodyLimit(native))
    ui: App = BodyLimit(pages)
    access = service.access
    discretion: Callable[[App], App] = (lambda app: app) if viewers_see_users else Discretion
    domains = Auth(domains, access, needed_by_compat, service.clock)
    api = Auth(discretion(api), access, needed, service.clock)
    attempts = Attempts(service.clock)
    login = guarded(Auth(Login(access, attempts, service.clock), access, needed, service.clock), POLICY)
    sign_on = guarded(Auth(SignOnPages(access, attempts, service.clock), access, needed, service.clock), POLICY)
    ui = guarded(Auth(discretion(ui), access, needed, service.clock, refusal))

    def route(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return api(scope, receive, send)
        path = scope["path"]
        if path in LOGIN:
            return login(scope, receive, send)
        if path in SIGN_ON:
            return sign_on(scope, receive, send)
        if path in _NATIVE or path.startswith("/v1/"):
            return api(scope, receive, send)
        if path == "/ui" or path.startswith("/ui/"):
            return ui(scope, receive, send)
        return domains(scope, receive, send)

    landing = _LINKED if access.sign_on is None else _LINKED | {CALLBACK}
    return Apps(Guard(route, known, landing), old_clients)
