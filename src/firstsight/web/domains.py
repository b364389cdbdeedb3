"""`/v1/domains`: what is known of names; asking records nothing."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Path, Query
from pydantic import BaseModel, FailFast, Field

from firstsight.core.document import Document, verdict_document
from firstsight.core.facts import NOT_ASKED, NOT_WANTED, Fact, Registration, Unavailable
from firstsight.core.lens import has_registration
from firstsight.core.names import Name
from firstsight.core.verdict import Verdict
from firstsight.service import Service
from firstsight.web.intel import asked
from firstsight.web.problems import problems
from firstsight.web.strict import Strict

_MOST_NAMES = 1000
_PART = 50  # names whose verdicts are made before others get a turn: some milliseconds


class Names(Strict):
    """Names to tell about."""

    names: Annotated[
        list[Annotated[str, Field(max_length=4096)]], FailFast(), Field(min_length=1, max_length=_MOST_NAMES)
    ]
    lookup: bool = Field(False, description="ask registries, in the background, for what is not known")


class Domains(BaseModel):
    """Verdicts in the order of the names."""

    domains: list[Document]


def add_domains(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    @app.get("/v1/domains/{name}", summary="Everything known of a name; records nothing", responses=problems(422, 503))
    async def one_domain(
        name: Annotated[str, Path(max_length=4096)],
        wait: Annotated[float, Query(ge=0, le=10, description="seconds to wait for what is not known")] = 0.0,
    ) -> Document:
        parsed = service.lens.parse(name)
        age, intel = await asyncio.gather(registration(service, parsed, wait), asked(service, parsed, wait))
        verdict = service.assess(parsed, age, service.store.seen([parsed.registrable]).get(parsed.registrable), intel)
        return _verdicts(service, [parsed], {}, [verdict])[0]

    @app.post(
        "/v1/domains",
        summary=f"Up to {_MOST_NAMES} names at once, in order; records nothing",
        responses=problems(400, 422, 503),
    )
    async def many_domains(body: Names) -> Domains:
        parsed = [service.lens.parse(name) for name in body.names]
        # What is made here need not be checked and copied by pydantic.
        return Domains.model_construct(domains=await documents(service, parsed, lookup=body.lookup))


async def registration(service: Service, name: Name, wait: float) -> Fact[Registration]:
    """What its registry says of a name; asked in the background where that takes longer than `wait`, seconds."""
    return await service.fresh.ask(name.registered, wait) if has_registration(name) else NOT_WANTED


async def documents(
    service: Service,
    names: list[Name],
    judged: list[Verdict | None] | None = None,
    unknown: Unavailable = NOT_ASKED,
    *,
    lookup: bool = False,
) -> list[Document]:
    """Verdict documents of many names, in order; part by part, so that other requests and events get their turns.

    Args:
        service: the running service.
        names: the names.
        judged: see `_verdicts`.
        unknown: likewise.
        lookup: ask registries, in the background, for what is not known.
    """
    made: list[Document] = []
    for at in range(0, len(names), _PART):
        part = names[at : at + _PART]
        known = _stored(service, part)
        if lookup:
            for registered in sorted({name.registered for name in part if has_registration(name)} - known.keys()):
                known[registered] = await service.fresh.ask(registered, 0)
        made += _verdicts(service, part, known, judged and judged[at : at + _PART], unknown)
        await asyncio.sleep(0)
    return made


def _stored(service: Service, names: list[Name]) -> dict[str, Fact[Registration]]:
    """Stored registrations of names, by registered domain."""
    wanted = sorted({name.registered for name in names if has_registration(name)})
    now = service.clock.now()
    return {name: answer.fact for name, answer in service.store.answers(wanted).items() if answer.fresh(now)}


def _verdicts(
    service: Service,
    names: list[Name],
    registrations: dict[str, Fact[Registration]],
    judged: list[Verdict | None] | None = None,
    unknown: Unavailable = NOT_ASKED,
) -> list[Document]:
    """Verdict documents of names, in order.

    Args:
        service: the running service.
        names: the names.
        registrations: what is known, by registered domain.
        judged: verdicts that are given already; None for the others.
        unknown: what is said of what could be asked for, and is not known.
    """
    now = service.clock.now()
    seen = service.store.seen(sorted({name.registrable for name in names if name.judged}))
    answers = service.outside.answers(names, now)
    documents = []
    for name, verdict in zip(names, judged or [None] * len(names), strict=True):
        if verdict is None:
            registration = registrations.get(name.registered, unknown if has_registration(name) else NOT_WANTED)
            intel = service.outside.intel(name, answers, None)
            if intel == NOT_WANTED and service.lens.indicators(name):
                intel = unknown
            verdict = service.assess(name, registration, seen.get(name.registrable), intel)  # noqa: PLW2901  # made up for
        alert = service.store.alert_of(name.registrable) if name.judged else None
        alert_id, follows = (alert.id, alert.follows) if alert is not None else (None, None)
        documents.append(verdict_document(verdict, now=now, alert_id=alert_id, follows=follows))
    return documents
