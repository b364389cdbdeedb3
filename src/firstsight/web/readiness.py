"""Whether it lives and records: asked by supervisors, also while it starts, so it needs no framework."""

from typing import Any

import msgspec

from firstsight.access.tokens import TokenScope
from firstsight.service import Service
from firstsight.web.asgi import App, Receive, Scope, Send, reply
from firstsight.web.asker import asker

PATHS = frozenset({"/healthz", "/readyz"})

_ALIVE = {"status": "alive"}
_FOR_READERS = "Something is amiss. Ask with a token of scope read, or on the machine itself, to be told what."


def readiness(service: Service, scope: Scope) -> tuple[int, dict[str, Any]]:
    """HTTP status and body of `/readyz`; the sentences name files and hosts, so they are for readers only."""
    reason, degraded = service.not_ready(), service.degraded()
    status = 200 if reason is None else 503
    if TokenScope.READ not in asker(scope).scopes:
        reason = reason and _FOR_READERS
        degraded = [_FOR_READERS] if degraded else []
    return status, {"status": "ready" if reason is None else "not_ready", "degraded": degraded, "reason": reason}


def supervised(service: Service, rest: App) -> App:
    """An ASGI app that answers GET and HEAD of `PATHS` itself, and leaves everything else to another one."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS or scope["method"] not in {"GET", "HEAD"}:
            await rest(scope, receive, send)
            return
        status, body = (200, _ALIVE) if scope["path"] == "/healthz" else readiness(service, scope)
        await reply(scope, send, status, msgspec.json.encode(body))

    return app
