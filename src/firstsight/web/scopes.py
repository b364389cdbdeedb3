"""Which scope opens which route. What is not in the table is open to nobody who needs a token."""

from firstsight.access.tokens import Scopes, TokenScope
from firstsight.web.asgi import Scope

OPEN: Scopes = frozenset()
READ: Scopes = frozenset({TokenScope.READ})
_INTEL: Scopes = frozenset({TokenScope.INTEL, TokenScope.READ})
_INGEST: Scopes = frozenset({TokenScope.INGEST})
_ADMIN: Scopes = frozenset({TokenScope.ADMIN})
_REVIEW: Scopes = frozenset({TokenScope.REVIEW})

SCOPES: dict[str, Scopes] = {
    "GET /v1/domains/{name}": READ,
    "POST /v1/domains": READ,
    "GET /v1/alerts": READ,
    "GET /v1/alerts/{alert_id}": READ,
    "POST /v1/alerts/state": _REVIEW,
    "GET /v1/intel/{name}": _INTEL,
    "POST /v1/events": _INGEST,
    "POST /v1/wazuh/alerts": _INGEST,
    "GET /v1/exceptions": READ | _REVIEW,
    "POST /v1/exceptions": _REVIEW,
    "DELETE /v1/exceptions/{exception_id}": _REVIEW,
    "POST /v1/exceptions/preview": _REVIEW,
    "GET /metrics": READ,
    "GET /docs": READ,
    "GET /openapi.json": READ,
    "GET /ui": READ,
    "GET /ui/": READ,
    "GET /ui/health": READ,
    "GET /ui/live": READ,
    "GET /ui/alerts": READ,
    "GET /ui/alerts/export": READ,
    "POST /ui/alerts/state": _REVIEW,
    "GET /ui/alert": READ,
    "GET /ui/domain": READ,
    "GET /ui/agent": READ,
    "GET /ui/search": READ,
    "GET /ui/exceptions": READ,
    "GET /ui/exception": READ,
    "GET /ui/exceptions/new": _REVIEW,
    "POST /ui/exceptions/new": _REVIEW,
    "POST /ui/exception/expires": _REVIEW,
    "POST /ui/exception/end": _REVIEW,
    "GET /ui/static/{file}": READ,
    "GET /ui/static/vendor/{file}": READ,
    "GET /v1/audit": _ADMIN,
    "GET /v1/audit/export": _ADMIN,
    "GET /ui/audit": _ADMIN,
    "GET /login": OPEN,
    "POST /login": OPEN,
    "GET /login/oidc": OPEN,
    "GET /login/oidc/callback": OPEN,
    "POST /logout": READ,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
}
"""A native route, or a page's, and the scopes that open it, any one of them; OPEN needs no token and no session."""

_ROUTES = [(route.split("/"), scopes) for route, scopes in SCOPES.items()]


def opens(route: str, scopes: Scopes) -> bool:
    """Whether scopes open a route of the table."""
    wanted = SCOPES[route]
    return not wanted or bool(wanted & scopes)


def needed(scope: Scope) -> Scopes | None:
    """The scopes that open a request to the native API or the pages, any one of them; None where none does."""
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    asked = f"{method} {scope['path']}".split("/")
    for route, scopes in _ROUTES:
        if len(route) == len(asked) and all(
            part == given or part.startswith("{") for part, given in zip(route, asked, strict=True)
        ):
            return scopes
    return None


def needed_by_compat(scope: Scope) -> Scopes:
    """The scopes that open what a request to the compatibility API asks for, any one of them.

    A look-up is for readers, though it is remembered: that is what Domain Stats' clients send for each event. To begin
    the statistics anew is not.
    """
    return _ADMIN if scope["path"] == "/stats-reset" else READ
