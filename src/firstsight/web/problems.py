"""Errors of the native API as RFC 9457 problems, and how routes describe them."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from firstsight.core.errors import StoreError

MEDIA_TYPE = "application/problem+json"

_MEANING = {
    400: "the body, or what a proxy says of whom it asks for, can't be read",
    401: "no token and no session, or none that is valid",
    403: "a foreign Host, another site's page, a token or role without the scope, or no CSRF token",
    404: "there is no such thing",
    409: "it stands in a file, and is changed there",
    413: "the body is too large",
    415: "the body is compressed",
    422: "the request can't be used as written",
    503: "the store can't be read or written now",
}


FORBIDDEN_TO_ALL = "a foreign Host, another site's page, or plain HTTP from who is no trusted proxy"
"""When a route that is open to everybody answers 403."""


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """How a route may say no, for its description."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {code: {"description": _MEANING[code], "content": {MEDIA_TYPE: schema}} for code in codes}


def add_problems(app: FastAPI) -> None:
    """Make every error a problem document."""

    @app.exception_handler(HTTPException)
    async def http_problem(_: Request, error: HTTPException) -> JSONResponse:
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
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)
