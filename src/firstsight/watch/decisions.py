"""Turn news and late facts into what is written: alerts, pending cases, questions. Writes nothing itself."""

from dataclasses import replace
from hashlib import blake2b

from firstsight.core.alerts import Alert, Asked
from firstsight.core.case import Case, Sent
from firstsight.core.events import DnsEvent, Status
from firstsight.core.facts import Fact, Registration, Unavailable
from firstsight.core.judge import judge, summary
from firstsight.core.lens import Lens, has_registration
from firstsight.core.policy import Policy, category, deserves_alert, told_by
from firstsight.core.reasons import mask_of
from firstsight.core.verdict import Verdict
from firstsight.ports import Changes, Clock, News, Pending, Question, Store

NOT_ASKED = Unavailable("not_asked")
PENDING = Unavailable("pending")
OFFLINE = Unavailable("offline")

FOR_AN_ALERT, FOR_THE_RECORD = 0, 2
"""Priorities of questions: an alert waits; nobody waits."""

_DAY = 86400
_NEWLY_ACTIVE = mask_of(["newly_active"])
_MARGIN = 0.5  # an alert that waits leaves this much before its deadline: sending takes time too


class Decisions:
    """What becomes of news.

    Args:
        store: read for stored answers and told reasons; never written here.
        lens: says what names are.
        policy: thresholds.
        clock: the time.
        deadline: seconds that an alert may wait for a missing fact.
        offline: nobody outside may be asked: ages are Unavailable("offline") at once, and no question is kept.
    """

    def __init__(
        self, store: Store, lens: Lens, policy: Policy, clock: Clock, *, deadline: float, offline: bool = False
    ) -> None:
        self._store = store
        self._lens = lens
        self._policy = policy
        self._clock = clock
        self._wait = max(0.0, deadline - _MARGIN)
        self._offline = offline
        self.learnt: dict[str, float] = {}
        """Sources that have learnt, and when their learning ended (event time); noticed at their next news."""

    def on_news(self, source: str, started: float, news: list[News]) -> Changes:
        """Decide on a batch's news.

        Args:
            source: where they come from.
            started: the time of that source's first event.
            news: what is new.
        """
        changes = Changes()
        now = self._clock.now()
        wanted = [self._wants_age(item) for item in news]
        asked_for = {item.name.registered for item, wants in zip(news, wanted, strict=True) if wants}
        answers = self._store.answers(sorted(asked_for)) if asked_for else {}
        if not self._policy.learning(started, news[-1].event.time):
            self.learnt.setdefault(source, self._policy.learnt_at(started))
        for item, wants in zip(news, wanted, strict=True):
            case = self._case(source, started, item, changes)
            if not wants or self._offline:
                self._settle(changes, case, OFFLINE if wants else NOT_ASKED, now, fresh=True)
                continue
            answer = answers.get(item.name.registered)
            fact = PENDING if answer is None else answer.fact
            if answer is None or answer.fresh_until <= now:
                waits = deserves_alert(self._judge(case, fact, now), case)
                priority = FOR_AN_ALERT if waits else FOR_THE_RECORD
                changes.asked.append(Question(item.name.registered, priority, now, now))
            if fact is PENDING:
                self._open(changes, case, now)
            else:
                self._settle(changes, case, fact, now, fresh=True)
        return changes

    def on_answer(self, registered: str, fact: Fact[Registration], changes: Changes) -> Changes:
        """Decide the cases that waited for a domain's registration. `changes` is added to and returned."""
        now = self._clock.now()
        hopeless = isinstance(fact, Unavailable) and fact.retry_at is None
        for pending in self._store.pending(registered):
            waits = pending.due is not None
            if isinstance(fact, Unavailable) and not waits and not hopeless:
                continue
            changes.closed.append(pending.seq)
            self._settle(changes, self._refreshed(pending.case, changes), fact, now, fresh=False)
        return changes

    def on_deadline(self) -> Changes:
        """Decide the cases that have waited long enough, with what is known by now."""
        changes = Changes()
        now = self._clock.now()
        overdue = self._store.overdue(now)
        if not overdue:
            return changes
        answers = self._store.answers(sorted({pending.registered for pending in overdue}))
        for pending in overdue:
            changes.closed.append(pending.seq)
            answer = answers.get(pending.registered)
            fact = PENDING if answer is None else answer.fact
            self._settle(changes, self._refreshed(pending.case, changes), fact, now, fresh=False)
        return changes

    def _wants_age(self, item: News) -> bool:
        """Who is asked for: sighted public names that not everybody asks for."""
        sighted = item.event.status in {Status.ANSWERED, Status.EXISTS}
        return sighted and has_registration(item.name) and not self._is_popular(item)

    def _is_popular(self, item: News) -> bool:
        return any(listing.lookup(item.name) is not None for listing in self._lens.popular)

    def _case(self, source: str, started: float, item: News, changes: Changes) -> Case:
        silent_days = None if item.silent_for is None else int(item.silent_for // _DAY)
        return Case(
            name=item.name,
            seen=item.seen,
            asked=_asked(source, item.event),
            first_here=item.first_here,
            first_for_agent=item.first_for_agent,
            silent_days=silent_days,
            learning=self._policy.learning(started, item.event.time),
            # newly_active is told once a silence: a new silence clears it
            told=_told(item, changes) & ~(_NEWLY_ACTIVE if silent_days is not None else 0),
        )

    def _judge(self, case: Case, fact: Fact[Registration], now: float) -> Verdict:
        return judge(case, self._lens.facts(case.name, fact), self._policy, now).verdict

    def _refreshed(self, case: Case, changes: Changes) -> Case:
        """The case with what has come to be known of its domain since."""
        domain = case.name.registrable
        told = self._store.told(domain) | changes.told.get(domain, 0)
        if case.silent_days is not None:
            told &= ~_NEWLY_ACTIVE
        return replace(case, told=told, seen=self._store.seen([domain]).get(domain, case.seen))

    def _open(self, changes: Changes, case: Case, now: float) -> None:
        """Let a case wait for its registration: with a deadline where an alert would leave without it."""
        judgement = judge(case, self._lens.facts(case.name, PENDING), self._policy, now)
        due = now + self._wait if deserves_alert(judgement.verdict, case) else None
        if judgement.held is not None:
            changes.hold(judgement.held)
        changes.opened.append(Pending(case.name.registered, case, due, now))

    def _settle(self, changes: Changes, case: Case, fact: Fact[Registration], now: float, *, fresh: bool) -> None:
        """Decide a case with what is known; where its age may still come, it waits on for a follow-up."""
        judgement = judge(case, self._lens.facts(case.name, fact), self._policy, now)
        verdict = judgement.verdict
        sent = case.sent
        if fresh and judgement.held is not None:
            changes.hold(judgement.held)
        if deserves_alert(verdict, case):
            alert = self._alert(case, verdict, now)
            changes.alerts.append(alert)
            domain = case.name.registrable
            changes.told[domain] = changes.told.get(domain, 0) | told_by(verdict)
            changes.hosts.append((domain, case.name.fqdn))
            sent = Sent(alert.follows or alert.id, verdict.severity)
        elif fresh and verdict.reasons:
            changes.hold("repeat")
        may_still_come = isinstance(fact, Unavailable) and (fact is PENDING or fact.retry_at is not None)
        if may_still_come:
            changes.opened.append(Pending(case.name.registered, replace(case, sent=sent), None, now))

    def _alert(self, case: Case, verdict: Verdict, now: float) -> Alert:
        asked = case.asked
        if asked is None:
            raise AssertionError("a look-up raises no alert")
        follows = None if case.sent is None else case.sent.alert_id
        return Alert(
            id=_alert_id(case, asked, verdict),
            at=now,
            asked=asked,
            verdict=verdict,
            summary=summary(case, verdict, now),
            category=category(verdict.registration, self._policy, now),
            follows=follows,
        )


def _told(item: News, changes: Changes) -> int:
    return item.told | changes.told.get(item.name.registrable, 0)


def _asked(source: str, event: DnsEvent) -> Asked:
    detail = event.detail()
    return Asked(
        time=event.time,
        source=source,
        event_id=event.event_id,
        status=event.status,
        agent=event.agent,
        process=detail.process,
        computer=event.computer,
        answers=detail.answers,
    )


def _alert_id(case: Case, asked: Asked, verdict: Verdict) -> str:
    """The same event and the same step of its story give the same id, also after a crash."""
    step = "" if case.sent is None else verdict.severity
    parts = (*asked.agent.key, asked.computer, asked.event_id, repr(asked.time), case.name.fqdn, step)
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
