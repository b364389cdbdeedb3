"""The few words of ASGI that the small apps need."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
"""One that stands before another may be a plain function that returns what that one does: a frame less to await."""

JSON = b"application/json"
PROBLEM = b"application/problem+json"


def peer_of(scope: Scope) -> str:
    """The address at the other end of a connection; empty where that is gone already."""
    client = scope.get("client")
    return str(client[0]) if client else ""


async def reply(
    scope: Scope, send: Send, status: int, body: bytes, kind: bytes = JSON, extra: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send a whole reply; a HEAD gets the headers of it."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def problem(status: int, title: str, detail: str) -> bytes:
    """An RFC 9457 problem document."""
    return msgspec.json.encode({"type": "about:blank", "title": title, "status": status, "detail": detail})
