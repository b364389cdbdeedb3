"""What outsiders have said of names so far, and what they are still to be asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from firstsight.core.case import Case
from firstsight.core.events import Status
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import NOT_WANTED, OFF, OFFLINE, PENDING, Absent, Fact, Intel, Registration, Unavailable
from firstsight.core.indicators import is_bad, told_by
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.verdict import Verdict
from firstsight.ports import Answer, Store, Subject, Topic

ABSENT_DAYS = 7
"""Registries lag behind names that resolve already: what is absent is asked for again for so many days."""

_DAY = 86400.0
_FIRST_SIGHTS = frozenset({"first_seen", "first_seen_agent"})


@dataclass(frozen=True, slots=True)
class IntelRule:
    """Which names threat intelligence is asked about.

    Attributes:
        everything: all that is news; else what has a reason beside a first sight.
    """

    everything: bool = False

    def wants(self, verdict: Verdict) -> bool:
        """Whether a name is asked about, by what else stands against it."""
        return self.everything or any(reason.code not in _FIRST_SIGHTS for reason in verdict.reasons)


class Answers:
    """Answers of the moment to what is asked about some names.

    Args:
        registrations: stored answers, by registered domain.
        intel: stored answers, by name asked about.
        now: seconds since the epoch.
    """

    def __init__(
        self, registrations: Mapping[str, Answer[Registration]], intel: Mapping[str, Answer[Intel]], now: float
    ) -> None:
        # An answer that is no longer fresh is none: what was absent then may be a day old now.
        self.registrations = {name: answer.fact for name, answer in registrations.items() if answer.fresh(now)}
        # But what was bad stays bad until it is said otherwise: a dead OTX makes nothing clean.
        self.intel = {name: answer.fact for name, answer in intel.items() if answer.fresh(now) or is_bad(answer.fact)}
        self.stale = {name for name, answer in intel.items() if not answer.fresh(now)}

    def take(self, subject: Subject, fact: Fact[Any]) -> None:
        """Take an answer that comes now, and is not stored yet."""
        (self.intel if subject.topic is Topic.INTEL else self.registrations)[subject.name] = fact


class Outside:
    """Puts together what outsiders say of a case's name.

    Args:
        store: the stored answers.
        lens: says which names have a registration to ask for.
        intel: which names threat intelligence is asked about; None: it is not asked.
        offline: nobody outside may be asked.
    """

    def __init__(self, store: Store, lens: Lens, intel: IntelRule | None, *, offline: bool) -> None:
        self._store = store
        self._lens = lens
        self._rule = intel
        self._unknown = OFFLINE if offline else PENDING

    def answers(self, names: Iterable[Name], now: float) -> Answers:
        """What is stored of names."""
        names = list(names)
        registered = sorted({name.registered for name in names if name.registered})
        indicators = sorted({indicator for name in names for indicator in self._indicators(name)})
        return Answers(
            self._store.answers(registered) if registered else {},
            self._store.intel(indicators) if indicators else {},
            now,
        )

    def registration(self, case: Case, answers: Answers, exceptions: Sequence[ExceptionRule]) -> Fact[Registration]:
        """The registration of a case's name; asked are sighted public names that not everybody asks for.

        Nor where an exception holds back what an age could tell. Threat intelligence is asked all the same: what it
        tells is held back only by exceptions that name it.

        Args:
            case: the case.
            answers: what is stored.
            exceptions: those that match the case.
        """
        asked = case.asked
        sighted = asked is None or asked.status in {Status.ANSWERED, Status.EXISTS}
        if not sighted or not self._lens.wants_age(case.name) or any(rule.holds_sightings for rule in exceptions):
            return NOT_WANTED
        return answers.registrations.get(case.name.registered, self._unknown)

    def intel(self, name: Name, answers: Answers, verdict: Verdict | None) -> Fact[Intel]:
        """What threat intelligence says of a name.

        Args:
            name: the name.
            answers: what is stored.
            verdict: what else stands against it, which decides whether it is asked about; None: not yet known.
        """
        if self._rule is None:
            return OFF
        indicators = self._indicators(name)
        known = told_by([answers.intel.get(indicator) for indicator in indicators])
        if known is not None:
            return known
        if not indicators or verdict is None or not self._rule.wants(verdict):
            return NOT_WANTED
        return self._unknown

    def lacking(
        self, name: Name, registration: Fact[Registration], verdict: Verdict, answers: Answers
    ) -> list[Subject]:
        """What has to be asked for a verdict: nothing stored tells it.

        Args:
            name: the name.
            registration: as `registration` tells it: what a list says of an age, as in the verdict, is no answer.
            verdict: the verdict.
            answers: what is stored.
        """
        lacking = []
        if registration == PENDING:
            lacking.append(Subject(Topic.REGISTRATION, name.registered))
        if verdict.intel == PENDING:
            missing = [indicator for indicator in self._indicators(name) if indicator not in answers.intel]
            lacking += [Subject(Topic.INTEL, indicator) for indicator in missing]
        return lacking

    def awaited(self, name: Name, verdict: Verdict, answers: Answers, *, registration: bool) -> list[Subject]:
        """What may yet be answered of a name: what is lacking, and what is asked for again.

        Args:
            name: the name.
            verdict: the verdict.
            answers: what is stored.
            registration: whether that may still come.
        """
        awaited = []
        if registration:
            awaited.append(Subject(Topic.REGISTRATION, name.registered))
        if isinstance(verdict.intel, Unavailable) and verdict.intel.may_still_come:
            facts = {indicator: answers.intel.get(indicator, PENDING) for indicator in self._indicators(name)}
            awaited += [
                Subject(Topic.INTEL, indicator)
                for indicator, fact in facts.items()
                if isinstance(fact, Unavailable) and fact.may_still_come
            ]
        return awaited

    def stale(self, name: Name, verdict: Verdict, answers: Answers) -> list[Subject]:
        """What a verdict rests on though it is no longer fresh."""
        if not is_bad(verdict.intel) or self._unknown == OFFLINE:
            return []
        return [Subject(Topic.INTEL, indicator) for indicator in self._indicators(name) if indicator in answers.stale]

    def _indicators(self, name: Name) -> tuple[str, ...]:
        return () if self._rule is None else self._lens.indicators(name)


def may_still_come(registration: Fact[Registration], opened: float, now: float) -> bool:
    """Whether a registration may be known later, of a case opened then."""
    if isinstance(registration, Absent):
        return now - opened < ABSENT_DAYS * _DAY
    return isinstance(registration, Unavailable) and registration.may_still_come
