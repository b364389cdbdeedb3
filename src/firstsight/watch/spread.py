"""Tell that a domain which has alerted spreads: at ten, a hundred and a thousand agents."""

from collections.abc import Sequence
from dataclasses import replace

from firstsight.core.alerts import Alert, Asked, note_id
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.judge import summary
from firstsight.core.lens import Lens
from firstsight.core.names import unicode_of
from firstsight.core.policy import Policy, category, hold_by_exceptions, severity_of
from firstsight.core.verdict import Severity
from firstsight.ports import Changes, News, Store


class Spread:
    """Notes: alerts that follow the first one and say how many agents ask by now.

    Args:
        store: read for what was told of a domain.
        lens: says which domains have become popular since.
        policy: thresholds.
        window: for so many seconds after the first alert, in event time; 0 = never.
    """

    def __init__(self, store: Store, lens: Lens, policy: Policy, window: float) -> None:
        self._store = store
        self._lens = lens
        self._policy = policy
        self._window = window

    def tell(self, changes: Changes, asked: Asked, item: News, now: float, exceptions: Sequence[ExceptionRule]) -> None:
        """Add a note to `changes`, where the domain has alerted within the window.

        It repeats the gravest that was told of the domain, and judges nothing anew.

        Args:
            changes: what is decided on the batch so far; its alerts count as told.
            asked: the event that reached the number.
            item: the news of it, with that number in `spread`.
            now: seconds since the epoch.
            exceptions: those that match the event.
        """
        story = self._story(changes, item)
        if not story:
            return
        if self._lens.is_popular(item.name):
            changes.hold("popular")
            return
        first, name = story[0], item.name
        gravest = max(reversed(story), key=lambda alert: alert.verdict.severity.rank)  # the latest of the gravest
        told = gravest.verdict
        reasons, excepted = hold_by_exceptions(told.reasons, exceptions)
        severity = told.severity
        if excepted:
            changes.hold("exception")
            changes.hit(excepted)
            severity = severity_of(reasons, weak=told.randomness.weak, word_made=told.randomness.word_made)
            if severity is Severity.NONE:
                return
        verdict = replace(
            told,
            reasons=reasons,
            severity=severity,
            name=name.fqdn,
            unicode=unicode_of(name.fqdn),
            kind=name.kind,
            seen=item.seen,
        )
        note = replace(
            gravest,
            id=note_id(first.id, item.spread),
            at=now,
            asked=asked,
            verdict=verdict,
            summary=summary(asked, verdict, now, spread=item.spread),
            category=category(verdict.registration, self._policy, now, tenant=name.tenant),
            follows=first.id,
        )
        changes.alerts.append(note)
        changes.hosts.append((name.registrable, name.fqdn))

    def _story(self, changes: Changes, item: News) -> list[Alert]:
        """The domain's oldest alert within the window, and all since; empty where there is none."""
        if not self._window:
            return []
        domain, at = item.name.registrable, item.event.time
        told = [*self._store.alerts_of(domain), *(alert for alert in changes.alerts if alert.verdict.domain == domain)]
        for place, first in enumerate(told):
            if first.follows is None and at - first.asked.time <= self._window:
                return told[place:]
        return []
