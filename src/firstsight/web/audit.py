"""`/v1/audit`: who did what."""

from collections.abc import Iterator
from math import inf
from typing import Annotated, Literal

import msgspec
from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel

from firstsight.core.deeds import DEEDS, DeedFilter, deed_document
from firstsight.ports.views import Views
from firstsight.service import Service
from firstsight.web.asker import asker
from firstsight.web.problems import problems

_LINES = "application/x-ndjson"
_PAGE = 1000


class Entry(BaseModel):
    """A deed; `who` is `person:NAME`, `token:NAME`, `local` or `local:USER`, `origin` the address that asked."""

    seq: int
    time: str
    what: str
    who: str
    about: str
    origin: str


class Audit(BaseModel):
    """A page of the trail, and the `after` of the next one."""

    deeds: list[Entry]
    next: int


def add_audit(app: FastAPI, service: Service) -> None:
    """Add the routes. They read the store in threads, as the trail may be long."""

    @app.get("/v1/audit", summary="Who did what, in order", responses=problems(422, 503))
    def audit(
        wanted: Annotated[DeedFilter, Depends(_wanted)],
        after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Audit:
        found = service.views.deeds(wanted, after=after, limit=limit)
        deeds = [Entry.model_validate(deed_document(seq, deed)) for seq, deed in found]
        return Audit(deeds=deeds, next=found[-1][0] if found else after)

    @app.get(
        "/v1/audit/export",
        summary="The same as a file, an entry a line; that it was handed out is noted first",
        response_class=StreamingResponse,
        responses=problems(422, 503) | {200: {"content": {_LINES: {"schema": {"type": "string"}}}}},
    )
    async def export(request: Request, wanted: Annotated[DeedFilter, Depends(_wanted)]) -> StreamingResponse:
        trail = service.access.trail
        trail.note(asker(request.scope).by.deed("exported", service.clock.now(), "the trail"))
        name = 'attachment; filename="firstsight-audit.jsonl"'
        return StreamingResponse(
            _lines(service.views, wanted), media_type=_LINES, headers={"Content-Disposition": name}
        )


def _wanted(
    what: Annotated[Literal[tuple(DEEDS)] | None, Query(description="what was done")] = None,  # type: ignore[valid-type]
    who: Annotated[str, Query(max_length=200, description="a part of `who`, in any case")] = "",
    since: Annotated[AwareDatetime | None, Query(description="a time with its zone; else from the start")] = None,
    until: Annotated[AwareDatetime | None, Query(description="likewise, not included; else to the end")] = None,
) -> DeedFilter:
    begin, end = 0.0 if since is None else since.timestamp(), inf if until is None else until.timestamp()
    return DeedFilter(what or "", who, begin, end)


def _lines(views: Views, wanted: DeedFilter) -> Iterator[bytes]:
    after = 0
    while page := views.deeds(wanted, after=after, limit=_PAGE):
        after = page[-1][0]
        yield b"".join(msgspec.json.encode(deed_document(seq, deed)) + b"\n" for seq, deed in page)
