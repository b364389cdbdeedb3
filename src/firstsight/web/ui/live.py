"""The newest first sights as they come: server-sent events (WHATWG HTML, 9.2), a row of the table each."""

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from firstsight.core.errors import StoreError
from firstsight.service import Service
from firstsight.web.ui.asked import whole_number
from firstsight.web.ui.rendering import text

_EVERY = 1.0  # seconds
_QUIET = 15  # looks without a first sight after which a comment shows that the connection stands
_MOST_ROWS = 50
_MOST_STREAMS = 20


class Live:
    """The stream.

    Args:
        service: the running service.
        stopping: whether it is about to end; it waits for what is still being answered.
    """

    def __init__(self, service: Service, stopping: Callable[[], bool]) -> None:
        self._service = service
        self._stopping = stopping
        self._streams = 0

    async def stream(self, request: Request) -> Response:
        """`GET /ui/live?after=N`: first sights behind that number; a browser that comes again says which it had."""
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        if self._streams >= _MOST_STREAMS:
            return PlainTextResponse("Too many pages follow the first sights. Close some.", 503, {"Retry-After": "30"})
        after = whole_number(request.headers.get("last-event-id") or request.query_params.get("after"))
        return StreamingResponse(self._rows(after or 0), media_type="text/event-stream")

    async def _rows(self, after: int) -> AsyncIterator[str]:
        self._streams += 1
        try:
            yield "retry: 3000\n\n"
            quiet = 0
            while not self._stopping():
                rows = await self._behind(after)
                quiet = 0 if rows else quiet + 1
                for number, row in rows:
                    after = number
                    yield f"id: {number}\nevent: sight\ndata: {row}\n\n"
                if quiet >= _QUIET:
                    quiet = 0
                    yield ": still here\n\n"
                await asyncio.sleep(_EVERY)
        finally:
            self._streams -= 1

    async def _behind(self, after: int) -> list[tuple[int, str]]:
        """Rows behind a number, the oldest first, each on one line."""
        try:
            sights = await asyncio.to_thread(self._service.views.first_sights, after, _MOST_ROWS)
        except StoreError:  # the strip says so; perhaps later
            return []
        return [
            (sight.seq, " ".join(text("sight.html", {"sight": sight, "fresh": True}).split()))
            for sight in reversed(sights)
        ]
