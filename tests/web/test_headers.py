from typing import Any

import pytest

from firstsight.web.asgi import Receive, Scope, Send
from firstsight.web.headers import guarded


@pytest.mark.parametrize(("path", "kept"), [("/ui/", b"no-store"), ("/ui/static/style.css", b"no-cache")])
async def test_headers_are_added_to_what_is_there(path: str, kept: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Bearer")]})
        await send({"type": "http.response.body", "body": b"no"})

    sent: list[Any] = []

    async def keep(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        raise AssertionError("nobody reads here")

    await guarded(app)({"path": path}, nothing, keep)
    start, body = sent
    headers = dict(start["headers"])
    assert headers[b"www-authenticate"] == b"Bearer"
    assert headers[b"cache-control"] == kept
    assert b"'unsafe-" not in headers[b"content-security-policy"]
    assert body["body"] == b"no"
