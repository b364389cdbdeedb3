"""Which Wazuh rules there are: one table, from which the XML file and its reference page are made.

Wazuh tries siblings with level 0 first, then by level, highest first, then in file order; the first that matches
wins, and then its children are tried (`src/analysisd/rules_list.c`, `analysisd.c`). A rule inherits no group from its
parent. Hence: a level-0 parent (stock rules that search raw text can't overtake it), a rule for each severity, and
under it, at the same level, the reasons from the strongest down, each below the combinations that it leads. An alert
is thus filed under its strongest reason, and together with another one where an analyst would route the pair
differently.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from firstsight.core.notices import NOTICES
from firstsight.core.reasons import IMPLEMENTED, REASONS
from firstsight.core.verdict import Severity
from firstsight.core.wazuh_event import INTEGRATION

BASE = 117_000
"""First id of the block by default."""

BLOCK = 100
"""Ids that belong to a block, used or not."""

LOWEST, HIGHEST = 100_000, 999_900
"""Where a block may begin: ids below are Wazuh's own, and analysisd does not start with more than six digits."""

LEVELS = {Severity.CRITICAL: 13, Severity.HIGH: 10, Severity.MEDIUM: 7, Severity.LOW: 3}
"""Rule level of each severity, highest first."""

INFORMATION = 3
"""Rule level of a notice that is no trouble; the lowest that reaches alerts.json by default."""

STRONGEST_FIRST = (
    "known_indicator",
    "newly_registered",
    "nx_burst",
    "re_registered",
    "alternative_root",
    "random_name",
    "newly_active",
    "first_seen",
    "unusual_process",
    "first_seen_agent",
)
"""The whole vocabulary: by the gravest severity that a reason may have alone, then the rarest first."""


COMBINATIONS: Mapping[tuple[str, ...], Mapping[Severity, int]] = {
    ("known_indicator", "unusual_process"): {Severity.CRITICAL: 81},
    ("known_indicator", "newly_registered"): {Severity.CRITICAL: 83},
    ("known_indicator", "random_name"): {Severity.CRITICAL: 84},
    ("known_indicator", "first_seen"): {Severity.CRITICAL: 82, Severity.HIGH: 62},
    ("newly_registered", "unusual_process"): {Severity.CRITICAL: 85, Severity.HIGH: 65},
    ("newly_registered", "re_registered"): {Severity.HIGH: 63},
    ("newly_registered", "random_name"): {Severity.HIGH: 64},
    ("newly_registered", "first_seen"): {Severity.HIGH: 66},
    ("nx_burst", "random_name"): {Severity.HIGH: 68},
    ("alternative_root", "random_name"): {Severity.HIGH: 69},
    ("random_name", "unusual_process"): {Severity.CRITICAL: 86},
    ("random_name", "first_seen"): {Severity.HIGH: 67},
    ("first_seen", "unusual_process"): {Severity.HIGH: 61, Severity.MEDIUM: 41},
}
"""Reasons that an analyst routes differently together, the strongest first, in the order in which they are tried;
and the rule's number in the block for each severity that they can lead to."""

TRIED = tuple(
    codes
    for leader in STRONGEST_FIRST
    for codes in (*(together for together in COMBINATIONS if together[0] == leader), (leader,))
)
"""What rules ask for within a severity, in the order in which they are tried: combinations above their parts."""

NOTICE_NUMBERS = {
    "source_silent": 90,
    "source_lagging": 91,
    "outbox_stuck": 92,
    "registry_trouble": 93,
    "store_trouble": 94,
    "clock_trouble": 95,
    "node_silent": 96,
    "agent_silent": 97,
    "learning_over": 98,
    "digest": 99,
    "source_trouble": 8,
    "intel_trouble": 9,
    "access_changed": 26,
    "alerting_changed": 27,
    "login_locked": 28,
}
"""The rule's number in the block for each kind of notice."""

ALERT = "firstsight_alert"
"""The group of all rules that tell of an alert."""

ENDPOINT = "firstsight_otx"
"""`integration`, and the key of the fields, in what an endpoint's active response writes into its log."""

_SUMMARY = f"firstsight: $({INTEGRATION}.summary)"
_ANYTHING = r"\.+"
_ERROR, _NOTICE = "firstsight_error", "firstsight_notice"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: rule id.
        level: 0 (never an alert by itself) to 15.
        description: with `$(field)` for the event's values.
        parent: id of the rule it is a child of; None where it starts from decoded JSON.
        fields: (field name, osregex) that must all match; a name may stand in several.
        enclosing: groups of the `<group>` element it stands in.
        groups: its own groups, beside the enclosing ones.
        attack: MITRE ATT&CK technique ids.
        reasons: the reason codes that it asks for.
    """

    id: int
    level: int
    description: str
    parent: int | None
    fields: tuple[tuple[str, str], ...] = ()
    enclosing: tuple[str, ...] = ("firstsight",)
    groups: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def rules(base: int = BASE, reasons: Collection[str] = IMPLEMENTED) -> list[Rule]:
    """All rules in file order: parents before children, and siblings as they should be tried.

    A rule's number in the block, once given, never changes and goes to no other (docs/decisions/0017): 0 parent,
    1 error, 2 and 3 Event 22, 4 to 7 notices in general, 8, 9, 26 to 28 and 90 to 99 the kinds of notice, 21 to 25 what
    endpoints write, and for the severities low to critical a run of twenty from 10, 30, 50 and 70: the severity's rule,
    the first ten reasons by their bits, then combinations.

    Args:
        base: first id of the block, 100,000 to 999,900; ValueError beyond.
        reasons: codes that can occur.
    """
    if not LOWEST <= base <= HIGHEST:
        raise ValueError(f"A block of rule ids can't begin at {base}: choose {LOWEST} to {HIGHEST}.")
    parent = Rule(base, 0, "firstsight: a message of the service", None, (("integration", f"^{INTEGRATION}$"),))
    description = f"firstsight: $({INTEGRATION}.error)"
    error = Rule(base + 1, 5, description, base, (_field("error", _ANYTHING),), groups=(_ERROR,))
    alerts = [rule for severity in LEVELS for rule in _alerts(base, severity, reasons)]
    return [parent, *_notices(base), *alerts, error, *_endpoints(base), *_queries(base)]


def _alerts(base: int, severity: Severity, reasons: Collection[str]) -> Iterator[Rule]:
    """A severity's rule and its children."""
    first, level = base + _first(severity), LEVELS[severity]
    yield Rule(first, level, _SUMMARY, base, (_field("severity", f"^{severity}$"),), groups=(ALERT,))
    for codes in TRIED:
        number = _number(codes, severity)
        if number is not None and set(codes) <= set(reasons):
            yield Rule(
                base + number,
                level,
                _SUMMARY,
                first,
                # Wazuh matches an array by its printed JSON; with its quotes a code is never part of a longer one.
                tuple(_field("reasons", f'"{code}"') for code in codes),
                groups=(ALERT, *(f"firstsight_{code}" for code in codes)),
                attack=_techniques(codes),
                reasons=codes,
            )


def _first(severity: Severity) -> int:
    """The number of a severity's rule."""
    return 20 * severity.rank - 10


def _number(codes: tuple[str, ...], severity: Severity) -> int | None:
    if codes in COMBINATIONS:
        return COMBINATIONS[codes].get(severity)
    return _first(severity) + 1 + REASONS[codes[0]].bit


def filed(table: Iterable[Rule], codes: Collection[str], severity: Severity) -> Rule:
    """The rule of a table that an alert fires.

    Args:
        table: what `rules` gives.
        codes: the alert's reasons.
        severity: the alert's severity; LookupError where it is none.
    """
    for rule in table:
        if rule.level == LEVELS.get(severity) and rule.reasons and set(rule.reasons) <= set(codes):
            return rule
    raise LookupError(f"No rule for {sorted(codes)} at severity {severity}.")


def _techniques(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(technique for code in codes for technique in REASONS[code].attack))


def _notices(base: int) -> Iterator[Rule]:
    """What the service says of itself. Level 0 on top, so that no notice is taken for a node's bare error.

    Trouble is what carries an error. Kinds that these rules don't know, of a newer service, fall to the general ones.
    """
    parent, trouble, over, other = range(base + 4, base + 8)
    yield Rule(parent, 0, "firstsight: a notice of the service", base, (_field("notice", _ANYTHING),))
    yield Rule(trouble, 5, _SUMMARY, parent, (_field("error", _ANYTHING),), groups=(_ERROR, _NOTICE))
    yield Rule(over, INFORMATION, _SUMMARY, parent, (_field("state", "^over$"),), groups=(_NOTICE,))
    yield Rule(other, INFORMATION, _SUMMARY, parent, groups=(_NOTICE,))
    for kind in NOTICES.values():
        above, groups = (trouble, (_ERROR, _NOTICE)) if kind.two_sided else (other, (_NOTICE,))
        field = _field("notice", f"^{kind.code}$")
        yield Rule(base + NOTICE_NUMBERS[kind.code], kind.level, _SUMMARY, above, (field,), groups=groups)


def _endpoints(base: int) -> list[Rule]:
    """What the active response writes on endpoints: fields of its own, because whoever owns an endpoint can forge it.

    High, or information where the service's alert had said it: that one has alerted already. The last is the line of
    the original's script, for who keeps that on old endpoints; `otx_ioc` is the group of the original's rule.
    """
    parent, found, known, failed, original = range(base + 21, base + 26)
    summary, groups, high = f"firstsight: $({ENDPOINT}.summary)", (ENDPOINT, "otx_ioc"), LEVELS[Severity.HIGH]
    attack = _techniques(("known_indicator",))
    outcome = f"{ENDPOINT}.outcome"
    shape = (("sections", _ANYTHING), ("type", "^hostname$|^domain$"), ("base_indicator.indicator", _ANYTHING))
    indicator = "AlienVault OTX, asked by an endpoint, names $(base_indicator.indicator)"
    return [
        Rule(parent, 0, "firstsight: an endpoint's active response", None, (("integration", f"^{ENDPOINT}$"),)),
        Rule(found, high, summary, parent, ((outcome, "^found$"),), groups=groups, attack=attack),
        Rule(known, INFORMATION, summary, found, ((f"{ENDPOINT}.known", "^yes$"),), groups=groups, attack=attack),
        Rule(failed, INFORMATION, summary, parent, ((outcome, "^failed$"),), groups=(ENDPOINT,)),
        Rule(original, high, indicator, None, shape, groups=groups, attack=attack),
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


def _field(name: str, pattern: str) -> tuple[str, str]:
    return f"{INTEGRATION}.{name}", pattern
