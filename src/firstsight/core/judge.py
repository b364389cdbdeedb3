"""Judge a case: gather every reason the facts give, hold back what policy says, weigh the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firstsight.core.alerts import ASKED_BY, Asked, asked_with
from firstsight.core.case import Case
from firstsight.core.events import Status
from firstsight.core.evidence import ISC, NRD, confidence, registered_anew
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import (
    NOT_WANTED,
    OFF,
    QUEUED,
    Absent,
    Fact,
    Intel,
    Known,
    Popularity,
    Registration,
    Unavailable,
)
from firstsight.core.indicators import is_bad
from firstsight.core.names import ALTERNATIVE_ROOTS, Kind, Name, unicode_of
from firstsight.core.policy import Policy, hold_back, hold_by_exceptions, severity_of
from firstsight.core.process import program, unusual
from firstsight.core.reasons import REASONS
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Randomness, Reason, Severity, Verdict

NOT_MISSED = frozenset({OFF.reason, NOT_WANTED.reason})
"""Reasons of an Unavailable fact that no verdict lacks."""


Value = str | int | float | bool | list[str] | None
Evidence = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a name from outside, and how it looks."""

    registration: Fact[Registration]
    popularity: Fact[Popularity]
    intel: Fact[Intel]
    randomness: Randomness


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and why some of its reasons were held back, if any were.

    Attributes:
        verdict: of what was left.
        held: `popular`, `nx_burst` or `learning`.
        excepted: ids of the exceptions that held back what these had left.
    """

    verdict: Verdict
    held: str | None
    excepted: tuple[str, ...] = ()


def judge(case: Case, facts: Facts, policy: Policy, now: float, exceptions: Sequence[ExceptionRule] = ()) -> Judgement:
    """Weigh a case.

    Args:
        case: the event and what this site knows.
        facts: what outsiders know; Unavailable ones are listed in the verdict's `missing`.
        policy: thresholds.
        now: seconds since the epoch, for ages.
        exceptions: those that match the case.
    """
    reasons = tuple(_reasons(case, facts, policy, now))
    reasons, held = hold_back(reasons, case, popular=isinstance(facts.popularity, Known))
    reasons, excepted = hold_by_exceptions(reasons, exceptions)
    outside = (("registration", facts.registration), ("intel", facts.intel), ("popularity", facts.popularity))
    verdict = Verdict(
        name=case.name.fqdn,
        unicode=unicode_of(case.name.fqdn),
        kind=case.name.kind,
        domain=case.name.registrable,
        registered_domain=case.name.registered,
        severity=severity_of(reasons, weak=facts.randomness.weak, word_made=facts.randomness.word_made),
        reasons=reasons,
        missing=tuple(
            fact for fact, state in outside if isinstance(state, Unavailable) and state.reason not in NOT_MISSED
        ),
        seen=case.seen,
        registration=facts.registration,
        randomness=facts.randomness,
        intel=facts.intel,
        popularity=facts.popularity,
    )
    return Judgement(verdict, held, excepted)


def _reasons(case: Case, facts: Facts, policy: Policy, now: float) -> Iterator[Reason]:
    """Reasons in the order an analyst reads them: the gravest kind first."""
    yield from _known_indicator(facts.intel)
    sighted = case.asked is None or case.asked.status in {Status.ANSWERED, Status.EXISTS}
    age = list(_age(case, facts, policy, now)) if sighted else []
    yield from age
    young = any(reason.code == "newly_registered" for reason in age)
    yield from _nx_burst(case)
    if facts.randomness.strong:
        yield _random_name(facts.randomness)
    if sighted and (root := case.name.fqdn.rpartition(".")[2]) in ALTERNATIVE_ROOTS:
        yield _reason(
            "alternative_root",
            f"The name lives under .{root}, which is not in the public DNS: ordinary software does not ask for it. "
            f"Find out which program resolves it, and through what.",
            root=root,
        )
    if case.asked is None or not sighted:
        return
    first_seen = case.first_here and case.name.kind is Kind.PUBLIC
    process = case.asked.process
    if (first_seen or young) and (what := unusual(process.image)) is not None:
        yield _reason(
            "unusual_process",
            f"{program(process.image)} asked, {what}: it seldom has a reason to ask for such a domain. "
            f"Look at its command line and its parent.",
            image=process.image,
            kind=what,
        )
    if first_seen:
        yield _first_seen(case, facts.randomness)
    elif case.silent_days is not None and case.name.kind is Kind.PUBLIC:
        yield _reason(
            "newly_active",
            f"{case.name.registrable} is asked for again after {case.silent_days} days of silence.",
            silent_days=case.silent_days,
        )
    if case.first_for_agent and not case.first_here:
        yield _reason(
            "first_seen_agent",
            f"{case.asked.agent.name} had not asked for {case.name.registrable} before; "
            f"{case.seen.agents} agents have by now.",
            agents=case.seen.agents,
        )


def _age(case: Case, facts: Facts, policy: Policy, now: float) -> Iterator[Reason]:
    if not isinstance(facts.registration, Known):
        return
    registration = facts.registration.value
    age = registration.age_days(now)
    if age < policy.new_days and not registration.at_least:
        yield _newly_registered(case.name, registration, age, policy, facts.randomness)
    if not case.name.tenant and registered_anew(registration, case.seen.first):
        yield _re_registered(case, registration, age)


def _first_seen(case: Case, randomness: Randomness) -> Reason:
    seen, domain = case.seen, case.name.registrable
    looked_up = ""
    if seen.looked_up is not None and seen.first is not None and seen.looked_up <= seen.first:
        looked_up = f" (it had been looked up here on {rfc3339(seen.looked_up)})"
    return _reason(
        "first_seen",
        f"Nobody here had asked for {domain} before{looked_up}. New is not bad: see who asked, and what else "
        f"that process did.{_weakly_random(randomness)}",
        first=rfc3339(seen.first),
        agents=seen.agents,
        looked_up=rfc3339(seen.looked_up),
        **_marks(randomness),
    )


def _newly_registered(
    name: Name, registration: Registration, age: int, policy: Policy, randomness: Randomness
) -> Reason:
    word_made = " Its name is put together of words, as some generators do." if randomness.word_made else ""
    return _reason(
        "newly_registered",
        f"{_who_is_young(name)} was {_born(registration, age)}. "
        f"Most domains used in attacks are this young; check what page or file led there."
        f"{_weakly_random(randomness)}{word_made}",
        Severity.HIGH if age < policy.very_new_days else None,
        age_days=age,
        registered=rfc3339(registration.registered),
        source=registration.source,
        confidence=confidence(registration.source),
        checked=rfc3339(registration.checked),
        **_marks(randomness, words=True),
    )


def _who_is_young(name: Name) -> str:
    return f"{name.registered}, under which {name.registrable} is rented," if name.tenant else "The domain"


def _born(registration: Registration, age: int) -> str:
    """When, and who says so: somebody who registers, or somebody who only found it new."""
    day = rfc3339(registration.registered)
    if registration.source == NRD:
        return f"found on a list of newly registered domains of {_ago(age)} ({day}), which may err"
    if registration.source == ISC:
        return f"first met by SANS ISC {_ago(age)} ({day}), and may be older"
    return f"registered {_ago(age)} ({day}, says {registration.source})"


def _re_registered(case: Case, registration: Registration, age: int) -> Reason:
    return _reason(
        "re_registered",
        f"{case.name.registrable} was asked for here since {rfc3339(case.seen.first)} already, and was registered "
        f"{_ago(age)} ({rfc3339(registration.registered)}, says {registration.source}): its owner gave it up, and "
        f"somebody took it, with the trust it had. See what still asks for it, and why.",
        first=rfc3339(case.seen.first),
        age_days=age,
        registered=rfc3339(registration.registered),
        source=registration.source,
    )


def _known_indicator(fact: Fact[Intel]) -> Iterator[Reason]:
    if not isinstance(fact, Known) or not is_bad(fact):
        return
    intel = fact.value
    newest = intel.pulses[0]
    who = ", ".join(dict.fromkeys(pulse.adversary for pulse in intel.pulses if pulse.adversary))
    families = list(dict.fromkeys(family for pulse in intel.pulses for family in pulse.malware_families))
    said = "".join(
        f", {what} {text}" for what, text in (("adversary", who), ("malware", ", ".join(families[:3]))) if text
    )
    number = len(intel.pulses)
    yield _reason(
        "known_indicator",
        f"AlienVault OTX knows it ({intel.verdict}): {number} pulse{'' if number == 1 else 's'}, the newest "
        f"“{newest.name}” by {newest.author} ({(rfc3339(newest.modified or newest.created) or 'undated')[:10]}){said}. "
        f"Read the pulse, see what else the process did, and isolate the endpoint unless it is explained.",
        verdict=str(intel.verdict),
        pulses=[pulse.name for pulse in intel.pulses],
        urls=[pulse.url for pulse in intel.pulses],
        authors=list(dict.fromkeys(pulse.author for pulse in intel.pulses)),
        adversary=who or None,
        malware_families=families,
        attack=list(dict.fromkeys(technique for pulse in intel.pulses for technique in pulse.attack)),
        newest=rfc3339(newest.modified or newest.created),
        checked=rfc3339(intel.checked),
    )


def _nx_burst(case: Case) -> Iterator[Reason]:
    burst = case.burst
    if burst is None or case.asked is None:
        return
    domains, shown = list(burst.domains), 5
    more = f" and {len(domains) - shown} more" if len(domains) > shown else ""
    minutes = 1 + int((burst.until - burst.since) // 60)
    yield _reason(
        "nx_burst",
        f"{case.asked.agent.name} asked for {len(domains)} domains within {minutes} min that don't exist and that it "
        f"had not asked for before: {', '.join(domains[:shown])}{more}. Programs that search for their master by "
        f"generated names do that; a mail server, a crawler or a page of dead links may. Find the program, and what "
        f"else it asked for.",
        names=len(domains),
        minutes=minutes,
        since=rfc3339(burst.since),
        domains=domains,
    )


def _random_name(randomness: Randomness) -> Reason:
    why = ", ".join(randomness.signs) or "its letters follow one another as they seldom do in ordinary names"
    return _reason(
        "random_name",
        f"“{randomness.label}” looks machine-made, {_more_than(randomness)}: {why}. "
        f"See whether the same agent asks for more such names, and which program does.",
        label=randomness.label,
        score=randomness.score,
        threshold=randomness.threshold,
        ordinary_percent=_percent(randomness.share_below),
        signs=list(randomness.signs),
    )


def _weakly_random(randomness: Randomness) -> str:
    """A sentence about a name that bears the weak mark alone."""
    if not randomness.weak or randomness.strong:
        return ""
    why = f": {', '.join(randomness.signs)}" if randomness.signs else ""
    return f" The name looks somewhat machine-made, {_more_than(randomness)}{why}."


def _marks(randomness: Randomness, *, words: bool = False) -> Evidence:
    """Evidence of the marks that a name bears; they make no reason of their own."""
    marks: Evidence = {"random_weak": True} if randomness.weak else {}
    return {**marks, "word_made": True} if words and randomness.word_made else marks


def _more_than(randomness: Randomness) -> str:
    return f"more so than {_percent(randomness.share_below):g} % of ordinary names"


def _percent(share: float) -> float:
    return round(100 * share, 3)


def _reason(code: str, text: str, severity: Severity | None = None, /, **evidence: Value) -> Reason:
    kind = REASONS[code]
    return Reason(code, kind.alone if severity is None else severity, text, kind.attack, evidence)


def _ago(days: int) -> str:
    return "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"


def summary(asked: Asked | None, verdict: Verdict, now: float, *, spread: int = 0) -> str:
    """One line for a rule's description: what, how old, who asked.

    Args:
        asked: the event; None where a name is only looked up.
        verdict: the verdict.
        now: seconds since the epoch, for ages.
        spread: how many agents ask by now, where that is what is told; else 0.
    """
    parts = [f"now {spread} agents"] if spread else []
    parts += [_phrase(reason) for reason in verdict.reasons if reason.code in _PHRASES]
    registration = verdict.registration
    if isinstance(registration, Known) and any(reason.code == "newly_registered" for reason in verdict.reasons):
        born = "registered" if registration.value.source not in {ISC, NRD} else "new"
        parts.append(f"{born} {_ago(registration.value.age_days(now))} ({registration.value.source})")
    elif isinstance(registration, Absent):
        parts.append("unknown to its registry")
    elif registration == QUEUED:
        parts.append("age not asked yet")
    elif "registration" in verdict.missing:
        why = registration.reason if isinstance(registration, Unavailable) else ""
        parts.append(f"age unknown ({why})")
    line = f"{verdict.name}: {', '.join(parts)}"
    if asked is not None:
        line += f"{ASKED_BY}{asked.agent.name}{asked_with(asked.process)}"
    return line


def _phrase(reason: Reason) -> str:
    return _PHRASES[reason.code].format_map(reason.evidence)


_PHRASES = {
    "first_seen": "first seen here",
    "newly_active": "active again after {silent_days} days",
    "random_name": "looks machine-made",
    "alternative_root": "not in the public DNS",
    "unusual_process": "unusual program",
    "re_registered": "registered anew",
    "nx_burst": "one of {names} domains within {minutes} min that don't exist",
    "known_indicator": "known to threat intelligence",
}
