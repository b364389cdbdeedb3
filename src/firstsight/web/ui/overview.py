"""The first page: what came in, what was new, what alerted, and what comes in now."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from firstsight.core.reasons import IMPLEMENTED
from firstsight.core.verdict import Severity
from firstsight.service import Service
from firstsight.web.ui.charts import Chart, Series, stacked
from firstsight.web.ui.figures import Counts, Figures, KeptFigures
from firstsight.web.ui.health import signs
from firstsight.web.ui.ranges import RANGES, Range, chosen
from firstsight.web.ui.rendering import render

SIGHTS_SHOWN = 25

_EVENT_KINDS = (
    ("seen", "answered", "e-seen"),
    ("nxdomain", "no such name", "e-nxdomain"),
    ("failed", "failed", "e-failed"),
    ("internal", "internal", "e-internal"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A number, what it was in the span before, and the page that lists what it counts."""

    label: str
    now: int
    before: int
    page: str = ""

    @property
    def change(self) -> str:
        """How it has changed, in words."""
        if not self.before:
            return "none before" if self.now else "none before either"
        percent = round(100 * (self.now - self.before) / self.before)
        return "as before" if not percent else f"{percent:+,} % against the span before"


class Overview:
    """The page.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._figures = KeptFigures(service)

    async def page(self, request: Request) -> Response:
        """`GET /ui/`."""
        span = chosen(request.query_params.get("range"))
        figures = await self._figures.of(span)
        return await run_in_threadpool(self._drawn, request, span, figures)

    def _drawn(self, request: Request, span: Range, figures: Figures) -> Response:
        counts, at = figures.counts, figures.at
        return render(
            request,
            "overview.html",
            {
                "here": "overview",
                "now": self._service.clock.now(),
                "counted": at,
                "span": span,
                "ranges": list(RANGES.values()),
                "figures": _tiles(counts, span, at),
                "alerts_chart": _alerts_chart(counts, span, at),
                "events_chart": _events_chart(counts, span, at),
                "agents": figures.agents,
                "most_events": max((agent.events for agent in figures.agents), default=1),
                "heat": figures.heat,
                "sights": self._service.views.first_sights(0, SIGHTS_SHOWN),
            },
        )

    async def health(self, request: Request) -> Response:
        """`GET /ui/health`: the strip, again and again; in the service's own thread, as it asks its parts."""
        strip, amiss = signs(self._service)
        return render(request, "health.html", {"strip": strip, "amiss": amiss})


def _tiles(counts: Counts, span: Range, now: float) -> list[Tile]:
    alerts = [f"alerts:{severity}" for severity in Severity]
    listed = f"/ui/alerts?{urlencode({'q': f'time:<{span.key}'})}"
    kinds = (("DNS events", ["events"], ""), ("New domains", ["new"], ""), ("Alerts", alerts, listed))
    return [Tile(label, *_now_and_before(counts, whats, span, now), page) for label, whats, page in kinds]


def _now_and_before(counts: Counts, whats: list[str], span: Range, now: float) -> tuple[int, int]:
    since = span.since(now)
    hours = [(hour, n) for what in whats for hour, n in counts.get(what, {}).items()]
    return sum(n for hour, n in hours if hour >= since), sum(n for hour, n in hours if hour < since)


def _alerts_chart(counts: Counts, span: Range, now: float) -> Chart:
    series = [
        Series(code.replace("_", " "), f"r-{code}", _bars(counts, f"reason:{code}", span, now)) for code in IMPLEMENTED
    ]
    return stacked("Alerts by reason", span.labels(now), series)


def _events_chart(counts: Counts, span: Range, now: float) -> Chart:
    series = [Series(label, kind, _bars(counts, what, span, now)) for what, label, kind in _EVENT_KINDS]
    return stacked("DNS events by outcome", span.labels(now), series)


def _bars(counts: Mapping[str, Mapping[int, int]], what: str, span: Range, now: float) -> list[int]:
    return span.bars(counts.get(what, {}), now)
