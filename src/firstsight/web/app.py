"""The HTTP side in one ASGI app: what is native goes to the native API, everything else is a domain asked for."""

from collections.abc import Iterable

from firstsight.service import Service
from firstsight.web.asgi import App, Receive, Scope, Send
from firstsight.web.auth import Auth
from firstsight.web.compat import Compat
from firstsight.web.guard import Guard
from firstsight.web.late import Late
from firstsight.web.limits import BodyLimit
from firstsight.web.readiness import PATHS, supervised
from firstsight.web.scopes import READ, needed

_NATIVE = PATHS | {"/docs", "/openapi.json", "/metrics"}


def late_native(service: Service) -> Late:
    """The native API, made when it is first needed: its framework takes longer to import than all the rest."""

    def make() -> App:
        from firstsight.web.v1 import native  # noqa: PLC0415  # see above

        return native(service)

    return Late(make)


def build(
    service: Service,
    native: App | None = None,
    *,
    hosts: Iterable[str] = (),
    freq_avg: float = 5.0,
    freq_word: float = 4.0,
    wait: float = 1.0,
) -> App:
    """The app over a running service.

    Args:
        service: the running service.
        native: the native API; None: it is made when it is first asked.
        hosts: names that requests may give in Host, besides loopback's own.
        freq_avg: see Compat.
        freq_word: see Compat.
        wait: see Compat.
    """
    compat: App = Compat(service, freq_avg=freq_avg, freq_word=freq_word, wait=wait)
    api = supervised(service, BodyLimit(native or late_native(service)))
    access = service.access
    if access.tokens is not None:
        compat = Auth(compat, access, access.tokens, lambda _: READ, service.clock)
        api = Auth(api, access, access.tokens, needed, service.clock)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await api(scope, receive, send)
            return
        path = scope["path"]
        chosen = api if path in _NATIVE or path.startswith("/v1/") else compat
        await chosen(scope, receive, send)

    return Guard(route, hosts)
