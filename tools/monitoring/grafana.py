"""A Grafana dashboard of what firstsight tells at /metrics."""

import json
from dataclasses import dataclass
from typing import Any

COLUMNS = 24
"""Width of a dashboard."""

_SCHEMA = 39  # of the dashboard's JSON; later Grafanas migrate it themselves
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_HERE = '{instance=~"$instance"}'

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """One panel.

    Attributes:
        title: above it.
        meaning: behind its question mark.
        exprs: PromQL, each with its legend; `@` stands for the selection of instances.
        number: shows the present value instead of a course.
        unit: Grafana's name of the unit.
        limits: value → colour from there on, for numbers.
        width: of the dashboard's 24 columns.
        height: in rows of the dashboard.
    """

    title: str
    meaning: str
    exprs: tuple[tuple[str, str], ...]
    number: bool = False
    unit: str = "short"
    limits: tuple[tuple[float, str], ...] = ()
    width: int = 12
    height: int = 8


_ALARMING = ((1, "orange"),)

GRAPHS = (
    Graph("Records", "Whether events are recorded. `/readyz` says why not.", (("min(firstsight_ready@)", ""),),
          number=True, unit="bool_yes_no", limits=((0, "red"), (1, "green")), width=4, height=4),
    Graph("Degraded", "How many things work less well than they should; `/readyz` lists them.",
          (("sum(firstsight_degraded@)", ""),), number=True, limits=_ALARMING, width=4, height=4),
    Graph("Alerts today", "Alerts decided within the last 24 hours.",
          (("sum(increase(firstsight_alerts_total@[24h]))", ""),), number=True, width=4, height=4),
    Graph("New domains today", "Domains sighted for the first time within the last 24 hours.",
          (("sum(increase(firstsight_new_domains_total@[24h]))", ""),), number=True, width=4, height=4),
    Graph("Alerts that wait", "Alerts and notices that could not be delivered yet.",
          (("sum(firstsight_outbox@)", ""),), number=True, limits=_ALARMING, width=4, height=4),
    Graph("Agents", "Agents ever heard of.", (("sum(firstsight_agents@)", ""),), number=True, width=4, height=4),
    Graph("Alerts, by severity", "Alerts decided, an hour.",
          (("sum by (severity) (increase(firstsight_alerts_total@[1h]))", "{{severity}}"),)),
    Graph("Held back, by cause", "What would have alerted, an hour: learnt, popular, told already.",
          (("sum by (cause) (increase(firstsight_held_back_total@[1h]))", "{{cause}}"),)),
    Graph("DNS events, by outcome", "A second. Seen ones are sightings; the others never make a domain known.",
          (("sum by (outcome) (rate(firstsight_events_total@[5m]))", "{{outcome}}"),), unit="cps"),
    Graph("New domains", "Domains sighted for the first time, an hour. High while learning, then a slow trickle.",
          (("sum(increase(firstsight_new_domains_total@[1h]))", "new domains"),)),
    Graph("Lines", "Read, and those without a DNS event, a second. All that is read and nothing seen: the rules.",
          (("sum(rate(firstsight_lines_total@[5m]))", "read"),
           ("sum by (reason) (rate(firstsight_lines_skipped_total@[5m]))", "skipped: {{reason}}")), unit="cps"),
    Graph("Behind", "How long ago the line read last was written, while more wait.",
          (("firstsight_source_behind_seconds@", "{{source}}"),), unit="s"),
    Graph("Unread", "Written but not read yet.", (("firstsight_source_lag_bytes@", "{{source}}"),), unit="bytes"),
    Graph("Wait to be delivered", "In the outbox of this machine, and of each node of a cluster.",
          (("firstsight_outbox@", "this machine"), ("firstsight_node_outbox@", "{{node}}"))),
    Graph("Registries: answers", "Questions about registrations, by outcome, an hour.",
          (("sum by (outcome) (increase(firstsight_registrations_total@[1h]))", "{{outcome}}"),)),
    Graph("Registries: questions that wait", "Still to be asked for, on a site's first days many.",
          (("sum(firstsight_questions@)", "questions"),)),
    Graph("Registries: the longest wait", "How long the registration waits that could have been asked first.",
          (("max(firstsight_questions_oldest_seconds@)", "longest wait"),), unit="s"),
    Graph("Registries: pauses", "Until a server that refused or failed is asked again.",
          (("firstsight_registry_pause_seconds@", "{{server}}"),), unit="s"),
    Graph("Intelligence: answers", "Questions to threat intelligence, by outcome, an hour.",
          (("sum by (outcome) (increase(firstsight_intel_requests_total@[1h]))", "{{outcome}}"),)),
    Graph("Intelligence: questions that wait", "Still to be asked, and what the hourly quota leaves.",
          (("sum(firstsight_intel_questions@)", "questions"), ("firstsight_intel_quota_left@", "quota left"))),
    Graph("Intelligence: pause", "Until a server that refused or failed is asked again.",
          (("firstsight_intel_pause_seconds@", "{{instance}}"),), unit="s"),
    Graph("Popular domains", "What the lists hold that quiet names, by list.",
          (("firstsight_popular_domains@", "{{list}}"),)),
    Graph("Popular list: age", "Since the fetched list was known to be the newest; it is renewed weekly.",
          (("firstsight_popular_list_age_seconds@", "{{instance}}"),), unit="s"),
    Graph("Notices", "What firstsight said of itself, an hour.",
          (("sum by (notice) (increase(firstsight_notices_total@[1h]))", "{{notice}}"),)),
    Graph("Requests refused", "By reason, an hour.",
          (("sum by (reason) (increase(firstsight_requests_refused_total@[1h]))", "{{reason}}"),)),
    Graph("Erased", "Rows erased by age or on request, a day.",
          (("sum by (kind) (increase(firstsight_erased_total@[24h]))", "{{kind}}"),)),
    Graph("Runs for", "How long, and which version.",
          (("time() - firstsight_start_time_seconds@ * on (instance) group_left (version) firstsight_build_info@",
            "{{instance}}, version {{version}}"),), unit="s"),
)  # fmt: skip


def dashboard() -> str:
    """The dashboard, JSON; Grafana asks for the data source when it is imported or opened."""
    variables: list[Json] = [
        {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
        {
            "name": "instance",
            "label": "Instance",
            "type": "query",
            "datasource": _SOURCE,
            "query": {"query": "label_values(firstsight_ready, instance)", "refId": "instance"},
            "refresh": 2,
            "includeAll": True,
            "multi": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        },
    ]
    described: Json = {
        "uid": "firstsight",
        "title": "firstsight",
        "tags": ["firstsight", "dns"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": variables},
        "panels": _panels(),
    }
    return json.dumps(described, indent=1) + "\n"


def _panels() -> list[Json]:
    """Rows are filled from the left."""
    panels = []
    x = y = tallest = 0
    for number, graph in enumerate(GRAPHS, start=1):
        if x + graph.width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        panels.append(_panel(number, graph, {"x": x, "y": y, "w": graph.width, "h": graph.height}))
        x, tallest = x + graph.width, max(tallest, graph.height)
    return panels


def _panel(number: int, graph: Graph, place: Json) -> Json:
    targets = [
        {
            "refId": chr(ord("A") + letter),
            "datasource": _SOURCE,
            "expr": expr.replace("@", _HERE),
            "legendFormat": legend,
        }
        for letter, (expr, legend) in enumerate(graph.exprs)
    ]
    steps: list[Json] = [{"value": None, "color": "green"}]
    steps += [{"value": value, "color": colour} for value, colour in graph.limits]
    defaults: Json = {"unit": graph.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if graph.number:
        options: Json = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none"}
    else:
        defaults["custom"] = {"fillOpacity": 10, "showPoints": "never"}
        options = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
    return {
        "id": number,
        "type": "stat" if graph.number else "timeseries",
        "title": graph.title,
        "description": graph.meaning,
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
    }
