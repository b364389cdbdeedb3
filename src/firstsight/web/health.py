"""Health, readiness and metrics."""

from typing import Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from firstsight.service import Service
from firstsight.web import metrics
from firstsight.web.problems import problems
from firstsight.web.readiness import readiness


class Health(BaseModel):
    """Alive."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether events are recorded, and what works less well than it should."""

    status: Literal["ready", "not_ready"]
    degraded: list[str]
    reason: str | None = None


def add_health(app: FastAPI, service: Service) -> None:
    """Add the routes. Health and readiness are usually answered before they come here (`web/readiness.py`)."""
    figures = metrics.registry(service)

    @app.get("/healthz", summary="200 while the process answers")
    async def healthz() -> Health:
        return Health()

    @app.get(
        "/readyz",
        summary="200 while events are recorded; 503 while nothing can be",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "nothing can be recorded; the reason is told"}},
    )
    async def readyz(request: Request) -> JSONResponse:
        status, body = readiness(service, request.scope)
        return JSONResponse(body, status)

    @app.get("/metrics", summary="Prometheus figures", response_class=Response, responses=problems(503))
    async def prometheus() -> Response:
        return Response(metrics.text(figures), media_type="text/plain; version=0.0.4; charset=utf-8")
