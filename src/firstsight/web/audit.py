"""`/v1/audit`: who did what."""

from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import AwareDatetime, BaseModel

from firstsight.core.deeds import deed_document
from firstsight.service import Service
from firstsight.web.problems import problems


class Entry(BaseModel):
    """A deed; `who` is `person:NAME`, `token:NAME` or `local:USER`, `origin` the address that asked."""

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
    """Add the route."""

    @app.get("/v1/audit", summary="Who did what, in order", responses=problems(422, 503))
    async def audit(
        since: Annotated[AwareDatetime | None, Query(description="a time with its zone; else from the start")] = None,
        after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Audit:
        begin = 0.0 if since is None else since.timestamp()
        found = service.access.trail.deeds(since=begin, after=after, limit=limit)
        deeds = [Entry.model_validate(deed_document(seq, deed)) for seq, deed in found]
        return Audit(deeds=deeds, next=found[-1][0] if found else after)
