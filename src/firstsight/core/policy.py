"""What deserves an alert: thresholds, and what is held back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firstsight.core.case import Case
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import Known, Registration
from firstsight.core.reasons import REASONS, mask_of
from firstsight.core.verdict import Reason, Severity, Verdict

_DAY = 86400

SPREAD_STEPS = frozenset({10, 100, 1000})
"""Numbers of agents that are told of, once each, when an alerted domain spreads."""

LEARNT = frozenset({"first_seen", "first_seen_agent", "newly_active"})
"""What the learning period holds back; young, random and known-bad names alert from the first minute."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds, in days.

    Attributes:
        new_days: a domain younger than this is newly registered.
        very_new_days: younger than this it is high alone.
        learning_days: how long a source learns, counted from its first event in event time.
        established_days: from this age on the original's clients read ESTABLISHED.
    """

    new_days: int = 30
    very_new_days: int = 7
    learning_days: float = 14
    established_days: int = 730

    def learning(self, started: float, at: float) -> bool:
        """Whether a source that saw its first event at `started` is still learning at `at` (event times)."""
        return self.learning_days > 0 and at < self.learnt_at(started)

    def learnt_at(self, started: float) -> float:
        """When that source's learning ends, in event time."""
        return started + self.learning_days * _DAY


def category(registration: object, policy: Policy, now: float, *, tenant: bool) -> str:
    """NEW, ESTABLISHED or UNKNOWN: the word the original's clients know for a domain's age.

    Args:
        registration: the fact.
        policy: thresholds.
        now: seconds since the epoch.
        tenant: the domain is rented under a registered one, and the age is that one's: however old, it does not show
            that who rents there is established.
    """
    if isinstance(registration, Known) and isinstance(registration.value, Registration):
        if registration.value.age_days(now) > policy.established_days:
            return "UNKNOWN" if tenant else "ESTABLISHED"
        if not registration.value.at_least:
            return "NEW"
    return "UNKNOWN"


def severity_of(reasons: tuple[Reason, ...], *, weak: bool, word_made: bool = False) -> Severity:
    """The severity of all reasons together.

    The highest alone; one step up, never two, for two reasons of at least medium, or for a first-seen domain that is
    also newly registered or looks random (the weak mark lifts a young one too). A name that is put together of words
    lifts a young domain, and one of many that don't exist; alone it says nothing. One more for an unusual process.
    Never above high without a known indicator or an unusual process. Where nothing alerts alone there is none.

    Args:
        reasons: the reasons that stand.
        weak: the name bears the weak random mark.
        word_made: the name looks put together of words.
    """
    top = max((reason.severity.rank for reason in reasons), default=0)
    if top == 0:
        return Severity.NONE
    codes = {reason.code: reason.severity for reason in reasons}
    grave = sum(severity.rank >= Severity.MEDIUM.rank for severity in codes.values())
    first, young = "first_seen" in codes, codes.get("newly_registered")
    lifted = first and (young is Severity.MEDIUM or "random_name" in codes)
    lifted = lifted or (weak and (first or young is not None))
    lifted = lifted or (word_made and (young is not None or "nx_burst" in codes))
    if grave >= 2 or lifted:  # noqa: PLR2004  # two reasons
        top += 1
    if "unusual_process" in codes:
        top += 1
    elif "known_indicator" not in codes:
        top = min(top, Severity.HIGH.rank)
    return Severity.at(top)


def hold_back(reasons: tuple[Reason, ...], case: Case, *, popular: bool) -> tuple[tuple[Reason, ...], str | None]:
    """Split what stands from what is held back.

    Returns:
        The reasons that stand, and why others do not: `popular`, `nx_burst`, `learning`, or None.
    """
    if popular:
        kept = tuple(reason for reason in reasons if reason.code == "known_indicator")
        return kept, "popular" if len(kept) < len(reasons) else None
    if case.in_burst and any(reason.code == "random_name" for reason in reasons):
        # Asked in vain: nothing of it is learnt, hence nothing else is held back.
        return tuple(reason for reason in reasons if reason.code != "random_name"), "nx_burst"
    if case.learning:
        kept = _what_still_counts(reason for reason in reasons if reason.code not in LEARNT)
        return kept, "learning" if len(kept) < len(reasons) else None
    return reasons, None


def hold_by_exceptions(
    reasons: tuple[Reason, ...], exceptions: Sequence[ExceptionRule]
) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """Split what stands from what exceptions hold back.

    Args:
        reasons: what was left by `hold_back`.
        exceptions: those that match the case.

    Returns:
        The reasons that stand, and the ids of the exceptions that hold one of the others.
    """
    ids = tuple(rule.id for rule in exceptions if any(rule.holds(reason.code) for reason in reasons))
    if not ids:
        return reasons, ()
    return _what_still_counts(r for r in reasons if not any(rule.holds(r.code) for rule in exceptions)), ids


def _what_still_counts(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """An unusual program is unusual for a domain that is first seen or young: without these it counts for nothing."""
    kept = tuple(reasons)
    if any(reason.code in {"first_seen", "newly_registered"} for reason in kept):
        return kept
    return tuple(reason for reason in kept if reason.code != "unusual_process")


def deserves_alert(verdict: Verdict, case: Case) -> bool:
    """Whether a verdict leaves the house: a reason that alerts alone and has not alerted for this domain yet;
    or, where the case has led to an alert, a higher severity than that one said.
    """  # noqa: D205  # one sentence of two cases
    if case.sent is not None:
        return verdict.severity.rank > case.sent.severity.rank
    told = case.told
    return any(r.severity is not Severity.NONE and not told & REASONS[r.code].mask for r in verdict.reasons)


def told_by(verdict: Verdict) -> int:
    """Mask of the reasons that an alert of this verdict tells."""
    return mask_of(reason.code for reason in verdict.reasons)
