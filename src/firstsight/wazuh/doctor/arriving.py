"""What has come lately: the end of alerts.json, read for Event 22, for firstsight's own alerts, and for their times."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstsight.core.clocks import AHEAD, epoch
from firstsight.core.events import DnsEvent
from firstsight.core.notices import span
from firstsight.core.wazuh_event import INTEGRATION
from firstsight.sources.wazuh import read_line
from firstsight.wazuh.doctor.findings import MARK, Finding, State
from firstsight.wazuh.setup.manager import ALERTS, Manager

_TAIL = 8 << 20  # bytes of alerts.json that are looked at
_RECENT = 3600.0  # seconds; a fleet at work asks all the time
_SYSMON = "docs/install-wazuh.md, step 5: Sysmon's <DnsQuery>, and the agents' <localfile>"


def arriving(manager: Manager, now: float) -> Iterator[Finding]:
    """Look at the end of alerts.json: does Event 22 come, does ours, and are the clocks right?

    Args:
        manager: the manager.
        now: the time, seconds since the epoch.
    """
    try:
        seen = _seen(manager.home / ALERTS, now)
    except OSError as error:
        text = f"{manager.home / ALERTS} can't be read: {os.strerror(error.errno or 0)}."
        yield Finding("Event 22", State.WRONG, text, f"{manager.home}/bin/wazuh-control status")
        return
    if seen.query is None:
        text = f"None of the last {seen.lines:,} alerts is a DNS query."
        yield Finding("Event 22", State.WRONG, text, _SYSMON)
    else:
        age = max(0.0, now - seen.query.at)
        state = State.OK if age < _RECENT else State.NOTE
        text = f"The last one came {span(age)} ago, from {seen.query.agent}, by rule {seen.query.rule}."
        yield Finding("Event 22", state, text, "" if state is State.OK else _SYSMON)
    if seen.own is not None:
        text = f"The last one came {span(max(0.0, now - seen.own.at))} ago, by rule {seen.own.rule}."
        yield Finding("alerts of firstsight", State.OK, text)
    else:
        text = f"None among the last {seen.lines:,} alerts, which may well be."
        yield Finding("alerts of firstsight", State.NOTE, text, "firstsight wazuh check --fire")
    yield _clock(seen, now)


@dataclass(frozen=True, slots=True)
class _Line:
    at: float
    agent: str
    rule: str


@dataclass(slots=True)
class _Seen:
    """Of the end of alerts.json. `newest`: when its last line was written; `skewed`: queries of impossible times."""

    lines: int = 0
    queries: int = 0
    skewed: int = 0
    newest: float | None = None
    query: _Line | None = None
    own: _Line | None = None


def _seen(path: Path, now: float) -> _Seen:
    seen = _Seen()
    for line in _tail(path):
        seen.lines += 1
        alert = decoded(line)
        at = epoch(alert.get("timestamp"))
        if at is None:
            continue
        seen.newest = at
        agent = part(alert, "agent")
        told = _Line(at, f"{agent.get('name')} ({agent.get('id')})", rule_of(alert))
        event = read_line(line, now)
        if isinstance(event, DnsEvent) and not str(event.name).startswith(MARK):
            seen.queries += 1
            seen.skewed += event.clock_skew
            seen.query = told
        elif part(alert, "data").get("integration") == INTEGRATION:
            seen.own = told
    return seen


def decoded(line: bytes) -> dict[str, Any]:
    """An alert; empty where the line is none."""
    try:
        alert = json.loads(line.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return {}
    return alert if isinstance(alert, dict) else {}


def part(alert: dict[str, Any], key: str) -> dict[str, Any]:
    """An object in an alert; empty where there is none."""
    found = alert.get(key)
    return found if isinstance(found, dict) else {}


def rule_of(alert: dict[str, Any]) -> str:
    """Which rule raised an alert, in words."""
    rule = part(alert, "rule")
    return f"{rule.get('id')} (level {rule.get('level')})"


def _tail(path: Path) -> list[bytes]:
    """The last whole lines."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        lines = file.read(_TAIL).split(b"\n")
    return lines[1 if size > _TAIL else 0 : -1]


def _clock(seen: _Seen, now: float) -> Finding:
    mend = "timedatectl; chronyc tracking"
    if seen.newest is not None and seen.newest > now + AHEAD:
        text = f"Wazuh's last alert is of {span(seen.newest - now)} from now: this machine's clock is behind, or was."
        return Finding("clock", State.WRONG, text, mend)
    if seen.queries and seen.skewed * 10 > seen.queries:
        text = f"{seen.skewed:,} of {seen.queries:,} queries bear times that can't be: clocks of endpoints are wrong."
        return Finding("clock", State.NOTE, text, "w32tm /query /status on the endpoints; timedatectl here")
    return Finding("clock", State.OK, "Alerts and this machine agree on the time.")
