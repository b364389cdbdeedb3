"""The bare hello: what the HTTP server alone can do. An ASGI app that answers 180 bytes without looking."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

_BODY = (
    b'{"alerts":[],"category":"ESTABLISHED","freq_score":[6.2885,7.9696],"seen_by_isc":"RDAP",'
    b'"seen_by_web":"Sat, 01 Jan 2000 00:00:00 GMT","seen_by_you":"Sun, 01 Nov 2026 12:00:00 GMT"}\n'
)
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())],
}
_REST = {"type": "http.response.body", "body": _BODY}


async def app(
    scope: MutableMapping[str, Any],  # noqa: ARG001  # ASGI's signature
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],  # noqa: ARG001
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer."""
    await send(_START)
    await send(_REST)
