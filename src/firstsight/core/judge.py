"""Judge a case: gather every reason the facts give, hold back what policy says, weigh the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firstsight.core.case import Case
from firstsight.core.events import Status
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import NOT_WANTED, Absent, Fact, Intel, Known, Popularity, Registration, Unavailable
from firstsight.core.names import Kind, unicode_of
from firstsight.core.policy import Policy, hold_back, hold_by_exceptions, severity_of
from firstsight.core.process import program, unusual
from firstsight.core.reasons import REASONS
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Randomness, Reason, Severity, Verdict

ALTERNATIVE_ROOTS = frozenset("bazar bit coin crypto emc eth i2p lib loki nft onion snode wallet x zil".split())
"""Roots outside the public DNS: Tor, I2P, Namecoin, Emercoin, ENS, Unstoppable Domains, Lokinet."""

NOT_MISSED = frozenset({"off", NOT_WANTED.reason})
"""Reasons of an Unavailable fact that no verdict lacks."""


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
        held: `popular` or `learning`.
        excepted: ids of the exceptions that held back what these two had left.
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
        severity=severity_of(reasons, weak=facts.randomness.weak),
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
    sighted = case.asked is None or case.asked.status in {Status.ANSWERED, Status.EXISTS}
    young = False
    if sighted and isinstance(facts.registration, Known):
        age = facts.registration.value.age_days(now)
        young = age < policy.new_days
        if young:
            yield _newly_registered(facts.registration.value, age, policy)
    if facts.randomness.low:
        yield _random_name(case, facts.randomness)
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
        yield _first_seen(case)
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


def _first_seen(case: Case) -> Reason:
    seen, domain = case.seen, case.name.registrable
    looked_up = ""
    if seen.looked_up is not None and seen.first is not None and seen.looked_up <= seen.first:
        looked_up = f" (it had been looked up here on {rfc3339(seen.looked_up)})"
    return _reason(
        "first_seen",
        f"Nobody here had asked for {domain} before{looked_up}. New is not bad: see who asked, and what else "
        f"that process did.",
        first=rfc3339(seen.first),
        agents=seen.agents,
        looked_up=rfc3339(seen.looked_up),
    )


def _newly_registered(registration: Registration, age: int, policy: Policy) -> Reason:
    return _reason(
        "newly_registered",
        f"The domain was registered {_ago(age)} ({rfc3339(registration.registered)}, says {registration.source}). "
        f"Most domains used in attacks are this young; check what page or file led there.",
        severity=Severity.HIGH if age < policy.very_new_days else None,
        age_days=age,
        registered=rfc3339(registration.registered),
        source=registration.source,
        checked=rfc3339(registration.checked),
    )


def _random_name(case: Case, randomness: Randomness) -> Reason:
    average, word = randomness.freq or (0.0, 0.0)
    return _reason(
        "random_name",
        f"“{case.name.label}” looks machine-made: its letters follow one another as they seldom do in ordinary "
        f"names. See whether the same agent asks for more such names, and which program does.",
        label=case.name.label,
        average=average,
        word=word,
    )


def _reason(
    code: str, text: str, *, severity: Severity | None = None, **evidence: str | float | bool | list[str] | None
) -> Reason:
    kind = REASONS[code]
    return Reason(code, kind.alone if severity is None else severity, text, kind.attack, evidence)


def _ago(days: int) -> str:
    return "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"


def summary(case: Case, verdict: Verdict, now: float) -> str:
    """One line for a rule's description: what, how old, who asked."""
    parts = [_PHRASES[reason.code] for reason in verdict.reasons if reason.code in _PHRASES]
    registration = verdict.registration
    if isinstance(registration, Known) and any(reason.code == "newly_registered" for reason in verdict.reasons):
        parts.append(f"registered {_ago(registration.value.age_days(now))} ({registration.value.source})")
    elif isinstance(registration, Absent):
        parts.append("unknown to its registry")
    elif "registration" in verdict.missing:
        why = registration.reason if isinstance(registration, Unavailable) else ""
        parts.append(f"age unknown ({why})")
    line = f"{verdict.name}: {', '.join(parts)}"
    if case.asked is not None:
        who = ", ".join(filter(None, (program(case.asked.process.image), case.asked.process.user)))
        line += f"; asked by {case.asked.agent.name}" + (f" ({who})" if who else "")
    return line


_PHRASES = {
    "first_seen": "first seen here",
    "newly_active": "active again after a long silence",
    "random_name": "looks machine-made",
    "alternative_root": "not in the public DNS",
    "unusual_process": "unusual program",
    "re_registered": "registered anew",
    "nx_burst": "one of many names that don't exist",
    "known_indicator": "known to threat intelligence",
}
