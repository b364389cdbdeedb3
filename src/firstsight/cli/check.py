"""`firstsight check NAME…|-`: everything known of names, on a page a person can read."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from firstsight import compose
from firstsight.cli.known import Knowledge, NameKnown
from firstsight.core.document import Document, alert_document, registration_document, verdict_document
from firstsight.core.evidence import ISC, NRD, confidence
from firstsight.core.exception_words import phrase
from firstsight.core.facts import Absent, Fact, Intel, Known, Registration
from firstsight.core.names import Kind, Name
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Verdict
from firstsight.settings import load
from firstsight.store.looking import Found, looking

NO_NAME = 3
"""Exit status where one of the names is none."""

_HOSTS_SHOWN = 10
_ALERTS_SHOWN = 3
_PULSES_SHOWN = 3
_KINDS = {
    Kind.PUBLIC: "public",
    Kind.UNKNOWN_SUFFIX: "unknown suffix: nobody outside is asked for it",
    Kind.INTERNAL: "internal: never asked outside, not alerted",
    Kind.REVERSE: "reverse: an address asked backwards; counted only",
    Kind.SINGLE_LABEL: "single label: resolved inside; counted only",
    Kind.ADDRESS: "address: no name; counted only",
    Kind.SUFFIX: "public suffix: registries register under it; counted only",
}


def run(names: Sequence[str], config: Path | None, *, as_json: bool) -> int:
    """Tell what is known; nothing is recorded, and nobody outside is asked.

    Args:
        names: the names; `-` reads them from standard input, one a line.
        config: the settings file.
        as_json: one JSON object a line, instead of pages.

    Returns:
        0, or 3 where one of them is no DNS name.

    Raises:
        FirstsightError: the store can't be read.
    """
    settings = load(config)
    path = compose.store_of(settings)
    lens = compose.lens(settings)
    status = 0
    with looking(path) as look:
        knowledge = Knowledge(look, lens, settings)
        for number, raw in enumerate(_all(names)):
            name = lens.parse(raw)
            if name.kind is Kind.INVALID:
                status = NO_NAME
                print(
                    f"firstsight: {raw!a} is no DNS name: labels of letters, digits, - and _, with dots.",
                    file=sys.stderr,
                )
            elif as_json:
                print(json.dumps(_document(knowledge.of(name))))
            else:
                print(*([""] if number else []), *_page(name, knowledge.of(name)), sep="\n")
    return status


def _all(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name == "-":
            yield from filter(None, (line.strip() for line in sys.stdin))
        else:
            yield name


def _document(known: NameKnown) -> Document:
    found = known.found
    newest = found.alerts[0] if found.alerts else None
    first, vain = found.first, found.in_vain
    document = verdict_document(
        known.verdict,
        now=known.now,
        alert_id=None if newest is None else newest.id,
        follows=None if newest is None else newest.follows,
    )
    document["ages"] = [registration_document(age, known.now) for age in known.ages]
    document["first_asker"] = {
        "agent": first.agent or None,
        "image": first.image or None,
        "user": first.user or None,
    }
    document["in_vain"] = None
    if vain is not None:
        document["in_vain"] = {
            "first": rfc3339(vain.first),
            "last": rfc3339(vain.last),
            "nxdomain": vain.nxdomain,
            "failed": vain.failed,
            "agents": vain.agents,
        }
    document["hosts"], document["more_hosts"] = list(found.hosts), found.more_hosts
    document["alerts"] = [alert_document(alert) for alert in found.alerts]
    document["exceptions"] = known.exceptions
    return document


def _page(name: Name, known: NameKnown) -> Iterator[str]:
    verdict = known.verdict
    unicode = f" ({verdict.unicode})" if verdict.unicode != name.fqdn else ""
    yield _clean(f"{name.fqdn}{unicode}: {_sentence(verdict, known.found)}")
    for reason in verdict.reasons:
        yield _clean(f"  - {reason.text}")
    for what, text in _lines(name, known):
        yield _clean(f"  {what:<14}{text}")


def _sentence(verdict: Verdict, found: Found) -> str:
    if not verdict.domain:
        return "not judged"
    alerted = ""
    if found.alerts:
        newest = found.alerts[0]
        alerted = f"alerted as {newest.verdict.severity} on {rfc3339(newest.at)}; "
    if verdict.reasons:
        return f"{alerted}{verdict.severity} by what it is"
    return f"{alerted}nothing against it by what it is" + (", but not all is known" if verdict.missing else "")


def _lines(name: Name, known: NameKnown) -> Iterator[tuple[str, str]]:
    verdict, found = known.verdict, known.found
    yield "kind", _KINDS[name.kind]
    if not name.judged:
        return
    registered = f", registered as {name.registered}" if name.registered not in {"", name.registrable} else ""
    yield "domain", f"{name.registrable}{registered}"
    yield from _history(found)
    if found.alerts:
        more = len(found.alerts) - _ALERTS_SHOWN
        for alert in found.alerts[:_ALERTS_SHOWN]:
            yield "alert", f"{rfc3339(alert.at)} {alert.verdict.severity} {alert.id}: {alert.summary}"
        if more > 0:
            yield "", f"and {more} older ones"
    else:
        yield "alert", "none kept"
    for exception in known.exceptions:
        yield "excepted", f"{exception['id']}: {phrase(exception)}; {exception['reason']}"
    yield "age", _age(name, verdict.registration, known.now)
    if len(known.ages) > 1:
        yield from (("", _said(age)) for age in known.ages)
    yield "intelligence", _told(verdict.intel)
    yield "looks", _looks(verdict)
    popular = verdict.popularity
    if isinstance(popular, Known):
        rank = "" if popular.value.rank is None else f", rank {popular.value.rank:,}"
        yield "popular", f"yes, by the list {popular.value.list}{rank}"
    else:
        yield "popular", "no"
    yield "not known", ", ".join(verdict.missing) or "nothing is missing"


def _history(found: Found) -> Iterator[tuple[str, str]]:
    seen = found.seen
    if seen.first is None:
        yield "seen", "never"
    else:
        times, agents = _number(seen.count, "time"), _number(seen.agents, "agent")
        yield "seen", f"first {rfc3339(seen.first)}, last {rfc3339(seen.last)}, {times}, by {agents}"
        first = found.first
        yield "asked first", ", ".join(filter(None, (first.agent, first.image, first.user))) or "not kept"
    if (vain := found.in_vain) is not None:
        times = f"first {rfc3339(vain.first)}, last {rfc3339(vain.last)}"
        what = f"{vain.nxdomain:,} without such a name, {vain.failed:,} failed"
        yield "in vain", f"{times}: {what}, by {_number(vain.agents, 'agent')}"
    if seen.looked_up is not None:
        yield "looked up", f"first {rfc3339(seen.looked_up)}"
    if found.hosts:
        more = len(found.hosts) > _HOSTS_SHOWN or found.more_hosts
        yield "host names", ", ".join(found.hosts[:_HOSTS_SHOWN]) + (", and more" if more else "")


def _age(name: Name, fact: Fact[Registration], now: float) -> str:
    whose = f"its provider's, {name.registered}: " if name.tenant else ""
    match fact:
        case Known(registration):
            least = "at least " if registration.at_least else ""
            days = _number(registration.age_days(now), "day")
            return f"{whose}{least}{days}: {_said(registration)}"
        case Absent(checked):
            return f"{whose}its registry does not know it (asked {rfc3339(checked)})"
        case _:
            return f"{whose}not known ({fact.reason})"


def _said(registration: Registration) -> str:
    """What somebody says of an age, and how far it is to be believed."""
    source, day = registration.source, rfc3339(registration.registered)
    trust = f"{confidence(source)} confidence"
    if registration.at_least:
        return f"on a list of {day} already ({trust})"
    if source in {NRD, ISC} and registration.checked == registration.registered:
        return f"new on {day}, by an imported list ({source}, {trust})"
    return f"registered {day}, says {source} (asked {rfc3339(registration.checked)}, {trust})"


def _told(fact: Fact[Intel]) -> str:
    match fact:
        case Known(intel):
            pulses = [f"“{pulse.name}” by {pulse.author}" for pulse in intel.pulses[:_PULSES_SHOWN]]
            more = ["and more"] if len(intel.pulses) > _PULSES_SHOWN else []
            overruled = [f"overruled by {', '.join(intel.overruled)}"] if intel.overruled else []
            parts = [str(intel.verdict), *overruled, *pulses, *more]
            return f"{'; '.join(parts)} (asked {rfc3339(intel.checked)})"
        case Absent(checked):
            return f"nothing (asked {rfc3339(checked)})"
        case _:
            return f"not known ({fact.reason})"


def _looks(verdict: Verdict) -> str:
    looks = verdict.randomness
    parts = []
    if looks.score is not None:
        parts.append(f"score {looks.score:.2f} (machine-made from {looks.threshold:.2f} on)")
    if looks.freq is not None:
        parts.append(f"letter pairs {looks.freq[0]} on average, {looks.freq[1]} by the word")
    if looks.strong or looks.weak:
        parts.append("looks machine-made")
    return "; ".join(parts) or "too short to tell"


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _clean(line: str) -> str:
    """Without what a terminal would obey: programs and users are named by endpoints."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
