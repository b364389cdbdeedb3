"""`/v1/alerts`: what has left the house."""

from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException, Path, Query, Request
from pydantic import BaseModel, FailFast, Field

from firstsight.core.document import Document, reviewed_document
from firstsight.core.review import MOST_MARKED, Review, State
from firstsight.core.verdict import Severity
from firstsight.service import Service
from firstsight.web.asker import asker
from firstsight.web.problems import problems
from firstsight.web.strict import Strict

StateWord = Literal["new", "reviewed", "false_alarm", "confirmed"]
"""core/review.py's states, as the description lists them."""


class MarksIn(Strict):
    """What somebody thinks of some alerts."""

    ids: Annotated[list[Annotated[str, Field(max_length=64)]], FailFast(), Field(min_length=1, max_length=MOST_MARKED)]
    state: StateWord


class Marked(BaseModel):
    """How many alerts are marked; those that are not in this store are not."""

    marked: int


class Alerts(BaseModel):
    """A page of alerts, and the `after` of the next one."""

    alerts: list[Document]
    next: int


def add_alerts(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    # Plain functions: they are answered in threads, as what they read beside the writer may take its time.
    @app.get("/v1/alerts", summary="Alerts in order of decision", responses=problems(422, 503))
    def alerts(
        after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        severity: Annotated[Literal["low", "medium", "high", "critical"] | None, Query()] = None,
        state: Annotated[StateWord | None, Query()] = None,
    ) -> Alerts:
        found = service.views.decided(after, limit, severity and Severity(severity), state and State(state))
        documents = [reviewed_document(row.alert, row.review) for row in found]
        return Alerts(alerts=documents, next=found[-1].seq if found else after)

    @app.post(
        "/v1/alerts/state",
        summary=f"Mark up to {MOST_MARKED} alerts, in whoever's name asks",
        responses=problems(413, 422, 503),
    )
    async def mark(request: Request, body: MarksIn) -> Marked:
        who = asker(request.scope)
        review = Review(State(body.state), who.called, service.clock.now())
        return Marked(marked=service.store.review(body.ids, review, who.by))

    @app.get("/v1/alerts/{alert_id}", summary="One alert", responses=problems(404, 422, 503))
    def one_alert(alert_id: Annotated[str, Path(max_length=64)]) -> Document:
        found = service.views.alert(alert_id)
        if found is None:
            raise HTTPException(404, f"There is no alert {alert_id!r} in this store.")
        return reviewed_document(found.alert, found.review)
