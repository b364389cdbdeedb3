"""Turn news and late facts into what is written: alerts, pending cases, questions. Writes nothing itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from firstsight.core.alerts import Alert, Asked
from firstsight.core.bursts import BurstRule
from firstsight.core.case import Case, Sent
from firstsight.core.events import DnsEvent, Status
from firstsight.core.exceptions import Excepted, ExceptionRule
from firstsight.core.facts import NOT_WANTED, OFFLINE, PENDING, QUEUED, Absent, Fact, Registration, Unavailable
from firstsight.core.ids import stable_id
from firstsight.core.judge import Judgement, judge, summary
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.policy import Policy, category, deserves_alert, told_by
from firstsight.core.privacy import without_user
from firstsight.core.reasons import HELD_BACK, mask_of
from firstsight.core.verdict import Verdict
from firstsight.ports import (
    FOR_A_REASON,
    FOR_AN_ALERT,
    FOR_THE_RECORD,
    WHILE_LEARNING,
    Answer,
    Changes,
    Clock,
    News,
    Pending,
    Question,
    Store,
)
from firstsight.watch.bursts import Bursts, Place
from firstsight.watch.spread import Spread

ABSENT_AGAIN = 6 * 3600.0
"""Registries lag behind names that resolve already: what is absent is asked for again after so many seconds."""

ABSENT_DAYS = 7
"""And for so many days since the event."""

_DAY = 86400
_NEWLY_ACTIVE, _NX_BURST = mask_of(["newly_active"]), mask_of(["nx_burst"])
_MARGIN = 0.5  # an alert that waits leaves this much before its deadline: sending takes time too


class Decisions:
    """What becomes of news.

    Args:
        store: read for stored answers and told reasons; never written here.
        lens: says what names are.
        policy: thresholds.
        clock: the time.
        deadline: seconds that an alert may wait for a missing fact.
        may_wait: whether a registered domain's answer can be expected within so many seconds; where not, its alert
            leaves at once.
        offline: nobody outside may be asked: ages are Unavailable("offline") at once, and no question is kept.
        window: see Spread, seconds.
        burst: what is a burst of names that don't exist.
        users: whether alerts say which user asked.
        excepted: the exceptions in force.
    """

    def __init__(
        self,
        store: Store,
        lens: Lens,
        policy: Policy,
        clock: Clock,
        *,
        deadline: float,
        may_wait: Callable[[str, float], bool] = lambda _registered, _seconds: True,
        offline: bool = False,
        window: float = 86400.0,
        burst: BurstRule = BurstRule(),  # noqa: B008  # frozen
        users: bool = True,
        excepted: Excepted = lambda _name, _agent, _image: (),
    ) -> None:
        self._store = store
        self._lens = lens
        self._policy = policy
        self._clock = clock
        self._wait = max(0.0, deadline - _MARGIN)
        self._may_wait = may_wait
        self._offline = offline
        self._spread = Spread(store, lens, policy, window)
        self._users = users
        self._bursts = Bursts(store, lens, burst, excepted)
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
        if self._policy.learning_days and not self._policy.learning(started, news[-1].event.time):
            self.learnt.setdefault(source, self._policy.learnt_at(started))
        places = [self._bursts.take(changes, item) for item in news]
        wanted = [self._wants_age(item) for item in news]
        asked_for = {item.name.registered for item, wants in zip(news, wanted, strict=True) if wants}
        answers = self._store.answers(sorted(asked_for)) if asked_for else {}
        for item, place, wants in zip(news, places, wanted, strict=True):
            judges = not item.known or place.begun is not None or _told(item, changes) & HELD_BACK
            if not (judges or item.spread):
                continue
            asked = _asked(source, node, item.event, users=self._users)
            raised = len(changes.alerts)
            if judges:
                case = _within(self._case(asked, started, item, changes), place)
                answer = answers.get(item.name.registered)
                fact = self._age_at_hand(item.name, asked, answer, now) if wants else NOT_WANTED
                opens = fact is PENDING
                verdict = self._open(changes, case, now) if opens else self._settle_news(changes, case, fact, now)
                if judged is not None:
                    judged(item.event, verdict)
            if item.spread and len(changes.alerts) == raised:
                self._spread.tell(changes, asked, item, now, self._matching(item.name, asked))
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
            changes.eased.append(pending.registered)
            answer = answers.get(pending.registered)
            fact = answer.fact if answer is not None and answer.fresh(now) else PENDING
            self._settle(changes, self._refreshed(pending.case, changes), fact, now, pending.opened)
        return changes

    def _age_at_hand(self, name: Name, asked: Asked, answer: Answer | None, now: float) -> Fact[Registration]:
        """What is known without asking of an age that is wanted, unless its case is excepted."""
        if any(rule.holds_sightings for rule in self._matching(name, asked)):
            return NOT_WANTED
        # An answer that is no longer fresh is none: what was absent then may be a day old now.
        if answer is not None and answer.fresh(now):
            return answer.fact
        return OFFLINE if self._offline else PENDING

    def _matching(self, name: Name, asked: Asked) -> Sequence[ExceptionRule]:
        return self._excepted(name, asked.agent.name, asked.process.image)

    def _wants_age(self, item: News) -> bool:
        """Who is asked for: sighted public names that not everybody asks for."""
        sighted = item.event.status in {Status.ANSWERED, Status.EXISTS}
        return sighted and self._lens.wants_age(item.name)

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

    def _open(self, changes: Changes, case: Case, now: float) -> Verdict:
        """Ask for a case's registration and let it wait: with a deadline where an alert would leave without it.

        Where no answer can be expected by then, the alert leaves at once.
        """
        case, judgement = self._judge(changes, case, PENDING, now)
        name, alerts = case.name.registered, deserves_alert(judgement.verdict, case)
        waits = alerts and self._may_wait(name, self._wait)
        changes.asked.append(Question(name, _priority(judgement.verdict, case, waits=waits), now, now))
        if alerts and not waits:
            return self._settle_news(changes, case, QUEUED, now)
        self._count_held(changes, judgement, told=alerts)
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
        rules = () if case.asked is None else self._matching(case.name, case.asked)
        judgement = judge(case, self._lens.facts(case.name, fact), self._policy, now, rules)
        if fresh := tuple(rule for rule in judgement.excepted if rule not in case.excepted):
            if not case.excepted:
                changes.hold("exception")
            if not case.told & HELD_BACK:
                domain = case.name.registrable
                changes.told[domain] = changes.told.get(domain, 0) | HELD_BACK
            changes.hit(fresh)
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
            summary=summary(asked, verdict, now),
            category=category(verdict.registration, self._policy, now),
            follows=follows,
        )


def _may_still_come(fact: Fact[Registration], opened: float, now: float) -> bool:
    """Whether a registration may be known later, of a case opened then."""
    if isinstance(fact, Absent):
        return now - opened < ABSENT_DAYS * _DAY
    return isinstance(fact, Unavailable) and fact.may_still_come


def _within(case: Case, place: Place) -> Case:
    """The case and its agent's burst. A burst is told once an agent, not once a domain: `told` doesn't count for it."""
    if place.begun is not None:
        return replace(case, burst=place.begun, told=case.told & ~_NX_BURST)
    return replace(case, in_burst=True) if place.goes_on else case


def _priority(verdict: Verdict, case: Case, *, waits: bool) -> int:
    """How urgent a case's question is."""
    if waits:
        return FOR_AN_ALERT
    if verdict.reasons:
        return FOR_A_REASON
    return WHILE_LEARNING if case.learning else FOR_THE_RECORD


def _told(item: News, changes: Changes) -> int:
    return item.told | changes.told.get(item.name.registrable, 0)


def _asked(source: str, node: str, event: DnsEvent, *, users: bool) -> Asked:
    detail = event.detail()
    return Asked(
        time=event.time,
        source=source,
        event_id=event.event_id,
        status=event.status,
        agent=event.agent,
        process=detail.process if users else without_user(detail.process),
        computer=event.computer,
        answers=detail.answers,
        node=node,
    )


def _alert_id(case: Case, asked: Asked, verdict: Verdict) -> str:
    """The same event and the same step of its story give the same id, also after a crash."""
    step = "" if case.sent is None else verdict.severity
    parts = (*asked.agent.key, asked.computer, asked.event_id, repr(asked.time), case.name.fqdn, asked.status, step)
    return stable_id(*parts, at=asked.time)
