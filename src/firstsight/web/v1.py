"""The native API: `/v1`, health, metrics and its own description."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from firstsight import __version__
from firstsight.core.document import alert_document, verdict_document
from firstsight.core.errors import StoreError
from firstsight.core.facts import Fact, Registration, Unavailable
from firstsight.core.lens import has_registration
from firstsight.core.names import Name
from firstsight.service import Service
from firstsight.web import metrics
from firstsight.web.describe import page

Document = dict[str, Any]
_PROBLEM = "application/problem+json"
_NOT_ASKED = Unavailable("not_asked")
_MOST_NAMES = 1000


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Names(BaseModel):
    """Names to tell about."""

    model_config = ConfigDict(extra="forbid")

    names: Annotated[list[Annotated[str, Field(max_length=4096)]], Field(min_length=1, max_length=_MOST_NAMES)]
    lookup: bool = Field(False, description="ask registries, in the background, for what is not known")


class Domains(BaseModel):
    """Verdicts in the order of the names."""

    domains: list[Document]


class Alerts(BaseModel):
    """A page of alerts, and the `after` of the next one."""

    alerts: list[Document]
    next: int


class Health(BaseModel):
    """Alive."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether events are recorded, and what works less well than it should."""

    status: Literal["ready", "not_ready"]
    degraded: list[str]
    reason: str | None = None


_MEANING = {
    400: "the body can't be read",
    403: "a foreign Host, or another site's page",
    404: "there is no such thing",
    422: "the request can't be used as written",
    503: "the store can't be read or written now",
}


def _problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """How a route may say no, for its description."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {code: {"description": _MEANING[code], "content": {_PROBLEM: schema}} for code in codes}


class _Api(FastAPI):
    """FastAPI describes models that answer as application/json only; a problem is another media type."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document


def native(service: Service) -> FastAPI:
    """The API over a running service."""
    app = _Api(
        title="firstsight",
        version=__version__,
        description="First sight, age, randomness and intelligence of DNS names. Errors are RFC 9457 problems.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=_problems(403),
    )
    _add_problems(app)
    _add_domains(app, service)
    _add_alerts(app, service)
    _add_health(app, service)

    @app.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return Response(page(app.openapi()), media_type="text/html")

    return app


def _add_domains(app: FastAPI, service: Service) -> None:
    @app.get("/v1/domains/{name}", summary="Everything known of a name; records nothing", responses=_problems(422, 503))
    async def one_domain(
        name: Annotated[str, Path(max_length=4096)],
        wait: Annotated[float, Query(ge=0, le=10, description="seconds to wait for what is not known")] = 0.0,
    ) -> Document:
        parsed = service.lens.parse(name)
        registration: Fact[Registration] = _NOT_ASKED
        if has_registration(parsed):
            registration = await service.fresh.ask(parsed.registered, wait)
        return _documents(service, [parsed], {parsed.registered: registration})[0]

    @app.post(
        "/v1/domains",
        summary=f"Up to {_MOST_NAMES} names at once, in order; records nothing",
        responses=_problems(400, 422, 503),
    )
    async def many_domains(body: Names) -> Domains:
        parsed = [service.lens.parse(name) for name in body.names]
        wanted = sorted({name.registered for name in parsed if has_registration(name)})
        known = {registered: answer.fact for registered, answer in service.store.answers(wanted).items()}
        if body.lookup:
            for registered in wanted:
                if registered not in known:
                    known[registered] = await service.fresh.ask(registered, 0)
        return Domains(domains=_documents(service, parsed, known))


def _documents(service: Service, names: list[Name], registrations: dict[str, Fact[Registration]]) -> list[Document]:
    now = service.clock.now()
    seen = service.store.seen(sorted({name.registrable for name in names if name.judged}))
    documents = []
    for name in names:
        verdict = service.assess(name, registrations.get(name.registered, _NOT_ASKED), seen.get(name.registrable))
        alert = service.store.alert_of(name.registrable) if name.judged else None
        alert_id, follows = (alert.id, alert.follows) if alert is not None else (None, None)
        documents.append(verdict_document(verdict, now=now, alert_id=alert_id, follows=follows))
    return documents


def _add_alerts(app: FastAPI, service: Service) -> None:
    @app.get("/v1/alerts", summary="Alerts in order of decision", responses=_problems(422, 503))
    async def alerts(
        after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        severity: Annotated[Literal["low", "medium", "high", "critical"] | None, Query()] = None,
        state: Annotated[Literal["new", "reviewed", "false_alarm", "confirmed"] | None, Query()] = None,
    ) -> Alerts:
        found = service.store.alerts(after=after, limit=limit, severity=severity, state=state)
        return Alerts(alerts=[alert_document(alert) for _, alert in found], next=found[-1][0] if found else after)

    @app.get("/v1/alerts/{alert_id}", summary="One alert", responses=_problems(404, 422, 503))
    async def one_alert(alert_id: Annotated[str, Path(max_length=64)]) -> Document:
        alert = service.store.alert(alert_id)
        if alert is None:
            raise HTTPException(404, f"There is no alert {alert_id!r} in this store.")
        return alert_document(alert)


def _add_health(app: FastAPI, service: Service) -> None:
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
    async def readyz() -> JSONResponse:
        reason = service.not_ready()
        state = Readiness(status="ready" if reason is None else "not_ready", degraded=service.degraded(), reason=reason)
        return JSONResponse(state.model_dump(), 200 if reason is None else 503)

    @app.get("/metrics", summary="Prometheus figures", response_class=Response)
    async def prometheus() -> Response:
        return Response(metrics.text(figures), media_type="text/plain; version=0.0.4; charset=utf-8")


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(StarletteHTTPException)
    async def http_problem(_: Request, error: StarletteHTTPException) -> JSONResponse:
        return _problem(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def bad_request(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:10])
        return _problem(422, "; ".join(faults))

    @app.exception_handler(StoreError)
    async def store_problem(_: Request, error: StoreError) -> JSONResponse:
        return _problem(503, str(error))


def _problem(status: int, detail: str, headers: Any = None) -> JSONResponse:
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, headers, _PROBLEM)
