"""A bound on request bodies, for every route: what is larger is refused before it fills memory."""

from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from firstsight.web.asgi import PROBLEM, App, Receive, Scope, Send, problem, reply

MOST_BYTES = 2 * 1024 * 1024


class BodyLimit:
    """An ASGI app around another one.

    Args:
        app: what is guarded.
        most: bytes of a body, whether its length is declared or not.
    """

    def __init__(self, app: App, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        detail = f"The body is larger than {self._most:,} bytes. Send it in pieces."
        if self._declared(scope) > self._most:
            await reply(scope, send, 413, problem(413, "Content Too Large", detail), PROBLEM)
            return
        taken = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise HTTPException(413, detail)  # the native API makes a problem of it
            return message

        await self._app(scope, counted, send)

    @staticmethod
    def _declared(scope: Scope) -> int:
        for key, value in scope["headers"]:
            if key == b"content-length" and value.isdigit():
                return int(value)
        return 0
