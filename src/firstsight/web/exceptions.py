"""`/v1/exceptions`: what raises no alert here, on purpose."""

from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Request
from pydantic import BaseModel, FailFast, Field

from firstsight.core.document import Document
from firstsight.core.errors import InputError
from firstsight.core.exceptions import NEVER, ExceptionRefusedError, ExceptionRule, make_exception
from firstsight.service import Service
from firstsight.web.asker import asker
from firstsight.web.problems import problems
from firstsight.web.strict import Strict

Text = Annotated[str, Field(max_length=1000)]


class MatchIn(Strict):
    """What an exception matches: all of what is given here."""

    domain: Text = Field("", description="`example.com`: it and all below; `*.example.com`: all below")
    process: Text = Field("", description="the program's file name or path; `*` and `?` stand for any characters")
    agent: Text = Field("", description="the agent's name, likewise")
    scope: Annotated[list[Text], FailFast()] = Field(
        [], max_length=50, description="reasons it holds back; none: all but `known_indicator`"
    )


class ExceptionIn(MatchIn):
    """An exception to make."""

    reason: Text = Field(description="why, for whoever reads it in a year")
    author: Annotated[str, Field(max_length=200)] = Field(
        "", description="on whose behalf; kept as `on_behalf_of` beside `author`, which is who asks"
    )
    expires: Text = Field(description="a date, an RFC 3339 time, a duration such as `30d`, or `never`")


class ExceptionsOut(BaseModel):
    """All exceptions, expired ones too."""

    exceptions: list[Document]


def add_exceptions(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    @app.get("/v1/exceptions", summary="All exceptions, with what they have held back", responses=problems(503))
    async def listed() -> ExceptionsOut:
        return ExceptionsOut(exceptions=service.exceptions.listed())

    @app.post(
        "/v1/exceptions",
        summary="Make an exception; it is in force when this answers",
        status_code=201,
        responses=problems(400, 409, 413, 422, 503),
    )
    async def add(request: Request, body: ExceptionIn) -> Document:
        rule = _rule(service, body, body.reason, body.author, body.expires)
        try:
            return service.exceptions.add(rule, asker(request.scope).by)
        except InputError as error:
            raise HTTPException(409, str(error)) from error

    @app.delete(
        "/v1/exceptions/{exception_id}",
        summary="End an exception and forget it",
        status_code=204,
        responses=problems(404, 409, 422, 503),
    )
    async def remove(request: Request, exception_id: Annotated[str, Path(max_length=64)]) -> None:
        try:
            there = service.exceptions.remove(exception_id, asker(request.scope).by)
        except InputError as error:
            raise HTTPException(409, str(error)) from error
        if not there:
            raise HTTPException(404, f"There is no exception {exception_id!r}. `firstsight exception list` tells them.")

    @app.post(
        "/v1/exceptions/preview",
        summary="What an exception would have held back in the last 30 days; makes none",
        responses=problems(400, 413, 422, 503),
    )
    async def preview(body: MatchIn) -> Document:
        return await service.exceptions.preview(_rule(service, body, "preview", "", NEVER))


def _rule(service: Service, body: MatchIn, reason: str, author: str, expires: str) -> ExceptionRule:
    try:
        return make_exception(
            service.lens.parse,
            domain=body.domain,
            process=body.process,
            agent=body.agent,
            scope=body.scope,
            reason=reason,
            author=author,
            expires=expires,
            now=service.clock.now(),
        )
    except ExceptionRefusedError as error:
        raise HTTPException(422, str(error)) from error
