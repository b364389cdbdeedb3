"""The export of alerts: noted, then handed out portion by portion, so that nobody waits for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from firstsight.core.alertfilter import Term, parse_filter
from firstsight.core.document import Document
from firstsight.core.errors import InputError, StoreError
from firstsight.service import Service
from firstsight.web.asker import asker
from firstsight.web.ui.export import CSV, JSON, Export, Form, Parts, file_name
from firstsight.web.ui.rendering import amiss

log = structlog.get_logger()

_MOST_EXPORTED = 10_000
_MOST_AT_ONCE = 4  # each keeps its alerts in memory until the last of them is taken
_REST = 0.005  # seconds between two portions: a thread that never rests takes the interpreter away from events


class Downloads:
    """The route.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._under_way = 0

    async def export(self, request: Request) -> Response:
        """`GET /ui/alerts/export?q=FILTER&format=csv|json`: what the filter picks, once that is noted."""
        if request.method == "HEAD":
            return Response()  # nobody gets anything: nothing is noted
        try:
            terms = parse_filter(request.query_params.get("q", ""))
        except InputError as error:
            return amiss(request, "No export", str(error), 400, "alerts")
        if self._under_way >= _MOST_AT_ONCE:
            sentence = f"{self._under_way} exports are under way, which is all there may be. Ask again in a while."
            return amiss(request, "No export now", sentence, 503, "alerts")
        self._under_way += 1
        try:
            return await self._noted(request, terms)
        except BaseException:
            self._under_way -= 1
            raise

    async def _noted(self, request: Request, terms: Sequence[Term]) -> Response:
        """Read what is asked for, and note it.

        Raises:
            StoreError: it can't be read, or not be noted; nobody gets anything.
        """
        q, form = request.query_params.get("q", ""), CSV if request.query_params.get("format") == "csv" else JSON
        by, now = asker(request.scope), self._service.clock.now()
        trail = self._service.access.trail
        rows, complete = await run_in_threadpool(self._service.views.packed, terms, now=now, most=_MOST_EXPORTED)
        head = await run_in_threadpool(Export(rows, complete, q, by.who, now).head)
        whole = f"{len(rows):,} alerts as {form.ending}" + (f", {q}" if q else "")
        trail.note(by.by.deed("exported", now, whole))

        def over(given: int) -> None:
            self._under_way -= 1
            if given == len(rows):
                return
            try:
                trail.note(by.by.deed("exported", self._service.clock.now(), f"cut off: at most {given:,} of {whole}"))
            except StoreError as error:  # that it was asked for is noted; it tells of more than was given
                log.warning("cut_off_export_not_noted", what=str(error))

        return Download(head, form, form.parts(head, rows), over)


class Download(StreamingResponse):
    """A file on its way, made as it goes.

    Args:
        head: what it holds.
        form: which kind of file.
        parts: of it.
        over: called when nothing more of it leaves, with how many alerts have left at most.
    """

    def __init__(self, head: Document, form: Form, parts: Parts, over: Callable[[int], None]) -> None:
        self._parts, self._over, self._given = parts, over, 0
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name(head, form)}"',
            "Firstsight-Export": json.dumps(head),  # ASCII, whatever the filter holds
        }
        super().__init__(self._in_turns(), media_type=form.media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._over(self._given)

    async def _in_turns(self) -> AsyncIterator[bytes]:
        while (part := await run_in_threadpool(next, self._parts, None)) is not None:
            self._given, data = part
            yield data
            await asyncio.sleep(_REST)
