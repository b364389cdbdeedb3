"""Turn news and late facts into what is written: alerts, pending cases, questions. Writes nothing itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b

from firstsight.core.alerts import Alert, Asked
from firstsight.core.case import Case, Sent
from firstsight.core.events import DnsEvent, Status
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import NOT_WANTED, OFFLINE, PENDING, Absent, Fact, Registration, Unavailable
from firstsight.core.judge import Judgement, judge, summary
from firstsight.core.lens import Lens, has_registration
from firstsight.core.names import Name
from firstsight.core.policy import Policy, category, deserves_alert, told_by
from firstsight.core.reasons import HELD_BACK, mask_of
from firstsight.core.verdict import Verdict
from firstsight.ports import Changes, Clock, News, Pending, Question, Store

FOR_AN_ALERT, FOR_THE_RECORD = 0, 2
"""Priorities of questions: an alert waits; nobody waits."""

ABSENT_AGAIN = 6 * 3600.0
"""Registries lag behind names that resolve already: what is absent is asked for again after so many seconds."""

ABSENT_DAYS = 7
"""And for so many days since the event."""

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
        excepted: the exceptions in force that match a name that was asked for so.
    """

    def __init__(
        self,
        store: Store,
        lens: Lens,
        policy: Policy,
        clock: Clock,
        *,
        deadline: float,
        offline: bool = False,
        excepted: Callable[[Name, Asked], Sequence[ExceptionRule]] = lambda _name, _asked: (),
    ) -> None:
        self._store = store
        self._lens = lens
        self._policy = policy
        self._clock = clock
        self._wait = max(0.0, deadline - _MARGIN)
        self._offline = offline
        self._excepted = excepted
        self.learnt: dict[str, float] = {}
        """Sources that have learnt, and when their learning ended (event time); noticed at their next news."""

    def on_news(
        self,
        source: str,
        started: float,
        news: list[News],
        judged: Callable[[DnsEvent, Verdict], None] | None = None,
        *,
        node: str = "",
    ) -> Changes:
        """Decide on a batch's news.

        Args:
            source: where they come from.
            started: the time of that source's first event.
            news: what is new.
            judged: told each event's verdict, as of now.
            node: the cluster's node that handed them over, if one did.
        """
        changes = Changes()
        now = self._clock.now()
        wanted = [self._wants_age(item) for item in news]
        asked_for = {item.name.registered for item, wants in zip(news, wanted, strict=True) if wants}
        answers = self._store.answers(sorted(asked_for)) if asked_for else {}
        if not self._policy.learning(started, news[-1].event.time):
            self.learnt.setdefault(source, self._policy.learnt_at(started))
        for item, wants in zip(news, wanted, strict=True):
            if item.further and not _told(item, changes) & HELD_BACK:
                continue
            asked = _asked(source, node, item.event)
            case = self._case(asked, started, item, changes)
            # An answer that is no longer fresh is none: what was absent then may be a day old now.
            answer = answers.get(item.name.registered)
            fact: Fact[Registration] = OFFLINE if self._offline else PENDING
            if not wants or any(rule.holds_everything for rule in self._excepted(item.name, asked)):
                fact = NOT_WANTED
            elif answer is not None and answer.fresh(now):
                fact = answer.fact
            verdict = (self._open if fact is PENDING else self._settle_news)(changes, case, fact, now)
            if judged is not None:
                judged(item.event, verdict)
        return changes

    def on_answer(self, registered: str, fact: Fact[Registration], changes: Changes) -> Changes:
        """Decide the cases that waited for a domain's registration. `changes` is added to and returned."""
        now = self._clock.now()
        for pending in self._store.pending(registered):
            if pending.due is None and _may_still_come(fact, pending.opened, now):
                if isinstance(fact, Absent):
                    self._ask_again(changes, registered, pending.opened, now)
                continue
            changes.closed.append(pending.seq)
            self._settle(changes, self._refreshed(pending.case, changes), fact, now, pending.opened)
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
            fact = answer.fact if answer is not None and answer.fresh(now) else PENDING
            self._settle(changes, self._refreshed(pending.case, changes), fact, now, pending.opened)
        return changes

    def _wants_age(self, item: News) -> bool:
        """Who is asked for: sighted public names that not everybody asks for."""
        sighted = item.event.status in {Status.ANSWERED, Status.EXISTS}
        return sighted and has_registration(item.name) and not self._is_popular(item)

    def _is_popular(self, item: News) -> bool:
        return any(listing.lookup(item.name) is not None for listing in self._lens.popular)

    def _case(self, asked: Asked, started: float, item: News, changes: Changes) -> Case:
        silent_days = None if item.silent_for is None else int(item.silent_for // _DAY)
        return Case(
            name=item.name,
            seen=item.seen,
            asked=asked,
            first_here=item.first_here,
            first_for_agent=item.first_for_agent,
            silent_days=silent_days,
            learning=self._policy.learning(started, item.event.time),
            # newly_active is told once a silence: a new silence clears it
            told=_told(item, changes) & ~(_NEWLY_ACTIVE if silent_days is not None else 0),
        )

    def _refreshed(self, case: Case, changes: Changes) -> Case:
        """The case with what has come to be known of its domain since."""
        domain = case.name.registrable
        told = self._store.told(domain) | changes.told.get(domain, 0)
        if case.silent_days is not None:
            told &= ~_NEWLY_ACTIVE
        return replace(case, told=told, seen=self._store.seen([domain]).get(domain, case.seen))

    def _open(self, changes: Changes, case: Case, fact: Fact[Registration], now: float) -> Verdict:
        """Ask for a case's registration and let it wait: with a deadline where an alert would leave without it."""
        case, judgement = self._judge(changes, case, fact, now)
        waits = deserves_alert(judgement.verdict, case)
        self._count_held(changes, judgement, told=waits)
        name = case.name.registered
        changes.asked.append(Question(name, FOR_AN_ALERT if waits else FOR_THE_RECORD, now, now))
        changes.opened.append(Pending(name, case, now + self._wait if waits else None, now))
        return judgement.verdict

    def _settle_news(self, changes: Changes, case: Case, fact: Fact[Registration], now: float) -> Verdict:
        """Decide a new case at once, and count what is held back of it."""
        case, judgement = self._judge(changes, case, fact, now)
        self._count_held(changes, judgement, told=deserves_alert(judgement.verdict, case))
        return self._settle_judged(changes, case, judgement.verdict, now, now)

    def _settle(self, changes: Changes, case: Case, fact: Fact[Registration], now: float, opened: float) -> None:
        """Decide a case that has waited."""
        case, judgement = self._judge(changes, case, fact, now)
        self._settle_judged(changes, case, judgement.verdict, now, opened)

    def _judge(self, changes: Changes, case: Case, fact: Fact[Registration], now: float) -> tuple[Case, Judgement]:
        """Judge a case, and count what exceptions hold back: once a case, however often it is judged."""
        rules = () if case.asked is None else self._excepted(case.name, case.asked)
        judgement = judge(case, self._lens.facts(case.name, fact), self._policy, now, rules)
        if fresh := [rule for rule in judgement.excepted if rule not in case.excepted]:
            if not case.excepted:
                changes.hold("exception")
            if not case.told & HELD_BACK:
                domain = case.name.registrable
                changes.told[domain] = changes.told.get(domain, 0) | HELD_BACK
            for rule in fresh:
                changes.hits[rule] = changes.hits.get(rule, 0) + 1
            case = replace(case, excepted=(*case.excepted, *fresh))
        return case, judgement

    @staticmethod
    def _count_held(changes: Changes, judgement: Judgement, *, told: bool) -> None:
        if judgement.held is not None:
            changes.hold(judgement.held)
        if judgement.verdict.reasons and not told:
            changes.hold("repeat")

    def _settle_judged(self, changes: Changes, case: Case, verdict: Verdict, now: float, opened: float) -> Verdict:
        """Decide a judged case; where its age may still come, it waits on for a follow-up."""
        fact = verdict.registration
        sent = case.sent
        if deserves_alert(verdict, case):
            alert = self._alert(case, verdict, now)
            changes.alerts.append(alert)
            domain = case.name.registrable
            changes.told[domain] = changes.told.get(domain, 0) | told_by(verdict)
            changes.hosts.append((domain, case.name.fqdn))
            sent = Sent(alert.follows or alert.id, verdict.severity)
        if _may_still_come(fact, opened, now):
            changes.opened.append(Pending(case.name.registered, replace(case, sent=sent), None, opened))
            if isinstance(fact, Absent):
                self._ask_again(changes, case.name.registered, opened, now)
        return verdict

    @staticmethod
    def _ask_again(changes: Changes, registered: str, opened: float, now: float) -> None:
        changes.asked.append(Question(registered, FOR_THE_RECORD, opened, now + ABSENT_AGAIN))

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


def _may_still_come(fact: Fact[Registration], opened: float, now: float) -> bool:
    """Whether a registration may be known later, of a case opened then."""
    if isinstance(fact, Absent):
        return now - opened < ABSENT_DAYS * _DAY
    return isinstance(fact, Unavailable) and fact.may_still_come


def _told(item: News, changes: Changes) -> int:
    return item.told | changes.told.get(item.name.registrable, 0)


def _asked(source: str, node: str, event: DnsEvent) -> Asked:
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
        node=node,
    )


def _alert_id(case: Case, asked: Asked, verdict: Verdict) -> str:
    """The same event and the same step of its story give the same id, also after a crash."""
    step = "" if case.sent is None else verdict.severity
    parts = (*asked.agent.key, asked.computer, asked.event_id, repr(asked.time), case.name.fqdn, asked.status, step)
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
