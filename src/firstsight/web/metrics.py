"""`/metrics`: the counters that matter, in Prometheus' text form. Read from the store when asked; bounded labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from firstsight import __version__
from firstsight.access.refusals import REASONS as REFUSALS
from firstsight.core.errors import StoreError
from firstsight.core.notices import NOTICES
from firstsight.core.verdict import Severity
from firstsight.service import Service


@dataclass(frozen=True, slots=True)
class Figure:
    """What one metric tells. A name that ends in `_total` is a counter, any other a gauge.

    Attributes:
        meaning: one line for reference pages and `# HELP`.
        by: its label; empty = it has one value.
        values: what the label may be: told as 0 until they occur where it is a vocabulary, else said in words.
    """

    meaning: str
    by: str = ""
    values: tuple[str, ...] | str = ()


_SEVERITIES = tuple(str(severity) for severity in Severity if severity is not Severity.NONE)
_OUTCOMES = (
    "seen", "nxdomain", "failed", "duplicate",
    "internal", "reverse", "single_label", "suffix", "address", "invalid",
)  # fmt: skip
_MOST = 50  # values of a label that sites or outsiders name

METRICS = {
    "firstsight_build_info": Figure("1; its label tells the version", "version", "the one that runs"),
    "firstsight_start_time_seconds": Figure("when the service started, seconds since the epoch"),
    "firstsight_lines_total": Figure("lines read from sources"),
    "firstsight_lines_skipped_total": Figure("lines that held no DNS event", "reason", "a few words of the readers"),
    "firstsight_events_total": Figure("DNS events, by what became of them", "outcome", _OUTCOMES),
    "firstsight_alerts_total": Figure("alerts decided", "severity", _SEVERITIES),
    "firstsight_held_back_total": Figure("alerts held back", "cause", "a few words of the policy"),
    "firstsight_erased_total": Figure("rows erased by age or on request", "kind", "a few tables"),
    "firstsight_requests_refused_total": Figure("requests refused since the start", "reason", REFUSALS),
    "firstsight_new_domains_total": Figure("domains sighted for the first time"),
    "firstsight_notices_total": Figure("notices of the service itself", "notice", tuple(NOTICES)),
    "firstsight_agents": Figure("agents ever heard of"),
    "firstsight_outbox": Figure("alerts and notices that wait to be delivered, over all sinks of this machine"),
    "firstsight_node_outbox": Figure(
        "alerts that nodes of a cluster have not collected yet", "node", f"the {_MOST} with the most"
    ),
    "firstsight_questions": Figure("registrations still to be asked for"),
    "firstsight_questions_oldest_seconds": Figure("how long the registration waits that could have been asked first"),
    "firstsight_registrations_total": Figure(
        "questions about registrations since the start", "outcome", "known, absent, and why not"
    ),
    "firstsight_registry_pause_seconds": Figure(
        "seconds until a registry that refused or failed is asked again", "server", f"at most {_MOST}"
    ),
    "firstsight_intel_questions": Figure("names that threat intelligence is still to be asked about"),
    "firstsight_intel_requests_total": Figure(
        "questions to threat intelligence since the start", "outcome", "known, absent, and why not"
    ),
    "firstsight_intel_quota_left": Figure("questions that the hourly quota leaves at this moment"),
    "firstsight_intel_pause_seconds": Figure("seconds until threat intelligence that refused or failed is asked again"),
    "firstsight_source_lag_bytes": Figure("bytes written but not read yet", "source", "those of the settings"),
    "firstsight_popular_domains": Figure("popular domains", "list", "those of the settings and ours"),
    "firstsight_popular_list_age_seconds": Figure("seconds since the fetched popular list was known to be the newest"),
    "firstsight_source_behind_seconds": Figure(
        "how long ago the line read last was written, while more wait", "source", "those of the settings"
    ),
    "firstsight_ready": Figure("1 while events are recorded"),
    "firstsight_degraded": Figure("how many things work less well than they should"),
}
"""Every metric and what it means; docs/metrics.md is made from it."""


class _Figures(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        service = self._service
        try:
            totals = service.store.totals()
            uncollected = service.store.uncollected(_MOST)
        except StoreError:
            totals = {}
        else:
            yield _metric("firstsight_lines_total", totals.get("lines", 0))
            yield _metric("firstsight_lines_skipped_total", _part(totals, "skipped:"))
            yield _metric("firstsight_events_total", {kind: totals.get(kind, 0) for kind in _OUTCOMES})
            yield _metric("firstsight_alerts_total", _part(totals, "alerts:"))
            yield _metric("firstsight_held_back_total", _part(totals, "held:"))
            yield _metric("firstsight_new_domains_total", totals.get("new", 0))
            yield _metric("firstsight_notices_total", _part(totals, "notices:"))
            yield _metric("firstsight_erased_total", _part(totals, "erased:"))
            for what in ("agents", "outbox", "questions", "intel_questions"):
                yield _metric(f"firstsight_{what}", totals[what])
            yield _metric("firstsight_node_outbox", {waiting.node: waiting.alerts for waiting in uncollected})
            yield _metric("firstsight_questions_oldest_seconds", totals["questions_oldest"])
        yield _metric("firstsight_registrations_total", service.fresh.outcomes)
        yield _metric("firstsight_registry_pause_seconds", service.fresh.pauses(_MOST))
        yield from self._intelligence()
        yield _metric("firstsight_requests_refused_total", service.access.refusals.counts)
        sources = service.watch.sources
        yield _metric("firstsight_source_lag_bytes", {source.name: source.lag() for source in sources})
        yield _metric("firstsight_source_behind_seconds", {source.name: source.behind() for source in sources})
        yield _metric("firstsight_popular_domains", {each.name: len(each) for each in service.lens.popular})
        age = None if service.popular_fetch is None else service.popular_fetch.age()
        yield _metric("firstsight_popular_list_age_seconds", None if age is None else int(age))
        yield _metric("firstsight_ready", int(service.not_ready() is None))
        yield _metric("firstsight_degraded", len(service.degraded()))
        yield _metric("firstsight_build_info", {__version__: 1})
        yield _metric("firstsight_start_time_seconds", service.started)

    def _intelligence(self) -> Iterator[Metric]:
        """Without values where it is not asked."""
        intel = self._service.intelligence
        outcomes: Mapping[str, int] = {}
        left = pause = None
        if intel is not None and intel.otx is not None:
            outcomes, left = intel.fresh.outcomes, intel.otx.spare()
            pause = max(intel.fresh.pauses(1).values(), default=0.0)
        yield _metric("firstsight_intel_requests_total", outcomes)
        yield _metric("firstsight_intel_quota_left", left)
        yield _metric("firstsight_intel_pause_seconds", pause)


def _part(totals: dict[str, int], prefix: str) -> dict[str, int]:
    return {what.removeprefix(prefix): n for what, n in sorted(totals.items()) if what.startswith(prefix)}


def _metric(name: str, values: float | Mapping[str, float] | None) -> Metric:
    """One metric with its values: one, or one for each value of its label; None: described, and without a value."""
    figure = METRICS[name]
    kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    family = kind(name, figure.meaning, labels=[figure.by] if figure.by else [])
    if isinstance(values, Mapping):
        # A value that appears out of nowhere is no increase to Prometheus: the first alert would be missed.
        known = dict.fromkeys(figure.values, 0.0) if isinstance(figure.values, tuple) else {}
        for value, n in {**known, **values}.items():
            family.add_metric([value], n)
    elif values is not None:
        family.add_metric([], values)
    return family


def registry(service: Service) -> CollectorRegistry:
    """A registry of our own, so that nothing global leaks in."""
    registry = CollectorRegistry()
    registry.register(_Figures(service))
    return registry


def text(registry: CollectorRegistry) -> bytes:
    """The figures now."""
    return generate_latest(registry)
