"""What every page tells the browser: run and load nothing that is not ours, keep nothing, tell nobody."""

from collections.abc import MutableMapping
from typing import Any

from firstsight.web.asgi import App, Receive, Scope, Send

_PAGES = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    # Addresses hold names that were asked for. (`no-referrer` would take the Origin from forms, see web/guard.py.)
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


def guarded(app: App, policy: bytes = _PAGES) -> App:
    """An ASGI app around another one; `policy`: its Content-Security-Policy."""
    ours = ((b"content-security-policy", policy), *_HEADERS)

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = b"no-cache" if scope["path"].startswith("/ui/static/") else b"no-store"
                message["headers"] = [*message["headers"], *ours, (b"cache-control", kept)]
            await send(message)

        await app(scope, receive, sent)

    return around
