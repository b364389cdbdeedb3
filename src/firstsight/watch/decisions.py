"""Turn news and late facts into what is written: alerts, pending cases, questions. Writes nothing itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from firstsight.core.alerts import Alert, Asked
from firstsight.core.bursts import BurstRule
from firstsight.core.case import Case, Sent
from firstsight.core.disguise import EvidenceOf, as_it_is
from firstsight.core.events import Detail, DnsEvent
from firstsight.core.exceptions import Excepted, ExceptionRule
from firstsight.core.facts import PENDING, QUEUED, Absent, Fact, Registration, Unavailable
from firstsight.core.ids import stable_id
from firstsight.core.indicators import is_bad
from firstsight.core.judge import Facts, Judgement, judge, summary
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.policy import Policy, category, deserves_alert, told_by
from firstsight.core.reasons import HELD_BACK, mask_of
from firstsight.core.verdict import Verdict
from firstsight.ports import (
    ABSENT_AGAIN,
    FOR_A_REASON,
    FOR_AN_ALERT,
    FOR_THE_RECORD,
    WHILE_LEARNING,
    Changes,
    Clock,
    News,
    Pending,
    Question,
    Store,
    Subject,
    Topic,
)
from firstsight.watch.anew import Anew
from firstsight.watch.bursts import Bursts, Place
from firstsight.watch.held_back import HeldBack, one_more
from firstsight.watch.marked import MARK, Marked
from firstsight.watch.outside import Answers, IntelRule, Outside, may_still_come
from firstsight.watch.spread import Spread

T = TypeVar("T")

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
        may_wait: whether an answer can be expected within so many seconds; where none can, the alert leaves at once.
        intel: which names threat intelligence is asked about; None: it is not asked.
        offline: nobody outside may be asked: facts are Unavailable("offline") at once, and no question is kept.
        window: see Spread, seconds.
        burst: what is a burst of names that don't exist.
        evidence: gives an event's evidence, people's names as they may be kept.
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
        may_wait: Callable[[Subject, float], bool] = lambda _subject, _seconds: True,
        intel: IntelRule | None = None,
        offline: bool = False,
        window: float = 86400.0,
        burst: BurstRule = BurstRule(),  # noqa: B008  # frozen
        evidence: EvidenceOf = as_it_is,
        excepted: Excepted = lambda _name, _agent, _image: (),
    ) -> None:
        self._store = store
        self._lens = lens
        self._policy = policy
        self._clock = clock
        self._wait = max(0.0, deadline - _MARGIN)
        self._may_wait = may_wait
        self.outside = Outside(store, lens, intel, offline=offline)
        """What outsiders have said."""
        self._marked = Marked(store, window or _DAY)
        self._held = HeldBack(window or _DAY)
        self._spread = Spread(store, lens, policy, window)
        self._evidence = evidence
        self._anew = Anew(store)
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
        answers = self.outside.answers([item.name for item in news], now)
        for item, place in zip(news, places, strict=True):
            judges = self._judges(changes, item, place, answers)
            if not (judges or item.spread):
                continue  # its evidence is not even decoded
            asked = _asked(source, node, item.event, self._evidence(item.event))
            known_bad = one_more(item, place) and is_bad(self.outside.intel(item.name, answers, None))
            if known_bad and self._held.again(changes, item.name, asked, self._matching(item.name, asked)):
                continue
            raised = len(changes.alerts)
            if judges:
                case = place.taken_by(self._case(asked, started, item, changes))
                verdict = self._decide(changes, case, answers, now)
                if judged is not None:
                    judged(item.event, verdict)
            if item.spread and len(changes.alerts) == raised:
                self._spread.tell(changes, asked, item, now, self._matching(item.name, asked))
        return changes

    def on_answer(self, subject: Subject, fact: Fact[Any], changes: Changes) -> Changes:
        """Decide the cases that waited for an answer. `changes` is added to and returned."""
        now = self._clock.now()
        if subject.topic is Topic.INTEL and is_bad(fact):
            domain = self._lens.parse(subject.name).registrable
            changes.told[domain] = changes.told.get(domain, 0) | MARK
        waiting = self._store.pending(subject)
        answers = self.outside.answers([pending.case.name for pending in waiting], now)
        answers.take(subject, fact)
        for pending in waiting:
            if pending.due is None and _comes_later(subject, fact, pending.opened, now):
                if isinstance(fact, Absent):
                    self._ask_again(changes, subject.name, pending.opened, now)
                continue
            changes.closed.append(pending.seq)
            self._decide(changes, self._refreshed(pending.case, changes), answers, now, pending)
        return changes

    def on_deadline(self) -> Changes:
        """Decide the cases that have waited long enough, with what is known by now."""
        changes = Changes()
        now = self._clock.now()
        overdue = self._store.overdue(now)
        if not overdue:
            return changes
        answers = self.outside.answers([pending.case.name for pending in overdue], now)
        for pending in overdue:
            changes.closed.append(pending.seq)
            self._decide(changes, self._refreshed(pending.case, changes), answers, now, pending, lapsed=True)
        return changes

    def _judges(self, changes: Changes, item: News, place: Place, answers: Answers) -> bool:
        """Whether an item is judged: what is known of the domain already only for what may be told of this agent."""
        told = item.told | changes.told.get(item.name.registrable, 0)
        if not item.known or place.begun is not None or told & HELD_BACK:
            return True
        return item.marked and self._deserves(changes, item, answers)

    def _matching(self, name: Name, asked: Asked) -> Sequence[ExceptionRule]:
        return self._excepted(name, asked.agent.name, asked.process.image)

    def _deserves(self, changes: Changes, item: News, answers: Answers) -> bool:
        """Whether one more event of a domain that threat intelligence knows deserves to be judged."""
        if not is_bad(self.outside.intel(item.name, answers, None)):
            return False  # what is known is another host name under it
        if self._marked.told(changes, item.name.registrable, item.event):
            changes.hold("repeat")
            return False
        return True

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
            told=self._told(changes, item.told, item.name.registrable, asked, silent_days),
        )

    def _refreshed(self, case: Case, changes: Changes) -> Case:
        """The case with what has come to be known of its domain since."""
        domain = case.name.registrable
        told = self._store.told(domain)
        if case.asked is not None:
            told = self._told(changes, told, domain, case.asked, case.silent_days)
        return replace(case, told=told, seen=self._store.seen([domain]).get(domain, case.seen))

    def _told(self, changes: Changes, told: int, domain: str, asked: Asked, silent_days: int | None) -> int:
        """Mask of what is not told again of a case, out of what has been told of its domain."""
        told |= changes.told.get(domain, 0)
        if silent_days is not None:  # newly_active is told once a silence: a new silence clears it
            told &= ~_NEWLY_ACTIVE
        if told & MARK and not self._marked.told(changes, domain, asked):
            told &= ~MARK
        return told

    def _decide(
        self,
        changes: Changes,
        case: Case,
        answers: Answers,
        now: float,
        waiting: Pending | None = None,
        *,
        lapsed: bool = False,
    ) -> Verdict:
        """Decide a case as far as can be: ask for what it lacks, and alert now, or wait for that with a deadline.

        An alert waits as long as anything that it lacks can be expected in time. Where that can't be, or where the
        case raises nothing yet, the case waits on, for a follow-up.

        Args:
            changes: added to.
            case: the case.
            answers: what outsiders have said.
            now: seconds since the epoch.
            waiting: the case as it has waited so far; None where it is new.
            lapsed: it has waited long enough.
        """
        rules = () if case.asked is None else self._matching(case.name, case.asked)
        registration = self.outside.registration(case, answers, rules)
        case, judgement = self._judge(changes, case, answers, registration, rules, now)
        verdict = judgement.verdict
        case = self._anew.as_told(case, verdict, changes)
        alerts = deserves_alert(verdict, case)
        opened, due, before = now, now + self._wait, frozenset[Subject]()
        if waiting is None:
            self._count_held(changes, judgement, told=alerts)
        else:
            opened, due, before = waiting.opened, waiting.due or due, frozenset(waiting.lacks)
        lacking = self.outside.lacking(case.name, registration, verdict, answers)
        in_time = [item for item in lacking if alerts and not lapsed and self._may_wait(item, due - now)]
        for item in lacking:
            if item not in before:
                priority = _priority(verdict, case, waits=item in in_time)
                changes.asked.append(Question(item.name, priority, now, now, topic=item.topic))
        for item in self.outside.stale(case.name, verdict, answers):
            changes.asked.append(Question(item.name, FOR_THE_RECORD, now, now, topic=item.topic))
        sent = case.sent
        if alerts and not in_time:
            sent = self._send(changes, case, verdict if lapsed else self._unasked(case, verdict, rules, now), now)
        if waiting is not None and waiting.due is not None and not in_time:
            changes.eased += waiting.lacks
        later = may_still_come(registration, opened, now)
        if awaited := self.outside.awaited(case.name, verdict, answers, registration=later):
            deadline = due if in_time else None
            changes.opened.append(Pending(tuple(awaited), replace(case, sent=sent), deadline, opened))
        if later and isinstance(registration, Absent):
            self._ask_again(changes, case.name.registered, opened, now)
        return verdict

    def _judge(
        self,
        changes: Changes,
        case: Case,
        answers: Answers,
        registration: Fact[Registration],
        rules: Sequence[ExceptionRule],
        now: float,
    ) -> tuple[Case, Judgement]:
        """Judge a case, and count what exceptions hold back: once a case, however often it is judged.

        Whether threat intelligence is asked depends on what else stands against the name, excepted or not: what it
        tells is held back only where an exception names it.
        """
        facts = self._lens.facts(case.name, registration, self.outside.intel(case.name, answers, None))
        judgement = judge(case, facts, self._policy, now)
        wanted = self.outside.intel(case.name, answers, judgement.verdict)
        if rules or wanted != facts.intel:
            judgement = judge(case, replace(facts, intel=wanted), self._policy, now, rules)
        if fresh := tuple(rule for rule in judgement.excepted if rule not in case.excepted):
            if not case.excepted:
                changes.hold("exception")
            if not case.told & HELD_BACK:
                domain = case.name.registrable
                changes.told[domain] = changes.told.get(domain, 0) | HELD_BACK
            changes.hit(fresh)
            if is_bad(facts.intel):
                self._held.note(case, rules, fresh)
            case = replace(case, excepted=(*case.excepted, *fresh))
        return case, judgement

    def _unasked(self, case: Case, verdict: Verdict, rules: Sequence[ExceptionRule], now: float) -> Verdict:
        """The verdict of an alert that leaves before anybody was asked."""
        registration, intel = _unasked(verdict.registration), _unasked(verdict.intel)
        if registration is verdict.registration and intel is verdict.intel:
            return verdict
        facts = Facts(registration, verdict.popularity, intel, verdict.randomness)
        return judge(case, facts, self._policy, now, rules).verdict

    @staticmethod
    def _count_held(changes: Changes, judgement: Judgement, *, told: bool) -> None:
        if judgement.held is not None:
            changes.hold(judgement.held)
        if judgement.verdict.reasons and not told:
            changes.hold("repeat")

    def _send(self, changes: Changes, case: Case, verdict: Verdict, now: float) -> Sent:
        """Let an alert leave."""
        alert = self._alert(case, verdict, now)
        changes.alerts.append(alert)
        domain, told = case.name.registrable, told_by(verdict)
        changes.told[domain] = changes.told.get(domain, 0) | told
        if told & MARK:
            self._marked.tell(changes, domain, alert.asked)
        changes.hosts.append((domain, case.name.fqdn))
        self._anew.note(verdict, changes)
        return Sent(alert.follows or alert.id, verdict.severity)

    @staticmethod
    def _ask_again(changes: Changes, registered: str, opened: float, now: float) -> None:
        again = ABSENT_AGAIN if now - opened < ABSENT_AGAIN else _DAY
        changes.asked.append(Question(registered, FOR_THE_RECORD, opened, now + again))

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
            category=category(verdict.registration, self._policy, now, tenant=case.name.tenant),
            follows=follows,
        )


def _comes_later(subject: Subject, fact: Fact[Any], opened: float, now: float) -> bool:
    """Whether an answer leaves a case that was opened then as it is: it may yet come to another."""
    if subject.topic is Topic.REGISTRATION:
        return may_still_come(fact, opened, now)
    return isinstance(fact, Unavailable) and fact.may_still_come


def _unasked(fact: Fact[T]) -> Fact[T]:
    return QUEUED if fact == PENDING else fact


def _priority(verdict: Verdict, case: Case, *, waits: bool) -> int:
    """How urgent a case's question is."""
    if waits:
        return FOR_AN_ALERT
    if verdict.reasons:
        return FOR_A_REASON
    return WHILE_LEARNING if case.learning else FOR_THE_RECORD


def _asked(source: str, node: str, event: DnsEvent, detail: Detail) -> Asked:
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
    return stable_id(*parts, at=asked.time)
