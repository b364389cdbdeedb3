"""The native API: `/v1`, health, metrics and its own description."""

from typing import Any

from fastapi import FastAPI, Response

from firstsight import __version__
from firstsight.access.tokens import Scopes
from firstsight.service import Service
from firstsight.web.alerts import add_alerts
from firstsight.web.audit import add_audit
from firstsight.web.describe import page
from firstsight.web.domains import add_domains
from firstsight.web.exceptions import add_exceptions
from firstsight.web.health import add_health
from firstsight.web.ingest import add_events
from firstsight.web.intel import add_intel
from firstsight.web.problems import FORBIDDEN_TO_ALL, Problem, add_problems, problems
from firstsight.web.scopes import OPEN, SCOPES
from firstsight.web.wazuh_alerts import add_wazuh_alerts


class _Api(FastAPI):
    """FastAPI describes models that answer as application/json only; a problem is another media type."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is not None:
            return self.openapi_schema
        document = super().openapi()  # and keeps it
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _describe_access(operation, SCOPES[f"{method.upper()} {path}"])
        return document


def _describe_access(operation: dict[str, Any], scopes: Scopes) -> None:
    """Say who may use a route, and leave out what is never answered where everybody may."""
    if scopes == OPEN:
        operation["security"] = []
        del operation["responses"]["401"]
        operation["responses"]["403"]["description"] = FORBIDDEN_TO_ALL
    else:
        # Any one of them; and the machine that it runs on needs none.
        operation["security"] = [*({"token": [scope]} for scope in sorted(scopes)), {}]


def native(service: Service) -> FastAPI:
    """The API over a running service."""
    app = _Api(
        title="firstsight",
        version=__version__,
        description="First sight, age, randomness and intelligence of DNS names. Errors are RFC 9457 problems.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems(400, 401, 403),
    )
    add_problems(app)
    add_domains(app, service)
    add_intel(app, service)
    add_events(app, service)
    add_wazuh_alerts(app, service)
    add_alerts(app, service)
    add_exceptions(app, service)
    add_audit(app, service)
    add_health(app, service)

    @app.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return Response(page(app.openapi()), media_type="text/html")

    return app
