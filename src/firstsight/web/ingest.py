"""`POST /v1/events`: events handed over by whoever has them. Recorded durably before the answer."""

import ipaddress
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, FailFast, Field

from firstsight.core.clocks import believed
from firstsight.core.document import Document
from firstsight.core.events import Agent, Batch, Detail, DnsEvent, Process, Record, Status, status_of
from firstsight.service import Service
from firstsight.web.domains import documents
from firstsight.web.problems import problems
from firstsight.web.strict import Strict

_MOST_EVENTS = 1000
_LARGEST_RECORD = 2**63 - 1

Text = Annotated[str, Field(max_length=4096)]


class AgentIn(Strict):
    """Who asked. Its history is kept by `name`."""

    id: Text = ""
    name: Annotated[str, Field(min_length=1, max_length=255)]
    ip: Text = ""


class ProcessIn(Strict):
    """The program that asked."""

    image: Text = ""
    guid: Text = ""
    id: Text = ""
    user: Text = ""


class EventIn(Strict):
    """One DNS question."""

    time: AwareDatetime = Field(
        description="when, RFC 3339; out of bounds (30 days back, 5 minutes ahead) counts as now"
    )
    name: Text
    status: (
        Literal["answered", "exists", "nxdomain", "failed"] | Annotated[str, Field(pattern=r"^\d{1,10}$")] | None
    ) = Field(None, description="a word, a Windows DNS error code, or absent")
    answers: Annotated[list[Text], FailFast()] = Field([], max_length=1000)
    agent: AgentIn
    process: ProcessIn = ProcessIn()
    source: Annotated[str, Field(min_length=1, max_length=100)] = "api"
    event_id: Text = Field("", description="the endpoint's record number: an event sent twice then counts once")


class EventsIn(Strict):
    """Events in order."""

    events: Annotated[list[EventIn], FailFast(), Field(min_length=1, max_length=_MOST_EVENTS)]


class Verdicts(BaseModel):
    """Verdicts in the order of the events, as of now: an alert may still wait for a fact."""

    verdicts: list[Document]


def add_events(app: FastAPI, service: Service) -> None:
    """Add the route."""

    @app.post(
        "/v1/events",
        summary=f"Up to {_MOST_EVENTS} events; safe on disk when this answers",
        responses=problems(400, 413, 422, 503),
    )
    async def take_events(body: EventsIn) -> Verdicts:
        now = service.clock.now()
        taken = [_event(event, now) for event in body.events]
        by_source: dict[str, list[DnsEvent]] = {}
        for sent, event in zip(body.events, taken, strict=True):
            by_source.setdefault(f"api:{sent.source}", []).append(event)
        news = service.watch.ingest(
            [Batch(source, len(events), {}, events, "") for source, events in by_source.items()]
        )
        judged = {id(event): verdict for event, verdict in news}
        names = [service.lens.parse(event.name) for event in body.events]
        given = [judged.get(id(event)) for event in taken]
        return Verdicts.model_construct(verdicts=await documents(service, names, given, service.fresh.unknown))


def _event(event: EventIn, now: float) -> DnsEvent:
    time, skewed = believed(event.time.timestamp(), None, now)
    has_address = any(map(_is_address, event.answers))
    if event.status is None or event.status.isdigit():
        status = status_of(event.status, has_address=has_address)
    else:
        status = Status(event.status)
    number = int(event.event_id) if event.event_id.isascii() and event.event_id.isdigit() else 0
    detail = Detail(Process(**event.process.model_dump()), tuple(event.answers))
    return DnsEvent(
        name=event.name,
        time=time,
        status=status,
        agent=Agent(f"api:{event.source}", event.agent.name, event.agent.id, event.agent.ip),
        record=Record("", number, event.time.timestamp()) if 0 < number <= _LARGEST_RECORD else None,
        event_id=event.event_id,
        clock_skew=skewed,
        detail=lambda: detail,
    )


def _is_address(answer: str) -> bool:
    try:
        ipaddress.ip_address(answer)
    except ValueError:
        return False
    return True
