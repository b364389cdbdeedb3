"""What an exception would have held back, had it been in force: stored alerts weighed again without what it holds."""

from dataclasses import dataclass, field

from firstsight.core.alerts import Alert
from firstsight.core.exceptions import ExceptionRule, ExceptionRules
from firstsight.core.names import Name
from firstsight.core.policy import hold_by_exceptions, severity_of
from firstsight.core.process import program
from firstsight.core.reasons import REASONS, mask_of
from firstsight.core.verdict import Severity

# Told once a silence, and once an agent: where it stands in an alert, it was not told before.
_TOLD_ANEW = mask_of(["newly_active", "nx_burst"])


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

    Args:
        rule: the exception.
        since: alerts decided before are gone through, not counted; seconds since the epoch.
    """

    def __init__(self, rule: ExceptionRule, since: float) -> None:
        self._rules = ExceptionRules([rule])
        self._since = since
        self._told: dict[str, int] = {}
        self._sent: dict[str, Severity] = {}
        self.alerts = 0
        self.silenced = 0
        self.lowered = 0
        self._rows: dict[tuple[str, str, str], PreviewRow] = {}

    @property
    def rows(self) -> list[PreviewRow]:
        """What it would have changed, the most alerts first."""
        return sorted(self._rows.values(), key=lambda row: (-row.silenced - row.lowered, row.domain, row.agent))

    def take(self, alert: Alert) -> frozenset[str]:
        """Weigh the next alert; the codes that would have been left of it, none where it would not have been raised."""
        verdict, asked, now = alert.verdict, alert.asked, alert.at
        name = Name(verdict.kind, verdict.name, verdict.domain)
        rules = self._rules.matching(name, asked.agent.name, asked.process.image, now)
        kept, _ = hold_by_exceptions(verdict.reasons, rules)
        codes = frozenset(reason.code for reason in kept)
        severity = severity_of(kept, weak=verdict.randomness.weak, word_made=verdict.randomness.word_made)
        first = alert.follows or alert.id
        told, sent = self._told.get(verdict.domain, 0), self._sent.get(first)
        if not rules:
            stands = True
        elif alert.is_note:
            stands = sent is not None and severity is not Severity.NONE
        elif sent is not None:
            stands = severity.rank > sent.rank
        else:
            told &= ~_TOLD_ANEW
            stands = any(r.severity is not Severity.NONE and not told & REASONS[r.code].mask for r in kept)
        if stands and not alert.is_note:
            self._told[verdict.domain] = self._told.get(verdict.domain, 0) | mask_of(codes)
            self._sent[first] = severity
        if now >= self._since:
            self.alerts += 1
            if len(kept) < len(verdict.reasons):
                self._count(alert, codes, stands=stands)
        return codes if stands else frozenset()

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
