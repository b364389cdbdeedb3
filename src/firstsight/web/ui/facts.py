"""What is known of a name, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firstsight.core.evidence import confidence
from firstsight.core.facts import Absent, Fact, Intel, Known, Pulse, Registration
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Randomness, Severity, Verdict
from firstsight.web.ui.rendering import number

_WHY = {
    "pending": "its registry is being asked",
    "queued": "its registry's queue is long; it will be asked",
    "offline": "nobody outside may be asked ([http] offline)",
    "not_asked": "not asked yet",
    "not_wanted": "not asked for such a name",
    "no_server": "its registry has no public server",
    "timeout": "its registry did not answer in time",
    "off": "switched off",
}
_WHY_NOT_INTEL = _WHY | {
    "pending": "it is being asked for",
    "queued": "the queue is long; it will be asked for",
    "timeout": "no answer came in time",
}
_KINDS = {
    "internal": "internal, never asked outside",
    "reverse": "an address asked backwards",
    "single_label": "a single label, resolved inside",
    "address": "an address, no name",
    "suffix": "a public suffix, under which others register",
    "invalid": "no DNS name",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A fact: its name, what is known, and whether that speaks against the name."""

    label: str
    words: str
    grave: bool = False


def told(verdict: Verdict, now: float, new_days: int) -> list[Told]:
    """Age, looks, intelligence and popularity.

    Args:
        verdict: the verdict.
        now: seconds since the epoch; ages count up to here.
        new_days: a domain younger than this is newly registered.
    """
    return [
        _age(verdict.registration, now, new_days),
        Told("Looks", " ".join(_looks(verdict.randomness)), verdict.randomness.strong),
        Told("Intelligence", _intelligence(verdict.intel), any(code == "known_indicator" for code in _codes(verdict))),
        Told("Popular", _popular(verdict)),
    ]


def pulses(fact: Fact[Intel]) -> tuple[Pulse, ...]:
    """What threat intelligence tells of a name in detail."""
    return fact.value.pulses if isinstance(fact, Known) else ()


def sentence(verdict: Verdict, alerts: Sequence[Severity], now: float) -> str:
    """A verdict for a person in a hurry.

    Args:
        verdict: the verdict.
        alerts: severities of the alerts there were, as far as they are kept and shown.
        now: seconds since the epoch.
    """
    if not verdict.domain:
        return f"Not judged: {_KINDS.get(verdict.kind, 'counted only')}."
    seen, registration = verdict.seen, verdict.registration
    if seen.first is None:
        parts = ["Nobody here has asked for it" + (", though it was looked up" if seen.looked_up is not None else "")]
    else:
        parts = [f"Asked for here since {rfc3339(int(seen.first))} by {number(seen.agents, 'agent')}"]
    if isinstance(registration, Known):
        days = number(registration.value.age_days(now), "day")
        parts.append(f"at least {days} old" if registration.value.at_least else f"registered {days} ago")
    elif isinstance(registration, Absent):
        parts.append("unknown to its registry")
    else:
        parts.append("its age is not known")
    if "known_indicator" in _codes(verdict):
        parts.append("known to threat intelligence")
    if verdict.randomness.strong:
        parts.append("looks machine-made")
    if isinstance(verdict.popularity, Known):
        parts.append("popular")
    highest = f", the highest {max(alerts, key=lambda severity: severity.rank)}" if alerts else ""
    parts.append(f"{number(len(alerts), 'alert')}{highest}" if alerts else "no alert is kept")
    return "; ".join(parts) + "."


def _age(fact: Fact[Registration], now: float, new_days: int) -> Told:
    match fact:
        case Known(registration):
            days, least = registration.age_days(now), "at least " if registration.at_least else ""
            words = f"{least}{number(days, 'day')}: {age_said(registration)}"
            return Told("Age", words, days < new_days and not registration.at_least)
        case Absent(checked):
            return Told("Age", f"Its registry does not know it (asked {rfc3339(int(checked))})")
        case _:
            return Told("Age", f"Not known: {_WHY.get(fact.reason, fact.reason)}")


def age_said(registration: Registration) -> str:
    """What somebody says of a domain's age, and how far that is to be believed."""
    source, day = registration.source, rfc3339(int(registration.registered))
    trust = f"{confidence(source)} confidence"
    if registration.at_least:
        return f"on a list of {day} already ({source}, {trust})"
    if registration.checked == registration.registered:
        return f"new on {day}, by an imported list ({source}, {trust})"
    expires = "" if registration.expires is None else f"; expires {rfc3339(int(registration.expires))}"
    return f"registered {day}, says {source}{expires} (asked {rfc3339(int(registration.checked))}, {trust})"


def _looks(looks: Randomness) -> Iterator[str]:
    if looks.score is None or looks.threshold is None:
        yield "The label is too short, or of a kind that is not scored."
        return
    share = f"{100 * looks.share_below:.4g}"
    yield f"“{looks.label}” scores {looks.score:.2f}; from {looks.threshold:.2f} on a name looks machine-made."
    yield f"{share} % of ordinary names score lower."
    if looks.signs:
        yield f"What is unlike them: {', '.join(looks.signs)}."
    if looks.word_made:
        yield "It looks put together of words, as some generators do."


def _codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def _intelligence(fact: Fact[Intel]) -> str:
    match fact:
        case Known(intel):
            others = f", and {number(intel.others, 'pulse')} of other authors" if intel.others else ""
            harmless = f"; said to be harmless by {', '.join(intel.overruled)}" if intel.overruled else ""
            asked = f" (asked {rfc3339(int(intel.checked))})" if intel.checked else ""
            return f"{intel.verdict}: {number(len(intel.pulses), 'pulse')}{others}{harmless}{asked}"
        case Absent():
            return "Nothing is known against it"
        case _:
            return f"Not known: {_WHY_NOT_INTEL.get(fact.reason, fact.reason)}"


def _popular(verdict: Verdict) -> str:
    if not isinstance(verdict.popularity, Known):
        return "No"
    popularity = verdict.popularity.value
    rank = "" if popularity.rank is None else f", rank {popularity.rank:,}"
    return f"Yes, by the list {popularity.list}{rank}"
