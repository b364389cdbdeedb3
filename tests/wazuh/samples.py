"""For each rule an event that fires it, and events much like it that don't: most of them made from the table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from alert_samples import make_alert
from firstsight.core.notices import NOTICES
from firstsight.core.reasons import REASONS
from firstsight.core.verdict import Severity
from firstsight.core.wazuh_event import datagram, error_datagram
from firstsight.wazuh.ruletable import BASE, ENDPOINT, LEVELS, NOTICE_NUMBERS, Rule, rules
from wazuh.decoder import Event, decode, flattened

SEVERITIES = tuple(reversed(LEVELS))

EVERY_RULE = rules(reasons=tuple(REASONS))
"""The table as it will be when all reasons occur."""

_SEVERITY_OF = {level: severity for severity, level in LEVELS.items()}
_SENTENCE = "authentication failure: segfault at error, failed"  # stock rules look for these in any text


@dataclass(frozen=True)
class Sample:
    """An event, the rule that it ends at, and near misses: events that don't come to that rule."""

    rule: int
    event: Event
    misses: tuple[Event, ...]


def wire(*, integration: str = "firstsight", **fields: Any) -> Event:
    """An event of ours as it may be made up: `fields` are those below `firstsight`."""
    message = json.dumps({"integration": integration, "firstsight": fields}, separators=(",", ":"))
    return decode(f"1:firstsight:{message}".encode())


def alert(*codes: str, severity: Severity) -> Event:
    """An alert on the road that it really takes."""
    return decode(datagram(make_alert(*codes, severity=severity)))


def sysmon(event_id: str, task: str, **eventdata: str) -> Event:
    """A record of Sysmon's channel."""
    system = {
        "channel": "Microsoft-Windows-Sysmon/Operational",
        "severityValue": "INFORMATION" if event_id == "22" else "ERROR",
        "eventID": event_id,
        "task": task,
    }
    data = {"queryName": "wpad", "image": "C:\\\\x.exe"} | eventdata
    return Event("windows_eventchannel", "EventChannel", flattened({"win": {"system": system, "eventdata": data}}))


def notice(code: str, state: str, **fields: str) -> Event:
    """What the service says of itself; trouble has an error."""
    return wire(notice=code, state=state, summary=f"{_SENTENCE}, of {code}", subject="alerts.json", **fields)


def samples() -> Iterator[Sample]:
    """All of them."""
    yield Sample(BASE, wire(), (wire(integration="firstsightx"), wire(integration="dnsstat"), sysmon("22", "22")))
    yield from map(_of_a_severity, SEVERITIES)
    yield from (_of_reasons(rule) for rule in EVERY_RULE if rule.reasons)
    yield from _of_the_service()
    yield from _of_endpoints()
    yield from _of_queries()


def _of_a_severity(severity: Severity) -> Sample:
    fields: dict[str, Any] = {"domain": "evil.example", "summary": _SENTENCE, "reasons": ["a_reason_of_tomorrow"]}
    return Sample(
        BASE + 20 * severity.rank - 10,
        wire(severity=severity, **fields),
        (
            *(wire(severity=other, **fields) for other in Severity if other is not severity),
            wire(severity=f"{severity}er", **fields),
            wire(severity=[severity], **fields),
            wire(severity=severity, integration="dnsstat", **fields),
            wire(**fields),
        ),
    )


def _of_reasons(rule: Rule) -> Sample:
    severity = _SEVERITY_OF[rule.level]
    misses = [alert(*rule.reasons, severity=other) for other in SEVERITIES if other is not severity]
    for code in rule.reasons:
        others = [other for other in rule.reasons if other != code]
        misses += [
            wire(severity=severity, reasons=[*others, near], summary=f'"{code}"', missing=[code])
            for near in (f"{code}_x", f"x_{code}", code[:-1])
        ]
        misses.append(wire(severity=severity, reasons=others))
    return Sample(rule.id, alert(*rule.reasons, severity=severity), tuple(misses))


def _of_the_service() -> Iterator[Sample]:
    bare = decode(error_datagram(_SENTENCE))
    unknown = notice("unheard_of", "began", error=_SENTENCE)
    over = notice("outbox_stuck", "over")
    news = notice("unheard_of", "once")
    yield Sample(BASE + 1, bare, (unknown, wire(error=""), wire(integration="other", error=_SENTENCE)))
    yield Sample(BASE + 5, unknown, (bare, over, news))
    yield Sample(BASE + 6, over, (unknown, news, notice("outbox_stuck", "overdue")))
    yield Sample(BASE + 7, news, (unknown, over, bare))
    for code, number in NOTICE_NUMBERS.items():
        if NOTICES[code].two_sided:
            near = notice(f"{code}_x", "began", error=_SENTENCE)
            yield Sample(BASE + number, notice(code, "began", error=_SENTENCE), (notice(code, "over"), near, bare))
        else:
            near = notice(f"x_{code}", "once")
            yield Sample(BASE + number, notice(code, "once"), (near, wire(summary=code, state="once"), bare))


def written_by_endpoint(*, integration: str = ENDPOINT, **fields: Any) -> Event:
    """A line of an endpoint's active-responses.log, as logcollector sends it."""
    line = json.dumps({"integration": integration, ENDPOINT: {"query": "evil.example", "summary": _SENTENCE} | fields})
    return decode(rb"1:[002] (WIN10) 10.0.0.5->active-response\active-responses.log:" + line.encode())


def original(**members: Any) -> Event:
    """A line of the original's otx.ps1."""
    indicator = {"id": 2582882147, "indicator": "www.evil.example", "type": "hostname", "access_type": "public"}
    line = {"sections": ["general", "geo"], "type": "hostname", "base_indicator": indicator} | members
    return decode(b"1:log:" + json.dumps(line).encode())


def _of_endpoints() -> Iterator[Sample]:
    found = written_by_endpoint(outcome="found", known="no")
    known = written_by_endpoint(outcome="found", known="yes")
    failed = written_by_endpoint(outcome="failed", known="yes", error=_SENTENCE)
    ours = wire(outcome="found", severity="high")
    other = written_by_endpoint(outcome="found", integration="other")
    yield Sample(BASE + 21, written_by_endpoint(), (found, failed, other))
    yield Sample(BASE + 22, found, (known, failed, ours, other, written_by_endpoint(outcome="foundling")))
    yield Sample(BASE + 23, known, (found, failed, written_by_endpoint(outcome="found", known="yesterday")))
    yield Sample(BASE + 24, failed, (found, known, wire(outcome="failed")))
    yield Sample(BASE + 25, original(), (original(type="file"), original(base_indicator={}), original(sections="")))


def _of_queries() -> Iterator[Sample]:
    yield Sample(BASE + 2, sysmon("22", "22"), (sysmon("1", "1"), sysmon("255", "22"), sysmon("3", "22")))
    yield Sample(BASE + 3, sysmon("255", "22"), (sysmon("22", "22"), sysmon("255", "255"), sysmon("255", "222")))
