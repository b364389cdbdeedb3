"""Which Wazuh rules there are: one table, from which the XML file and its reference page are made.

Wazuh tries siblings with level 0 first, then by level, highest first, then in file order; the first that matches
wins, and then its children are tried. A rule inherits no group from its parent. Hence: a level-0 parent (stock rules
that search raw text can't overtake it), a rule for each severity, and under it, at the same level, one for each
reason, rarest first: an alert with several reasons is filed under the one that says most.
"""

from dataclasses import dataclass

from firstsight.core.reasons import IMPLEMENTED, REASONS
from firstsight.core.verdict import Severity
from firstsight.core.wazuh_event import INTEGRATION

BASE = 117000
"""First id of the block by default."""

BLOCK = 100
"""Ids that belong to a block, used or not."""

LEVELS = {Severity.CRITICAL: 13, Severity.HIGH: 10, Severity.MEDIUM: 7, Severity.LOW: 3}
"""Rule level of each severity, highest first."""

RAREST_FIRST = (
    "known_indicator",
    "nx_burst",
    "re_registered",
    "alternative_root",
    "newly_registered",
    "random_name",
    "unusual_process",
    "newly_active",
    "first_seen",
    "first_seen_agent",
)
"""The whole vocabulary, in the order in which reasons of the same alert are looked for."""

_SUMMARY = f"{INTEGRATION}: $({INTEGRATION}.summary)"
_HIGHEST_ID = 999_999  # six digits; analysisd does not start with more


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: rule id.
        level: 0 (never an alert by itself) to 15.
        description: with `$(field)` for the event's values.
        parent: id of the rule it is a child of; None where it starts from decoded JSON.
        fields: (field name, osregex) that must all match.
        enclosing: groups of the `<group>` element it stands in.
        groups: its own groups, beside the enclosing ones.
        attack: MITRE ATT&CK technique ids.
    """

    id: int
    level: int
    description: str
    parent: int | None
    fields: tuple[tuple[str, str], ...] = ()
    enclosing: tuple[str, ...] = ("firstsight",)
    groups: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()


def rules(base: int = BASE) -> list[Rule]:
    """All rules in file order: parents before children, and siblings as they should be tried.

    Ids don't move: 0 parent, 1 error, 2 and 3 Event 22, and for the severities low to critical a run of twenty from
    10, 30, 50 and 70: the severity's rule, then a place for each reason by its bit.

    Args:
        base: first id of the block, 1 to 999,900; ValueError beyond.
    """
    if not 1 <= base <= _HIGHEST_ID + 1 - BLOCK:
        raise ValueError(f"Wazuh rule ids have six digits: a block can't begin at {base}, choose 1 to 999900.")
    parent = Rule(base, 0, "firstsight: a message of the service", None, (("integration", f"^{INTEGRATION}$"),))
    error = Rule(
        base + 1,
        5,
        f"firstsight: $({INTEGRATION}.error)",
        parent.id,
        ((f"{INTEGRATION}.error", r"\.+"),),
        groups=("firstsight_error",),
    )
    alerts = [rule for severity, level in LEVELS.items() for rule in _alerts(severity, level, parent)]
    return [parent, *alerts, error, *_queries(base)]


def _alerts(severity: Severity, level: int, parent: Rule) -> list[Rule]:
    """A severity's rule and its children."""
    first = parent.id + 20 * severity.rank - 10
    field = (f"{INTEGRATION}.severity", f"^{severity}$")
    general = Rule(first, level, _SUMMARY, parent.id, (field,), groups=("firstsight_alert",))
    return [general] + [
        Rule(
            first + 1 + REASONS[code].bit,
            level,
            _SUMMARY,
            first,
            # Wazuh matches an array by its printed JSON; with its quotes a code is never part of a longer one.
            ((f"{INTEGRATION}.reasons", f'"{code}"'),),
            groups=("firstsight_alert", f"firstsight_{code}"),
            attack=REASONS[code].attack,
        )
        for code in RAREST_FIRST
        if code in IMPLEMENTED
    ]


def _queries(base: int) -> list[Rule]:
    """Sysmon's DNS queries, which stock rules keep at level 0: without these no Event 22 ever reaches alerts.json."""
    description = "Sysmon - Event 22: DNS query $(win.eventdata.queryName) by $(win.eventdata.image)"
    windows, groups = ("windows", "sysmon"), ("sysmon_event_22", "firstsight_query")
    return [
        Rule(base + 2, 3, description, 61650, enclosing=windows, groups=groups),
        # Windows sometimes delivers a DNS query as Event 255 (Sysmon's error event) with task 22.
        Rule(base + 3, 3, description, 61655, (("win.system.task", "^22$"),), enclosing=windows, groups=groups),
    ]
