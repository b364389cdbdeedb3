"""The rules as a reference page: which alert falls to which rule, and how a site makes them its own."""

from collections.abc import Iterable
from dataclasses import replace

from firstsight.core.notices import NOTICES
from firstsight.core.reasons import REASONS
from firstsight.core.verdict import Severity
from firstsight.wazuh.outcomes import outcomes
from firstsight.wazuh.rules import element, group
from firstsight.wazuh.ruletable import ALERT, BASE, LEVELS, NOTICE_NUMBERS, STRONGEST_FIRST, TRIED, Rule, filed, rules

_SEVERITIES = tuple(reversed(LEVELS))

_CHANGES_NOTHING = "first_seen_agent"
"""Never alerts alone, and never leads an alert: the matrix leaves it out."""

_HEAD = """\
# Wazuh rules

Made by `tools/make_rules.py` out of `src/firstsight/wazuh/ruletable.py`; `tools/make_rules.py --check` says whether it
is current. The ids are those of the default block, 117000–117099; with `[wazuh] rule_base` they move as a whole.
Within the block an id never moves: dashboards, active responses and your own rules may name it.

## How an alert finds its rule

One alert fires one rule: by its severity first, then by its strongest reason, together with a second one where an
analyst would do something else about the pair. The order is that of this table, top to bottom: a combination stands
above its parts. What the rule does not name stands in `data.firstsight.reasons`, and what happened, in one line, in the
description. Groups: `firstsight`, `firstsight_alert`, and `firstsight_<reason>` for each reason that the rule names.

"""

_MATRIX = """
An id in brackets is reserved: no alert of this version leads there. “Anything else” takes the reasons of a newer
service.

## Which alert falls where

Every set of reasons that an alert of this version can carry, and its rule at each severity that it can have.
`first_seen_agent` may stand beside any set without `first_seen`, and changes nothing.

"""

_SERVICE = """
## What the service says of itself

A notice names its kind in `data.firstsight.notice`. It is no alert about a name: it has no `domain`, and the group
`firstsight_notice` instead of `firstsight_alert`. Trouble has the group `firstsight_error` too. The end of a trouble
is one rule for all kinds.

"""

_ENDPOINTS = """
## What endpoints write

The [active response](active-response.md) on an endpoint appends a line to that endpoint's active-responses.log, with
fields of its own below `data.firstsight_otx`. It is in the group `firstsight_otx`, and not in `firstsight_alert`: it is
no verdict of the service, and whoever owns the endpoint can write any such line. `data.firstsight_otx.alert_id` names
the alert that it answers.

"""

_QUERIES = """
## Sysmon's DNS queries

Stock rules keep Event 22 at level 0, where it never reaches alerts.json. These bring it there, at level 3, in the
groups `windows`, `sysmon`, `sysmon_event_22` and `firstsight_query`.

"""

_OWN = """
Where another rule file has a child of 61650 that is loaded earlier, that one may fire instead. firstsight reads the
event all the same, as long as the rule's level is at least 3.

## Make them your own

Own rules belong into a file that sorts after `firstsight_rules.xml`, such as `local_rules.xml`: ours is written anew by
the next installation. After a change: `wazuh-analysisd -t`, then `wazuh-control reload` (before 4.13: restart).

**Another level for a rule, always:** overwrite it. Wazuh wants the whole rule again, with the parent it has; look at it
after an update of firstsight.

```xml
{overwrite}```

**Another level, or silence, in some cases:** a child. It inherits neither groups nor ATT&CK ids: repeat what you route
by. Level 0 is tried before its siblings and makes no alert in Wazuh; in firstsight it stays one. `if_group`, like an
active response's `rules_group`, looks for a piece of text: the comma at its end keeps `firstsight_first_seen` from
meaning `firstsight_first_seen_agent` too.

```xml
{children}```

**Forgery.** An endpoint that can write any JSON into a log that its agent reads can forge an event of ours about
itself. The genuine ones have a `location` that ends in `firstsight`; 100202 above silences the others. What the active
response writes comes from the endpoint in any case: `GET /v1/alerts/{{alert_id}}` tells what the service itself knows.
"""

_CHILDREN = """\
<group name="local,">
  <rule id="100200" level="12">
    <if_group>firstsight_newly_registered,</if_group>
    <field name="firstsight.computer">^dc</field>
    <description>A domain controller asked. $(firstsight.summary)</description>
    <options>no_full_log</options>
    <group>firstsight,firstsight_alert,firstsight_newly_registered,</group>
  </rule>

  <rule id="100201" level="0">
    <if_sid>117000</if_sid>
    <field name="firstsight.domain">^partner.example$</field>
    <description>Known here</description>
  </rule>

  <rule id="100202" level="0">
    <if_sid>117000, 117004</if_sid>
    <location negate="yes">^firstsight$|->firstsight$</location>
    <description>Not from the service</description>
  </rule>
</group>
"""


def reference() -> str:
    """The page, Markdown."""
    table = rules(reasons=tuple(REASONS))
    by_number = {rule.id - BASE: rule for rule in table}
    louder = replace(by_number[11], level=5)
    return "".join(
        [
            _HEAD,
            _alerts(table),
            _MATRIX,
            _matrix(table),
            _SERVICE,
            _service(by_number),
            _ENDPOINTS,
            _endpoints(by_number),
            _QUERIES,
            _queries(by_number),
            _OWN.format(overwrite=group(louder.enclosing, [element(louder, overwrite=True)]), children=_CHILDREN),
        ]
    )


def _alerts(table: list[Rule]) -> str:
    """A row for each thing that rules ask for, a column for each severity."""
    reached = {filed(table, codes, severity).id for codes, severity in outcomes()}

    def cell(rule: Rule | None) -> str:
        if rule is None:
            return ""
        return str(rule.id) if rule.id in reached or not rule.reasons else f"({rule.id})"

    rows = []
    for codes in (*TRIED, ()):
        found = {rule.level: rule for rule in table if rule.reasons == codes and ALERT in rule.groups}
        ids = [cell(found.get(LEVELS[severity])) for severity in _SEVERITIES]
        attack = next(iter(found.values())).attack
        rows.append((_together(codes) if codes else "anything else", *ids, ", ".join(attack)))
    return _table(("reasons", *(f"{severity} ({LEVELS[severity]})" for severity in _SEVERITIES), "ATT&CK"), rows)


def _matrix(table: list[Rule]) -> str:
    """A row for each set of reasons, a column for each severity."""
    rows: dict[tuple[str, ...], dict[Severity, str]] = {}
    for codes, severity in outcomes():
        row = tuple(code for code in STRONGEST_FIRST if code in codes and code != _CHANGES_NOTHING)
        rows.setdefault(row, {})[severity] = str(filed(table, codes, severity).id)
    ordered = sorted(rows, key=lambda row: [STRONGEST_FIRST.index(code) for code in row])
    return _table(
        ("reasons", *map(str, _SEVERITIES)),
        [(_together(row), *(rows[row].get(severity, "") for severity in _SEVERITIES)) for row in ordered],
    )


def _endpoints(by_number: dict[int, Rule]) -> str:
    return _fires(
        by_number,
        [
            (22, "an indicator was found"),
            (23, "it was, and the alert had said `known_indicator` already"),
            (24, "the look-up failed; `error` says why"),
            (25, "an indicator, in the shape of the original's script `otx.ps1`"),
        ],
    )


def _service(by_number: dict[int, Rule]) -> str:
    kinds = [(NOTICE_NUMBERS[kind.code], f"`{kind.code}`: {kind.meaning}") for kind in NOTICES.values()]
    general = [
        (1, "an `error` without a notice: trouble of the script on a node"),
        (5, "trouble of a kind that these rules don't know"),
        (6, "the end of a trouble (`state` is `over`)"),
        (7, "anything else"),
    ]
    return _fires(by_number, kinds + general)


def _fires(by_number: dict[int, Rule], rows: Iterable[tuple[int, str]]) -> str:
    """A row for each rule: its number in the block, and what it fires on."""
    return _table(
        ("id", "level", "fires on", "groups"),
        [
            (str(rule.id), str(rule.level), what, ", ".join(f"`{name}`" for name in rule.enclosing + rule.groups))
            for number, what in rows
            for rule in [by_number[number]]
        ],
    )


def _queries(by_number: dict[int, Rule]) -> str:
    return _table(
        ("id", "child of", "fires on"),
        [
            (str(BASE + 2), str(by_number[2].parent), "Event 22"),
            (str(BASE + 3), str(by_number[3].parent), "Event 255 with task 22, as Windows delivers some queries"),
        ],
    )


def _together(codes: tuple[str, ...]) -> str:
    return " + ".join(f"`{code}`" for code in codes)


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
