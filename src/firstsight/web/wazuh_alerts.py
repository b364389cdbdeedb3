"""`POST /v1/wazuh/alerts`: a node of a cluster hands over its Wazuh's alert lines, and collects what it has to deliver.

Within a call what was delivered is acknowledged first, then the lines are recorded, then comes what is due by now.
"""

import asyncio
from collections import Counter
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from pydantic import BaseModel, Field

from firstsight.core.nodes import NODE, kept_by
from firstsight.service import Service
from firstsight.sources.handed_over import turns
from firstsight.sources.wazuh import read_batch
from firstsight.web.problems import problems

_BODY: dict[str, Any] = {
    "requestBody": {
        "description": "alert lines as Wazuh writes them, one JSON object a line; empty: only acknowledge and collect",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


class HandedOver(BaseModel):
    """What became of the lines, and what the node has to deliver."""

    read: int = Field(description="lines: `events` and all of `skipped`")
    events: int = Field(description="DNS events among them, those that were known already included")
    skipped: dict[str, int] = Field(description="lines without a DNS event, by reason")
    deliver: list[str] = Field(description="whole datagrams for this node's queue socket, in order")
    pending: int = Field(description="what may come soon: cases that wait for a fact, alerts that did not fit")
    cursor: str = Field(description="acknowledges these datagrams when it is sent back; empty where there are none")


def add_wazuh_alerts(app: FastAPI, service: Service) -> None:
    """Add the route."""

    @app.post(
        "/v1/wazuh/alerts",
        summary="Alert lines of a cluster's node; safe on disk when this answers, with what that node has to deliver",
        responses=problems(413, 415, 422, 503),
        openapi_extra=_BODY,
    )
    async def take_alerts(
        request: Request,
        node: Annotated[str, Query(pattern=NODE, description="the node's name; alerts of its events leave through it")],
        cursor: Annotated[
            str, Query(max_length=200, description="`cursor` of the answer whose datagrams are delivered")
        ] = "",
    ) -> HandedOver:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(415, "The body is compressed or encoded. Send the lines as they are.")
        body = await request.body()
        service.nodes.acknowledge(node, cursor)
        events, skipped = await _record(service, node, body)
        due = service.nodes.collect(node)
        return HandedOver(
            read=events + skipped.total(),
            events=events,
            skipped=skipped,
            deliver=due.datagrams,
            pending=due.pending,
            cursor=due.cursor,
        )


async def _record(service: Service, node: str, body: bytes) -> tuple[int, Counter[str]]:
    """Record a body's lines durably, a turn at a time, so that whoever else is served waits for one turn at most.

    Returns:
        How many events there were, and how many lines were skipped, by reason.

    Raises:
        StoreError: this turn is not recorded. The body may be handed over again: what was recorded of it is known by
            its record numbers.
    """
    events, skipped = 0, Counter[str]()
    for turn in turns(body):
        batch = read_batch(kept_by(node), turn, service.clock.now(), node)
        service.watch.ingest([batch])
        events += len(batch.events)
        skipped.update(batch.skipped)
        await asyncio.sleep(0)
    return events, skipped
