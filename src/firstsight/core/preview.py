"""What an exception would have held back, had it been in force: stored alerts weighed again without what it holds."""

from dataclasses import dataclass, field

from firstsight.core.alerts import Alert
from firstsight.core.exceptions import ExceptionRule, ExceptionRules
from firstsight.core.names import Name
from firstsight.core.policy import hold_by_exceptions, severity_of
from firstsight.core.process import program
from firstsight.core.reasons import REASONS, mask_of
from firstsight.core.verdict import Reason, Severity

# Told after each silence, or to each agent once a window: that the domain was told of before doesn't count for them.
_TOLD_ANEW = mask_of(["newly_active", "nx_burst", "known_indicator"])


@dataclass(slots=True)
class PreviewRow:
    """Alerts of one domain, agent and program that an exception would have changed.

    Attributes:
        domain: registrable domain.
        agent: the agent's name.
        process: the program's file name.
        reasons: codes that it would have held back.
        silenced: alerts that would not have been raised.
        lowered: alerts that would have been raised with fewer reasons.
        severity: the highest of all these alerts.
        last: when the last of them was decided, seconds since the epoch.
    """

    domain: str
    agent: str
    process: str
    reasons: set[str] = field(default_factory=set)
    silenced: int = 0
    lowered: int = 0
    severity: Severity = Severity.NONE
    last: float = 0.0


class Preview:
    """Takes stored alerts in order of decision, from the first on: what was told before decides what is told again.

    It does within a registrable domain: where the exception matches no alert of one, all of them may be left out.

    Counts those `silenced` and `lowered`, and as `known_indicators` those that the exception matches and that are
    raised all the same, as threat intelligence knows their names.

    Args:
        rule: the exception.
        since: alerts decided before are gone through, not counted; seconds since the epoch.
    """

    def __init__(self, rule: ExceptionRule, since: float) -> None:
        self._rules = ExceptionRules([rule])
        self._since = since
        self._told: dict[str, int] = {}
        self._sent: dict[str, Severity] = {}
        self._fallen: set[str] = set()
        self.silenced = 0
        self.lowered = 0
        self.known_indicators = 0
        self._rows: dict[tuple[str, str, str], PreviewRow] = {}

    @property
    def rows(self) -> list[PreviewRow]:
        """What it would have changed, the most alerts first."""
        return sorted(self._rows.values(), key=lambda row: (-row.silenced - row.lowered, row.domain, row.agent))

    def take(self, alert: Alert) -> frozenset[str]:
        """Weigh the next alert; the codes that would have been left of it, none where it would not have been raised.

        A note falls with the alert that it follows. (In its place another may come, of the next agent's alert.)
        """
        verdict, asked, now = alert.verdict, alert.asked, alert.at
        name = Name(verdict.kind, verdict.name, verdict.domain)
        rules = self._rules.matching(name, asked.agent.name, asked.process.image, now)
        kept, _ = hold_by_exceptions(verdict.reasons, rules)
        if alert.is_note:
            stands = alert.follows not in self._fallen and self._severity(alert, kept) is not Severity.NONE
        else:
            stands = not rules or self._stands(alert, kept)
            self._remember(alert, kept, stands=stands)
        codes = frozenset(reason.code for reason in kept)
        if now >= self._since:
            self.known_indicators += bool(rules) and stands and "known_indicator" in codes
            if not stands or len(kept) < len(verdict.reasons):
                self._count(alert, codes if rules else frozenset(), stands=stands)
        return codes if stands else frozenset()

    def _stands(self, alert: Alert, kept: tuple[Reason, ...]) -> bool:
        """Whether what is left of an alert that is no note would have been raised."""
        sent = None if alert.follows is None else self._sent.get(alert.follows)
        if sent is not None:
            return self._severity(alert, kept).rank > sent.rank
        told = self._told.get(alert.verdict.domain, 0) & ~_TOLD_ANEW
        return any(reason.severity is not Severity.NONE and not told & REASONS[reason.code].mask for reason in kept)

    def _remember(self, alert: Alert, kept: tuple[Reason, ...], *, stands: bool) -> None:
        if stands:
            domain, first = alert.verdict.domain, alert.follows or alert.id
            self._told[domain] = self._told.get(domain, 0) | mask_of(reason.code for reason in kept)
            self._sent[first] = self._severity(alert, kept)
            self._fallen.discard(first)
        elif alert.follows is None:
            self._fallen.add(alert.id)

    @staticmethod
    def _severity(alert: Alert, kept: tuple[Reason, ...]) -> Severity:
        randomness = alert.verdict.randomness
        return severity_of(kept, weak=randomness.weak, word_made=randomness.word_made)

    def _count(self, alert: Alert, left: frozenset[str], *, stands: bool) -> None:
        asked, verdict = alert.asked, alert.verdict
        key = (verdict.domain, asked.agent.name, program(asked.process.image))
        row = self._rows.setdefault(key, PreviewRow(*key))
        row.reasons |= {reason.code for reason in verdict.reasons} - left
        row.last = alert.at
        if verdict.severity.rank > row.severity.rank:
            row.severity = verdict.severity
        if stands:
            row.lowered += 1
            self.lowered += 1
        else:
            row.silenced += 1
            self.silenced += 1
