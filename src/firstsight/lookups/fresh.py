"""Ask outsiders for what is not known or no longer fresh: stored answers, one flight a name, an orderly queue."""

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog

from firstsight.core.errors import StoreError
from firstsight.core.facts import OFFLINE, PENDING, Absent, Fact, Known, Registration, Unavailable
from firstsight.ports import Answer, Changes, Clock, Question, Registry, Store

log = structlog.get_logger()

NOW = 0
"""Priority of a question that somebody waits for."""

_DAY = 86400.0
_BACK_OFF = 60.0
_BACK_OFF_MOST = 6 * 3600.0
_TRIES_MOST = 30
_STORE_REST = 2.0
_IN_HAND_MOST = 10_000
_IN_HAND_AT_ONCE = 100
_OUT = frozenset({"timeout", "refused", "unreachable", "reset", "tls"})
_OUT_MANY = 5


class Fresh:
    """The questions of the store, asked in order; and the way for the API to ask one out of turn.

    Args:
        store: holds questions and answers.
        registry: whom to ask.
        clock: the time.
        on_answer: takes (domain, fact, how to keep it) and writes it; may raise StoreError.
        flights: how many questions are under way at once.
        flights_each: and how many of them under one top-level domain, so that a slow registry delays its own names.
        idle: seconds between looks at the queue.
        offline: nobody outside may be asked: what is not stored is Unavailable("offline"), and nothing is written.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        clock: Clock,
        on_answer: Callable[[str, Fact[Registration], Changes], None],
        *,
        flights: int = 256,
        flights_each: int = 8,
        idle: float = 0.1,
        offline: bool = False,
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._on_answer = on_answer
        self._most = flights
        self._most_each = flights_each
        self._idle = idle
        self._offline = offline
        self._out = 0  # questions in a row that reached nobody
        self._last_reason = ""
        self._flights: dict[str, asyncio.Task[Fact[Registration]]] = {}
        self._in_hand: dict[str, tuple[Question, Fact[Registration]]] = {}  # answers that the store did not take
        self._refused_at = 0.0
        self._stopped = False

    async def run(self) -> None:
        """Ask until `stop`, then let go of what is under way: its questions stand in the store."""
        while not self._stopped:
            try:
                self._take_off()
            except StoreError as error:
                log.warning("questions_not_read", what=str(error))
            await asyncio.sleep(self._idle)
        for task in self._flights.values():
            task.cancel()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)
        await self._registry.close()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped = True

    @property
    def unknown(self) -> Unavailable:
        """What is said of a registration that is not known and may have been asked for."""
        return OFFLINE if self._offline else PENDING

    def known(self, registered: str) -> Fact[Registration] | None:
        """The stored answer, if it is fresh; or one that waits for the store to take it."""
        answer = self._store.answers([registered]).get(registered)
        if answer is not None and answer.fresh(self._clock.now()):
            return answer.fact
        return self._in_hand[registered][1] if registered in self._in_hand else None

    async def ask(self, registered: str, wait: float) -> Fact[Registration]:
        """A registered domain's registration: stored, or asked now and waited for.

        Args:
            registered: the domain (A-labels).
            wait: seconds; what is not known by then is Unavailable("pending") and asked on in the background.
        """
        return self.known(registered) or await self.ask_out(registered, wait)

    async def ask_out(self, registered: str, wait: float) -> Fact[Registration]:
        """`ask` for who has looked already: nothing fresh is stored."""
        if self._offline:
            return OFFLINE
        flight = self._flight(Question(registered, NOW, self._clock.now(), self._clock.now()))
        if wait <= 0:
            return PENDING
        done, _ = await asyncio.wait([flight], timeout=wait)
        return flight.result() if done and not flight.cancelled() else PENDING

    def _take_off(self) -> None:
        if not self._hand_over_the_rest():
            return  # what is asked now could not be kept either, and would be asked again and again
        room = 0 if self._offline else self._most - len(self._flights)
        if room <= 0:
            return
        under_way = Counter(_root(name) for name in self._flights)
        # Those under way come first in the queue again: look past them.
        for question in self._store.questions(self._clock.now(), 4 * self._most, 2 * self._most_each):
            root = _root(question.registered)
            if question.registered in self._flights or under_way[root] >= self._most_each:
                continue
            under_way[root] += 1
            self._flight(question)
            room -= 1
            if not room:
                return

    def _flight(self, question: Question) -> asyncio.Task[Fact[Registration]]:
        """The flight that asks for a name; there is never more than one."""
        name = question.registered
        flight = self._flights.get(name)
        if flight is None:
            flight = self._flights[name] = asyncio.create_task(self._fly(question))
            flight.add_done_callback(lambda _: self._flights.pop(name, None))
        return flight

    async def _fly(self, question: Question) -> Fact[Registration]:
        fact = self.known(question.registered)
        if fact is None:
            fact = await self._registration(question.registered)
        if isinstance(fact, Unavailable) and question.tries >= _TRIES_MOST:
            fact = Unavailable(fact.reason)  # given up: nobody waits for it any longer
        self._hand_over(question, fact)
        return fact

    def _hand_over(self, question: Question, fact: Fact[Registration]) -> bool:
        """Have an answer stored; one that can't be stays in hand."""
        name = question.registered
        try:
            self._on_answer(name, fact, self._kept(question, fact))
        except StoreError as error:
            if not self._in_hand:
                log.warning("answer_not_kept", domain=name, what=str(error))
            if len(self._in_hand) < _IN_HAND_MOST:
                self._in_hand[name] = question, fact
            self._refused_at = self._clock.now()
            return False
        self._in_hand.pop(name, None)
        return True

    def _hand_over_the_rest(self) -> bool:
        """Whether nothing is left in hand; the store is tried every two seconds, with as much as it takes."""
        if not self._in_hand or 0 <= self._clock.now() - self._refused_at < _STORE_REST:
            return not self._in_hand
        kept = all(self._hand_over(*answer) for answer in list(self._in_hand.values())[:_IN_HAND_AT_ONCE])
        return kept and not self._in_hand

    async def _registration(self, name: str) -> Fact[Registration]:
        try:
            fact = await self._registry.registration(name)
        except Exception:  # a fault of ours must not be asked again ten times a second
            log.exception("registry_client_failed", domain=name)
            fact = Unavailable("bad_answer", self._clock.now() + 3600)
        out = isinstance(fact, Unavailable) and fact.reason in _OUT
        self._out = self._out + 1 if out else 0
        if isinstance(fact, Unavailable):
            self._last_reason = fact.reason
        return fact

    def trouble(self) -> str | None:
        """A sentence while no registry answers, else None."""
        if self._out < _OUT_MANY:
            return None
        return (
            f"The last {self._out} questions to registries failed ({self._last_reason}): alerts leave without ages, "
            f"which follow once they are known. Can this machine reach the registries' RDAP servers (HTTPS)?"
        )

    def _kept(self, question: Question, fact: Fact[Registration]) -> Changes:
        """How an answer is kept, and what becomes of its question."""
        now = self._clock.now()
        name = question.registered
        changes = Changes(answers=[Answer(name, fact, fresh_until(fact, now, question.tries))])
        again = changes.answers[0].fresh_until
        if isinstance(fact, Unavailable) and fact.retry_at is not None:
            changes.asked.append(Question(name, question.priority, question.since, again, question.tries + 1))
        else:
            changes.dropped.append(name)
        return changes


def fresh_until(fact: Fact[Registration], now: float, tries: int) -> float:
    """Until when an answer stands.

    A known registration: 30 days, or until it expires if that is sooner, at least a day. Absent: six hours, as a
    name may be registered at any time. Unavailable: until it is worth asking again, at least a minute, doubling
    with each try up to six hours; for good where asking is not foreseen, which is looked at again after a week.
    """
    if isinstance(fact, Known):
        expires = fact.value.expires
        days = 30 * _DAY if expires is None else min(30 * _DAY, expires - now)
        return now + max(_DAY, days)
    if isinstance(fact, Absent):
        return now + _BACK_OFF_MOST
    if fact.retry_at is None:
        return now + 7 * _DAY
    return max(fact.retry_at, now + min(_BACK_OFF * 2.0 ** min(tries, 10), _BACK_OFF_MOST))


def _root(name: str) -> str:
    return name.rpartition(".")[2]
