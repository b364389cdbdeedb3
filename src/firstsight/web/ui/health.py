"""How the service fares, as a strip on every page."""

from dataclasses import dataclass

from firstsight.core.errors import StoreError
from firstsight.service import Service
from firstsight.web.ui.rendering import span

_DAY = 86_400
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
    outbox, questions = totals["outbox"], totals["questions"]
    paused = service.fresh.pauses(1)
    intelligence = service.intelligence
    unasked = None if intelligence is None else intelligence.trouble()
    return [
        Sign("Outbox", "empty" if not outbox else f"{outbox:,} waiting", "busy" if outbox else "good"),
        Sign(
            "Ages",
            "all asked" if not questions else f"{questions:,} to ask",
            "busy" if paused or questions > _BACKLOG else "good",
        ),
        Sign(
            "Intelligence",
            "off" if intelligence is None else "asked" if unasked is None else "can't be asked",
            "good" if unasked is None else "bad",
        ),
    ]
