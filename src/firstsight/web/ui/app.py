"""The pages at `/ui/`: made by the server, with no script that they could not do without."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from firstsight.core.errors import StoreError
from firstsight.service import Service
from firstsight.web.asgi import App
from firstsight.web.ui.alerts import Alerts
from firstsight.web.ui.audit import AuditPage
from firstsight.web.ui.download import Downloads
from firstsight.web.ui.exception_form import ExceptionForm
from firstsight.web.ui.exceptions import ExceptionPages
from firstsight.web.ui.live import Live
from firstsight.web.ui.names import Names
from firstsight.web.ui.overview import Overview
from firstsight.web.ui.rendering import amiss

_STATIC = {
    "style.css": "text/css",
    "firstsight.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "vendor/htmx.min.js": "text/javascript",
}


def pages(service: Service, stopping: Callable[[], bool]) -> App:
    """The pages over a running service; `stopping`: whether it is about to end."""
    app = Starlette(
        routes=routes(service, stopping),
        exception_handlers={HTTPException: _amiss, StoreError: _store_amiss},
    )
    app.state.access = service.access
    app.router.redirect_slashes = False
    return app


def routes(service: Service, stopping: Callable[[], bool]) -> list[BaseRoute]:
    """What is answered; each has its row in web/scopes.py."""
    overview, alerts, names, live = Overview(service), Alerts(service), Names(service), Live(service, stopping)
    exceptions, form = ExceptionPages(service), ExceptionForm(service)
    return [
        Route("/ui", _home),
        Route("/ui/", overview.page),
        Route("/ui/health", overview.health),
        Route("/ui/live", live.stream),
        Route("/ui/alerts", alerts.listed),
        Route("/ui/alerts/state", alerts.mark, methods=["POST"]),
        Route("/ui/alerts/export", Downloads(service).export),
        Route("/ui/alert", alerts.one),
        Route("/ui/domain", names.domain),
        Route("/ui/agent", names.agent),
        Route("/ui/search", names.search),
        Route("/ui/audit", AuditPage(service).listed),
        Route("/ui/exceptions", exceptions.listed),
        Route("/ui/exceptions/new", form.blank),
        Route("/ui/exceptions/new", form.send, methods=["POST"]),
        Route("/ui/exception", exceptions.one),
        Route("/ui/exception/expires", exceptions.until, methods=["POST"]),
        Route("/ui/exception/end", exceptions.end, methods=["POST"]),
        Route("/ui/static/{file}", _static),
        Route("/ui/static/vendor/{file}", _static),
    ]


async def _home(_: Request) -> Response:
    return RedirectResponse("/ui/")


async def _static(request: Request) -> Response:
    """Files of ours, by a list: nothing else can be named."""
    wanted = request.url.path.removeprefix("/ui/static/")
    kind = _STATIC.get(wanted)
    if kind is None:
        raise HTTPException(404, "There is no such file.")
    return Response(_content(wanted), media_type=kind)


@cache
def _content(wanted: str) -> bytes:
    return (files("firstsight.web.ui") / "static" / wanted).read_bytes()


async def _amiss(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = "There is no such page." if error.status_code == 404 else str(error.detail)  # noqa: PLR2004
    return amiss(request, "Not here", sentence, error.status_code)


async def _store_amiss(request: Request, error: Exception) -> Response:
    return amiss(request, "The store can't be read now", str(error), 503)
