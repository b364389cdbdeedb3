"""Alert rules for Prometheus: what of `/metrics` is worth waking somebody, and what to do then."""

import json
from dataclasses import dataclass

HEAD = """\
# Alert rules for Prometheus on what firstsight tells at /metrics. Made by `make docs` out of
# tools/monitoring/alerting.py. An example: change spans and severities to what your site wants, in a copy.
"""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule.

    Attributes:
        name: the alert's.
        expr: PromQL.
        lasts: how long it must be so (`for`); empty = at once.
        severity: label by which a site routes.
        summary: one line; `{{ $labels.… }}` and `{{ $value }}` are filled in.
        todo: what to do.
    """

    name: str
    expr: str
    lasts: str
    severity: str
    summary: str
    todo: str


RULES = (
    AlertRule(
        "FirstsightAbsent",
        'up{job="firstsight"} == 0 or absent(up{job="firstsight"})',
        "5m",
        "critical",
        "firstsight does not answer Prometheus",
        "`systemctl status firstsight`, and the last lines of `journalctl -u firstsight`. Nothing is lost while Wazuh "
        "keeps its files.",
    ),
    AlertRule(
        "FirstsightNotReady",
        "firstsight_ready == 0",
        "2m",
        "critical",
        "firstsight on {{ $labels.instance }} records nothing",
        "`/readyz` says why: a full disk, rights, a damaged store. Reading goes on by itself once that is mended.",
    ),
    AlertRule(
        "FirstsightDegraded",
        "firstsight_degraded > 0",
        "1h",
        "warning",
        "{{ $value }} things of firstsight on {{ $labels.instance }} work less well than they should",
        "`/readyz` lists them in sentences; docs/troubleshooting.md says what to do about each.",
    ),
    AlertRule(
        "FirstsightNoEvents",
        "sum by (instance) (increase(firstsight_lines_total[1h])) > 0 "
        "unless sum by (instance) (increase(firstsight_events_total[1h])) > 0",
        "30m",
        "warning",
        "firstsight on {{ $labels.instance }} reads lines, but no DNS queries are among them",
        "Event 22 does not reach alerts.json: are the rules loaded, and does Sysmon log DNS queries?",
    ),
    AlertRule(
        "FirstsightReadsLate",
        "firstsight_source_behind_seconds > 900",
        "15m",
        "warning",
        "{{ $labels.source }} is read {{ $value | humanizeDuration }} behind what is written",
        "Look for what floods the log, and at the machine's load. Nothing is lost while Wazuh keeps its files.",
    ),
    AlertRule(
        "FirstsightAlertsWait",
        "min_over_time(firstsight_outbox[15m]) > 0",
        "",
        "critical",
        "{{ $value }} alerts of firstsight on {{ $labels.instance }} can't be delivered",
        "Is wazuh-manager running, and may firstsight write to its socket? `/readyz` names the sink and the cause.",
    ),
    AlertRule(
        "FirstsightNodeAway",
        "min_over_time(firstsight_node_outbox[1h]) > 0",
        "",
        "warning",
        "{{ $value }} alerts wait for the node {{ $labels.node }}, which does not collect them",
        "Does the node's script or `firstsight forward` run, and can it reach this service?",
    ),
    AlertRule(
        "FirstsightRegistriesLate",
        "firstsight_questions_oldest_seconds > 86400",
        "1h",
        "info",
        "registrations on {{ $labels.instance }} have waited for {{ $value | humanizeDuration }} to be asked for",
        "Can this machine reach RDAP servers (HTTPS, port 443 out)? `firstsight_registrations_total` tells what they "
        "answer.",
    ),
    AlertRule(
        "FirstsightFlood",
        "sum by (instance) (increase(firstsight_alerts_total[1h])) > 200",
        "",
        "warning",
        "firstsight on {{ $labels.instance }} raised {{ $value | humanize }} alerts within an hour",
        "A campaign, or something new that is ordinary here: see which reason and which program they share.",
    ),
    AlertRule(
        "FirstsightTokensTried",
        'sum by (instance) (increase(firstsight_requests_refused_total{reason=~"unknown|expired"}[1h])) > 20',
        "",
        "warning",
        "requests with tokens that are not valid were refused on {{ $labels.instance }}",
        "`request_refused` in the log names the address: a client with an old token, or somebody who tries.",
    ),
)


def rule_file() -> str:
    """The rules, YAML; its texts are quoted as JSON, which YAML reads as they are."""
    lines = [f"{HEAD}groups:", "  - name: firstsight", "    rules:"]
    for rule in RULES:
        lines += [f"      - alert: {rule.name}", f"        expr: {json.dumps(rule.expr)}"]
        lines += [f"        for: {rule.lasts}"] if rule.lasts else []
        lines += [
            "        labels:",
            f"          severity: {rule.severity}",
            "        annotations:",
            f"          summary: {json.dumps(rule.summary)}",
            f"          description: {json.dumps(rule.todo)}",
        ]
    return "\n".join(lines) + "\n"
