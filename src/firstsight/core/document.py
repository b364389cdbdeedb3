"""Verdicts, alerts and notices as JSON values: the shape that the native API and the alert file share.

Keys and their order are DESIGN's "Native API: A verdict". What is not known, and what is empty text, is null; lists
are never null. Times are RFC 3339 UTC.
"""

from typing import Any

from firstsight.core.alerts import Alert, Asked
from firstsight.core.evidence import confidence
from firstsight.core.exceptions import NEVER, ExceptionRule
from firstsight.core.facts import Absent, Fact, Intel, Known, Popularity, Pulse, Registration, Threat, Unavailable
from firstsight.core.notices import Notice
from firstsight.core.preview import Preview
from firstsight.core.review import Review
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Randomness, Reason, Seen, Verdict

Document = dict[str, Any]


def verdict_document(
    verdict: Verdict, *, now: float, alert_id: str | None = None, follows: str | None = None
) -> Document:
    """A verdict.

    Args:
        verdict: the verdict.
        now: seconds since the epoch; the age in days is counted up to here.
        alert_id: the alert it led to.
        follows: the first alert, where `alert_id` is a follow-up.
    """
    return {
        "name": verdict.name,
        "kind": str(verdict.kind),
        "domain": verdict.domain or None,
        "registered_domain": verdict.registered_domain or None,
        "severity": str(verdict.severity),
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "missing": list(verdict.missing),
        "seen": _seen(verdict.seen),
        "registration": _registration(verdict.registration, now),
        "randomness": _randomness(verdict.randomness),
        "intel": _intel(verdict.intel),
        "popularity": _popularity(verdict.popularity),
        "alert_id": alert_id,
        "follows": follows,
    }


def alert_document(alert: Alert) -> Document:
    """An alert with its event and its verdict; ages count up to the alert's own time, so it never changes."""
    return {
        "alert_id": alert.id,
        "time": rfc3339(alert.at),
        "follows": alert.follows,
        "severity": str(alert.verdict.severity),
        "category": alert.category,
        "summary": alert.summary,
        "event": _event(alert.asked),
        "verdict": verdict_document(alert.verdict, now=alert.at, alert_id=alert.id, follows=alert.follows),
    }


def reviewed_document(alert: Alert, review: Review) -> Document:
    """An alert with what somebody thinks of it by now."""
    marks = {"state": str(review.state), "reviewed_by": review.by, "reviewed": rfc3339(review.at)}
    return {**alert_document(alert), **marks}


def exception_document(rule: ExceptionRule, *, now: float, hits: int = 0, last_hit: float | None = None) -> Document:
    """An exception.

    Args:
        rule: the exception.
        now: seconds since the epoch; tells whether it has expired.
        hits: how many events it has held something back of.
        last_hit: when it last did.
    """
    return {
        "id": rule.id,
        "state": "expired" if rule.expired(now) else "active",
        "domain": rule.domain or None,
        "process": rule.process or None,
        "agent": rule.agent or None,
        "scope": list(rule.scope),
        "reason": rule.reason,
        "author": rule.author or None,
        "on_behalf_of": rule.on_behalf_of or None,
        "expires": NEVER if rule.expires is None else rfc3339(rule.expires),
        "made": rfc3339(rule.made),
        "line": rule.line or None,
        "hits": hits,
        "last_hit": rfc3339(last_hit),
    }


def preview_document(preview: Preview, *, since: float, alerts: int, most: int) -> Document:
    """What an exception would have held back.

    Args:
        preview: the alerts, weighed again.
        since: from when on they were counted, seconds since the epoch.
        alerts: how many there were since then, whatever it would have done to them.
        most: rows told.
    """
    rows = preview.rows
    return {
        "since": rfc3339(since),
        "alerts": alerts,
        "silenced": preview.silenced,
        "lowered": preview.lowered,
        "known_indicators": preview.known_indicators,
        "rows": [
            {
                "domain": row.domain,
                "agent": row.agent,
                "process": row.process or None,
                "reasons": sorted(row.reasons),
                "silenced": row.silenced,
                "lowered": row.lowered,
                "severity": str(row.severity),
                "last": rfc3339(row.last),
            }
            for row in rows[:most]
        ],
        "more": max(0, len(rows) - most),
    }


def notice_document(notice: Notice) -> Document:
    """A notice; the key `notice` tells it from an alert."""
    return {
        "notice": notice.code,
        "notice_id": notice.id,
        "time": rfc3339(notice.at),
        "state": str(notice.state),
        "subject": notice.subject or None,
        "since": rfc3339(notice.since),
        "times": notice.times,
        "summary": notice.summary,
        "details": notice.details,
    }


def _event(asked: Asked) -> Document:
    agent, process = asked.agent, asked.process
    return {
        "time": rfc3339(asked.time),
        "source": asked.source,
        "event_id": asked.event_id or None,
        "status": str(asked.status),
        "agent": {
            "id": agent.id or None,
            "name": agent.name or None,
            "ip": agent.ip or None,
            "manager": agent.manager or None,
        },
        "process": {
            "image": process.image or None,
            "guid": process.guid or None,
            "id": process.id or None,
            "user": process.user or None,
        },
        "computer": asked.computer or None,
        "answers": list(asked.answers),
    }


def _reason(reason: Reason) -> Document:
    return {
        "code": reason.code,
        "severity": str(reason.severity),
        "text": reason.text,
        "attack": list(reason.attack),
        "evidence": dict(reason.evidence),
    }


def _seen(seen: Seen) -> Document:
    return {
        "first": rfc3339(seen.first),
        "last": rfc3339(seen.last),
        "count": seen.count,
        "agents": seen.agents,
        "looked_up": rfc3339(seen.looked_up),
    }


def _registration(fact: Fact[Registration], now: float) -> Document:
    document: Document = {"state": _state(fact)}
    document |= dict.fromkeys(("reason", "registered", "expires", "source", "checked", "age_days"))
    document |= dict.fromkeys(("confidence", "at_least"))
    match fact:
        case Known(registration):
            document |= registration_document(registration, now)
        case Absent(checked):
            document["checked"] = rfc3339(checked)
        case Unavailable(reason):
            document["reason"] = reason
    return document


def registration_document(registration: Registration, now: float) -> Document:
    """What somebody says of a domain's age; `at_least`: it was there by `registered`, and may be older."""
    return {
        "registered": rfc3339(registration.registered),
        "expires": rfc3339(registration.expires),
        "source": registration.source,
        "checked": rfc3339(registration.checked),
        "age_days": registration.age_days(now),
        "confidence": confidence(registration.source),
        "at_least": registration.at_least,
    }


def _randomness(randomness: Randomness) -> Document:
    return {
        "score": randomness.score,
        "threshold": randomness.threshold,
        "weak": randomness.weak,
        "words": {"score": randomness.words.score, "threshold": randomness.words.threshold},
        "freq": list(randomness.freq) if randomness.freq else None,
    }


def _intel(fact: Fact[Intel]) -> Document:
    document = intel_document(fact)
    return {key: document[key] for key in ("state", "verdict", "pulses")}


def intel_document(fact: Fact[Intel]) -> Document:
    """What threat intelligence says of a name, and when, or why not: a verdict has a part of it."""
    document: Document = {"state": _state(fact)}
    document |= dict.fromkeys(("reason", "retry_at", "verdict", "checked"))
    document["pulses"] = []
    match fact:
        case Known(intel):
            document["verdict"], document["checked"] = str(intel.verdict), rfc3339(intel.checked)
            document["pulses"] = [_pulse(pulse) for pulse in intel.pulses]
        case Absent(checked):
            document["verdict"], document["checked"] = str(Threat.NONE), rfc3339(checked)
        case Unavailable(reason, retry_at):
            document["reason"], document["retry_at"] = reason, rfc3339(retry_at)
    return document


def _pulse(pulse: Pulse) -> Document:
    return {
        "id": pulse.id,
        "name": pulse.name,
        "author": pulse.author or None,
        "created": rfc3339(pulse.created),
        "modified": rfc3339(pulse.modified),
        "tags": list(pulse.tags),
        "adversary": pulse.adversary or None,
        "malware_families": list(pulse.malware_families),
        "attack": list(pulse.attack),
        "tlp": pulse.tlp or None,
        "indicators": pulse.indicators,
        "url": pulse.url,
    }


def _popularity(fact: Fact[Popularity]) -> Document:
    if not isinstance(fact, Known):
        return {"state": _state(fact), "list": None, "rank": None}
    return {"state": _state(fact), "list": fact.value.list, "rank": fact.value.rank}


def _state(fact: Fact[Any]) -> str:
    if isinstance(fact, Known):
        return "known"
    return "absent" if isinstance(fact, Absent) else "unavailable"
