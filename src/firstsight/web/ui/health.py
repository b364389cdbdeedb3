"""How the service fares, as a strip on the first page."""

from dataclasses import dataclass

from firstsight.core.errors import StoreError
from firstsight.service import Service
from firstsight.web.ui.rendering import span

_DAY = 86_400
_OFFLINE = "nobody outside may be asked"
_BACKLOG = 100  # questions that may wait without a word


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing, in words; `state` is `good`, `busy` or `bad`."""

    label: str
    words: str
    state: str = "good"


def signs(service: Service) -> tuple[list[Sign], list[str]]:
    """The strip, and what is amiss in sentences."""
    trouble = service.not_ready()
    if trouble is not None:
        return [Sign("Recording", "stopped", "bad")], [trouble]
    degraded = service.degraded()
    strip = [Sign("Recording", "yes")]
    try:
        strip += [*_sources(service), *_figures(service)]
    except StoreError as error:
        return [Sign("Recording", "the store can't be read", "bad")], [str(error)]
    return strip, degraded


def _sources(service: Service) -> list[Sign]:
    now = service.clock.now()
    strip = []
    for source in service.watch.sources:
        said, behind = source.trouble(), source.behind()
        state = service.store.source(source.name)
        name = source.name.rpartition("/")[2]
        if said is not None:
            strip.append(Sign(name, "can't be read", "bad"))
        elif behind >= 1:
            strip.append(Sign(name, f"{span(behind)} behind", "busy"))
        else:
            last = "no event yet" if state.last is None else f"last event {span(now - state.last)} ago"
            strip.append(Sign(name, last))
        if state.started is not None and (left := state.started + service.policy.learning_days * _DAY - now) > 0:
            strip.append(Sign("Learning", f"{span(left)} to go", "busy"))
    return strip


def _figures(service: Service) -> list[Sign]:
    totals = service.store.totals()
    outbox = totals["outbox"]
    return [
        Sign("Outbox", "empty" if not outbox else f"{outbox:,} waiting", "busy" if outbox else "good"),
        _ages(service, totals["questions"]),
        _intelligence(service),
    ]


def _ages(service: Service, questions: int) -> Sign:
    label = "Ages (RDAP)"
    if service.fresh.offline:
        return Sign(label, _OFFLINE)
    if service.fresh.failing() is not None:
        return Sign(label, f"no registry is reached, {questions:,} to ask", "bad")
    words = "all asked" if not questions else f"{questions:,} to ask"
    pause = max(service.fresh.pauses(1).values(), default=0.0)
    if pause > 0:
        return Sign(label, f"{words}, a registry pauses for {span(pause)}", "busy")
    return Sign(label, words, "busy" if questions > _BACKLOG else "good")


def _intelligence(service: Service) -> Sign:
    label, intelligence = "Intelligence (OTX)", service.intelligence
    if intelligence is None:
        return Sign(label, "off")
    if intelligence.fresh.offline:
        return Sign(label, _OFFLINE)
    if intelligence.trouble() is not None:
        return Sign(label, "can't be asked", "bad")
    if intelligence.fresh.failing() is not None:
        return Sign(label, "is not reached", "bad")
    return Sign(label, "asked")
