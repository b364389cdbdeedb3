"""`/v1/intel`: what threat intelligence knows of one name, so that an endpoint needs no key and a fleet one cache."""

from typing import Annotated, Literal

from fastapi import FastAPI, Path, Query
from pydantic import BaseModel

from firstsight.core.document import intel_document
from firstsight.core.facts import NOT_WANTED, OFF, Fact, Intel, Unavailable
from firstsight.core.names import Kind, Name
from firstsight.service import Service
from firstsight.web.problems import problems


class KnownPulse(BaseModel):
    """A pulse that counts."""

    id: str
    name: str
    author: str | None
    created: str | None
    modified: str | None
    tags: list[str]
    adversary: str | None
    malware_families: list[str]
    attack: list[str]
    tlp: str | None
    indicators: int | None
    url: str


class KnownIntel(BaseModel):
    """What is known of a name. `reason` and `retry_at`: why it is not, and when to ask again, where that is foreseen.

    `alert_id` is the latest alert of its domain.
    """

    name: str
    domain: str | None
    state: Literal["known", "absent", "unavailable"]
    reason: str | None
    retry_at: str | None
    verdict: Literal["none", "low", "medium", "high"] | None
    pulses: list[KnownPulse]
    checked: str | None
    alert_id: str | None


def add_intel(app: FastAPI, service: Service) -> None:
    """Add the route."""

    @app.get(
        "/v1/intel/{name}",
        summary="What threat intelligence knows of a name",
        responses=problems(422, 503),
    )
    async def intel(
        name: Annotated[str, Path(max_length=4096)],
        wait: Annotated[float, Query(ge=0, le=10, description="seconds to wait for what is not known")] = 0.0,
    ) -> KnownIntel:
        parsed = service.lens.parse(name)
        fact = await asked(service, parsed, wait)
        alert = service.store.alert_of(parsed.registrable) if parsed.judged else None
        document = {
            "name": parsed.fqdn or name,
            "domain": parsed.registrable or None,
            **intel_document(fact),
            "alert_id": None if alert is None else alert.id,
        }
        return KnownIntel.model_validate(document)


async def asked(service: Service, name: Name, wait: float) -> Fact[Intel]:
    """What threat intelligence says of a name; where nobody may be asked about it, the reason is why."""
    if service.intelligence is None:
        return OFF
    indicators = service.lens.indicators(name)
    if indicators:
        return await service.intelligence.ask(indicators, wait)
    return NOT_WANTED if name.kind is Kind.PUBLIC else Unavailable(str(name.kind))
