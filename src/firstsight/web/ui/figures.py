"""The figures of the first page: counted once for all who ask, and kept for as long as they may be old."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from firstsight.ports.views import AgentFigures, HeatRow
from firstsight.service import Service
from firstsight.web.ui.ranges import Range

_AGENTS_SHOWN = 10
_NAMES_SHOWN = 20
_HOUR = 3600

Counts = dict[str, dict[int, int]]
"""By what is counted, and by hour since the epoch."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a span.

    Attributes:
        at: when it was counted, seconds since the epoch; the span ends then.
        counts: of the span and of the one before it.
        agents: those with most events.
        heat: the names that weigh most.
    """

    at: float
    counts: Counts
    agents: Sequence[AgentFigures]
    heat: Sequence[HeatRow]


class KeptFigures:
    """Figures of each span. They name endpoints and domains, and no people: they are the same for everybody.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: dict[str, Figures] = {}
        self._counting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, span: Range) -> Figures:
        """Those of a span.

        Raises:
            StoreError: they can't be read.
        """
        async with self._counting[span.key]:  # whoever asks meanwhile gets what is found
            now = self._service.clock.now()
            kept = self._kept.get(span.key)
            if kept is None or not 0 <= now - kept.at < span.keep:
                kept = self._kept[span.key] = await self._counted(span, now)
            return kept

    async def _counted(self, span: Range, now: float) -> Figures:
        counts = await run_in_threadpool(self._service.views.hours, span.before(now))
        # Afterwards: what is written in between is left out for once, not counted twice.
        _add(counts, self._service.store.hours_unwritten())
        return await run_in_threadpool(self._with_rows, span.since(now), counts, now)

    def _with_rows(self, since: int, counts: Counts, now: float) -> Figures:
        views = self._service.views
        return Figures(now, counts, views.busiest(since, _AGENTS_SHOWN), views.heat(since * _HOUR, _NAMES_SHOWN))


def _add(counts: Counts, more: Counts) -> None:
    for what, hours in more.items():
        its = counts.setdefault(what, {})
        for hour, n in hours.items():
            its[hour] = its.get(hour, 0) + n
