"""What the dashboards show: a table of boards and their panels. `savedobjects` makes files of it.

Only counts of texts: what an alert carries is indexed as keywords, so there is nothing to add up or to average.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """How a panel looks."""

    NUMBER = "number"
    PIE = "pie"
    OVER_TIME = "over time"
    BARS = "bars"
    TABLE = "table"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Part:
    """One way in which a panel divides its events: by the values of a field, the most frequent first.

    Attributes:
        field: the field, as the index names it.
        label: what it is called.
        most: how many values.
    """

    field: str
    label: str
    most: int = 10


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture.

    Attributes:
        key: its name within the board; never changed, as an import replaces what has the same.
        title: above it.
        shape: how it looks.
        parts: what its events are divided by; for EVENTS its columns.
        width: of the board's 48 columns.
        height: in rows of the board.
        only: a further condition (DQL).
        distinct: the field whose different values a NUMBER counts; empty = events.
    """

    key: str
    title: str
    shape: Shape
    parts: tuple[Part, ...] = ()
    width: int = 24
    height: int = 14
    only: str = ""
    distinct: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard.

    Attributes:
        key: its id, and the beginning of its panels' ids.
        title: in the list of dashboards.
        description: below it there.
        only: the condition that all its events fulfil (DQL).
        panels: from left to right, from top to bottom.
    """

    key: str
    title: str
    description: str
    only: str
    panels: tuple[Panel, ...]


_AGENT = Part("agent.name", "Agent", 20)
_QUERY = Part("data.firstsight.query", "Queried name", 25)
_REASON = Part("data.firstsight.reasons", "Reason")
_SEVERITY = Part("data.firstsight.severity", "Severity", 4)

FIRSTSIGHT = Board(
    "firstsight-overview",
    "firstsight | Overview",
    "What endpoints asked for that deserves a look, who asked, and how firstsight itself fares.",
    "data.integration: firstsight",
    (
        Panel("alerts", "Alerts", Shape.NUMBER, only="data.firstsight.domain: *", width=8, height=8),
        Panel("serious", "High and critical", Shape.NUMBER, only="data.firstsight.severity: (high or critical)",
              width=8, height=8),
        Panel("domains", "Domains", Shape.NUMBER, distinct="data.firstsight.domain", width=8, height=8),
        Panel("agents", "Agents that asked", Shape.NUMBER, only="data.firstsight.domain: *", distinct="agent.name",
              width=8, height=8),
        Panel("first", "First sights", Shape.NUMBER, only="data.firstsight.reasons: first_seen", width=8, height=8),
        Panel("troubles", "Troubles of firstsight", Shape.NUMBER, only="data.firstsight.error: *", width=8, height=8),
        Panel("severity-over-time", "Alerts over time, by severity", Shape.OVER_TIME, (_SEVERITY,), width=48),
        Panel("agents-by-severity", "Severities and alerts per agent", Shape.BARS, (_AGENT, _SEVERITY), height=18),
        Panel("by-reason", "Alerts by reason", Shape.PIE, (_REASON,), height=18),
        Panel("names-by-reason", "Queried name and reason", Shape.TABLE, (_QUERY, _REASON), height=18),
        Panel("reasons-over-time", "Reasons over time", Shape.OVER_TIME, (_REASON,), height=18),
        Panel("programs", "Programs that asked", Shape.TABLE,
              (Part("data.firstsight.image", "Program", 25), _SEVERITY), height=16),
        Panel("users", "Users that asked", Shape.TABLE, (Part("data.firstsight.user", "User", 25), _SEVERITY),
              height=16),
        Panel("latest", "Latest alerts", Shape.EVENTS,
              (Part("agent.name", "Agent"), _SEVERITY, Part("data.firstsight.summary", "What happened"),
               Part("data.firstsight.answers", "Answers"), Part("data.firstsight.alert_id", "Alert")),
              only="data.firstsight.domain: *", width=48, height=20),
        Panel("notices", "What firstsight says of itself", Shape.EVENTS,
              (Part("data.firstsight.notice", "Notice"), Part("data.firstsight.state", "State"),
               Part("data.firstsight.summary", "What happened")),
              only="data.firstsight.notice: *", width=48),
    ),
)  # fmt: skip
"""On firstsight's own events (`[wazuh] format` is `firstsight` or `both`)."""

_CATEGORY = Part("data.dnsstat.category", "Category", 4)
_FLAG = Part("data.dnsstat.alerts", "Alert type")

DNSSTAT = Board(
    "firstsight-dnsstat",
    "firstsight | Domain Stats",
    "The pictures that Domain Stats' users know, on events in its shape.",
    "data.integration: dnsstat",
    (
        Panel("events", "Events", Shape.NUMBER, width=12, height=8),
        Panel("first", "First contacts", Shape.NUMBER, only='data.dnsstat.alerts: "YOUR-FIRST-CONTACT"', width=12,
              height=8),
        Panel("new", "New domains", Shape.NUMBER, only="data.dnsstat.category: NEW", width=12, height=8),
        Panel("errors", "Troubles", Shape.NUMBER, only="data.dnsstat.error: *", width=12, height=8),
        Panel("agents-by-category", "Categories and events per agent", Shape.BARS, (_AGENT, _CATEGORY), height=18),
        Panel("by-type", "Alerts by type", Shape.PIE, (_FLAG,), height=18),
        Panel("names-by-type", "Queried host name and alert type", Shape.TABLE,
              (Part("data.dnsstat.query", "Queried host name", 25), _FLAG), height=18),
        Panel("categories-over-time", "Categories over time", Shape.OVER_TIME, (_CATEGORY,), height=18),
        Panel("latest", "Latest events", Shape.EVENTS,
              (Part("agent.name", "Agent"), Part("data.dnsstat.query", "Queried host name"), _CATEGORY, _FLAG,
               Part("data.dnsstat.seen_by_web", "Registered"), Part("data.dnsstat.seen_by_you", "First asked for")),
              width=48, height=20),
    ),
)  # fmt: skip
"""On events in Domain Stats' shape: ours (`[wazuh] format` is `dnsstat` or `both`), or those of its own script."""

BOARDS = {"firstsight": FIRSTSIGHT, "dnsstat": DNSSTAT}
"""All boards, by the name of their file without its ending."""
