"""`/metrics`: the counters that matter, in Prometheus' text form. Read from the store when asked; bounded labels."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from firstsight.core.errors import StoreError
from firstsight.service import Service

METRICS = {
    "firstsight_lines_total": "lines read from sources",
    "firstsight_lines_skipped_total": "lines that held no DNS event, by reason",
    "firstsight_events_total": "DNS events, by what became of them",
    "firstsight_alerts_total": "alerts decided, by severity",
    "firstsight_held_back_total": "alerts held back, by cause",
    "firstsight_erased_total": "rows erased by age or on request, by kind",
    "firstsight_requests_refused_total": "requests refused since the start, by reason",
    "firstsight_new_domains_total": "domains sighted for the first time",
    "firstsight_notices_total": "notices of the service itself, by kind",
    "firstsight_agents": "agents ever heard of",
    "firstsight_outbox": "alerts and notices that wait to be delivered, over all sinks of this machine",
    "firstsight_node_outbox": "alerts that nodes of a cluster have not collected yet, by node; the fifty with the most",
    "firstsight_questions": "registrations still to be asked for",
    "firstsight_questions_oldest_seconds": "how long the registration waits that could have been asked first",
    "firstsight_registrations_total": "questions about registrations since the start, by outcome",
    "firstsight_registry_pause_seconds": "seconds until a registry that refused or failed is asked again, by server; "
    "at most 50",
    "firstsight_source_lag_bytes": "bytes written but not read yet, by source",
    "firstsight_popular_domains": "popular domains, by list",
    "firstsight_popular_list_age_seconds": "seconds since the fetched popular list was known to be the newest",
    "firstsight_source_behind_seconds": "how long ago the line read last was written, while more wait, by source",
    "firstsight_ready": "1 while events are recorded",
    "firstsight_degraded": "how many things work less well than they should",
}
"""Every metric and what it means; docs/metrics.md is made from it."""

_MOST_NODES = 50  # each is a label
_EVENTS = (
    "seen", "nxdomain", "failed", "duplicate",
    "internal", "reverse", "single_label", "suffix", "address", "invalid",
)  # fmt: skip


_SERVERS_MOST = 50


class _Figures(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        service = self._service
        try:
            totals = service.store.totals()
            uncollected = service.store.uncollected(_MOST_NODES)
        except StoreError:
            totals = {}
        else:
            yield _counter("firstsight_lines", {"": totals.get("lines", 0)})
            yield _counter("firstsight_lines_skipped", _part(totals, "skipped:"), "reason")
            yield _counter("firstsight_events", {kind: totals.get(kind, 0) for kind in _EVENTS}, "outcome")
            yield _counter("firstsight_alerts", _part(totals, "alerts:"), "severity")
            yield _counter("firstsight_held_back", _part(totals, "held:"), "cause")
            yield _counter("firstsight_new_domains", {"": totals.get("new", 0)})
            yield _counter("firstsight_notices", _part(totals, "notices:"), "notice")
            yield _counter("firstsight_erased", _part(totals, "erased:"), "kind")
            for what in ("agents", "outbox", "questions"):
                yield _gauge(f"firstsight_{what}", {"": totals[what]})
            yield _gauge("firstsight_node_outbox", {waiting.node: waiting.alerts for waiting in uncollected}, "node")
            yield _gauge("firstsight_questions_oldest_seconds", {"": totals["questions_oldest"]})
        yield _counter("firstsight_registrations", service.fresh.outcomes, "outcome")
        yield _gauge("firstsight_registry_pause_seconds", service.fresh.pauses(_SERVERS_MOST), "server")
        yield _counter("firstsight_requests_refused", service.access.refusals.counts, "reason")
        lags = {source.name: source.lag() for source in service.watch.sources}
        yield _gauge("firstsight_source_lag_bytes", lags, "source")
        yield _gauge("firstsight_popular_domains", {each.name: len(each) for each in service.lens.popular}, "list")
        age = None if service.popular_fetch is None else service.popular_fetch.age()
        yield _gauge("firstsight_popular_list_age_seconds", {} if age is None else {"": int(age)})
        late = {source.name: source.behind() for source in service.watch.sources}
        yield _gauge("firstsight_source_behind_seconds", late, "source")
        yield _gauge("firstsight_ready", {"": int(service.not_ready() is None)})
        yield _gauge("firstsight_degraded", {"": len(service.degraded())})


def _part(totals: dict[str, int], prefix: str) -> dict[str, int]:
    return {what.removeprefix(prefix): n for what, n in sorted(totals.items()) if what.startswith(prefix)}


def _counter(name: str, values: Mapping[str, int], label: str | None = None) -> CounterMetricFamily:
    family = CounterMetricFamily(name, METRICS[f"{name}_total"], labels=[label] if label else [])
    for value, n in values.items():
        family.add_metric([value] if label else [], n)
    return family


def _gauge(name: str, values: Mapping[str, float], label: str | None = None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, METRICS[name], labels=[label] if label else [])
    for value, n in values.items():
        family.add_metric([value] if label else [], n)
    return family


def registry(service: Service) -> CollectorRegistry:
    """A registry of our own, so that nothing global leaks in."""
    registry = CollectorRegistry()
    registry.register(_Figures(service))
    return registry


def text(registry: CollectorRegistry) -> bytes:
    """The figures now."""
    return generate_latest(registry)
