"""Ask outsiders for what is not known or no longer fresh: stored answers, one flight a name, an orderly queue."""

import asyncio
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from typing import Generic, TypeVar

import structlog

from firstsight.core.errors import StoreError
from firstsight.core.facts import NOT_WANTED, OFFLINE, PENDING, Fact, Unavailable
from firstsight.lookups.polite import Limits
from firstsight.lookups.shelves import Shelf, fresh_until
from firstsight.lookups.turns import Turns
from firstsight.ports import (
    FOR_A_REASON,
    FOR_AN_ALERT,
    Answer,
    Changes,
    Clock,
    Outsider,
    Question,
    Store,
    Subject,
)

log = structlog.get_logger()

T = TypeVar("T")

_DAY = 86400.0
_JITTER = 0.1  # of a wait, at most: names that failed together don't come back together
_TRIES_MOST = 30
_STORE_REST = 2.0
_IN_HAND_MOST = 10_000
_IN_HAND_AT_ONCE = 100
_WORTH_ASKING = 7 * _DAY  # after the first question; who still wants to know then looks it up
_OUT = frozenset({"timeout", "refused", "unreachable", "reset", "tls", "proxy"})
_OUT_MANY = 5

_QUESTIONS_MOST = 100_000
_SHED_AT_ONCE = 1000
_SHED_SECONDS = 10.0


class Fresh(Generic[T]):
    """The questions about one topic that the store holds, asked in order; and the way to ask one out of turn.

    Args:
        store: holds the questions.
        shelf: holds the answers, and says how long they stand.
        outsider: whom to ask; closed when `run` ends.
        turns: says which question is next.
        limits: the pace of each server; it is kept over restarts here.
        clock: the time.
        on_answer: takes (name, fact, how to keep it) and writes it; may raise StoreError.
        wanted: whether a stored question may still be asked: a name may have become internal since.
        flights: how many questions are under way at once.
        most: how many may be open; beyond that, those that matter least are given up.
        idle: seconds between looks at the queue.
        offline: nobody outside may be asked: what is not stored is Unavailable("offline"), and nothing is written. It
            can be read again.
    """

    def __init__(
        self,
        store: Store,
        shelf: Shelf[T],
        outsider: Outsider[T],
        turns: Turns,
        limits: Limits,
        clock: Clock,
        on_answer: Callable[[str, Fact[T], Changes], None],
        *,
        wanted: Callable[[str], bool] = lambda _: True,
        flights: int = 256,
        most: int = _QUESTIONS_MOST,
        idle: float = 0.1,
        offline: bool = False,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._outsider = outsider
        self._turns = turns
        self._limits = limits
        self._clock = clock
        self._on_answer = on_answer
        self._wanted = wanted
        self._most = flights
        self._most_questions = most
        self._idle = idle
        self.offline = offline
        self._out = 0  # questions in a row that reached nobody
        self._last_reason = ""
        self._flights: dict[str, asyncio.Task[Fact[T]]] = {}
        self._in_hand: dict[str, tuple[Question, Fact[T]]] = {}  # answers that the store did not take
        self._refused_at = 0.0
        self._restored = False
        self._shed_at = 0.0
        self._stopped = False
        self.outcomes: Counter[str] = Counter()
        """Questions answered since the start: `known`, `absent`, or why not."""

    async def run(self) -> None:
        """Ask until `stop`, then let go of what is under way: its questions stand in the store."""
        while not self._stopped:
            try:
                self.turn()
            except StoreError as error:
                log.warning("questions_not_read", what=str(error))
            await asyncio.sleep(self._idle)
        self._keep_paces()
        for task in self._flights.values():
            task.cancel()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)
        await self._outsider.close()

    def turn(self) -> None:
        """Ask what may be asked now. `run` does that again and again.

        Raises:
            StoreError: the queue can't be read.
        """
        if self.offline:
            return
        if not self._restored:
            self._limits.restore(self._store.paces(self._shelf.topic))
            self._restored = True
        if not self._settle_the_rest():
            return  # what is asked now could not be kept either, and would be asked again and again
        self._shed()
        for question in self._turns.due(self._most - len(self._flights)):
            self._take_off(question)

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped = True

    @property
    def unknown(self) -> Unavailable:
        """What is said of what is not known and may have been asked for."""
        return OFFLINE if self.offline else PENDING

    def known(self, name: str) -> Fact[T] | None:
        """The stored answer, if it is fresh; or one that waits for the store to take it."""
        answer = self._shelf.stored([name]).get(name)
        if answer is not None and answer.fresh(self._clock.now()):
            return answer.fact
        return self._in_hand[name][1] if name in self._in_hand else None

    async def ask(self, name: str, wait: float) -> Fact[T]:
        """What is known of a name: stored, or asked now and waited for.

        Args:
            name: the name (A-labels); a registered domain, where it is its registration.
            wait: seconds; what is not known by then is Unavailable("pending") and asked on in the background.
        """
        return self.known(name) or self._still(name, await self.ask_out(name, wait))

    async def ask_out(self, name: str, wait: float) -> Fact[T]:
        """`ask` for who has looked already: nothing fresh is stored.

        Raises:
            StoreError: it is not its turn, and it can't be put in line.
        """
        if self.offline:
            return OFFLINE
        flight = self._flights.get(name)
        if flight is None:
            now = self._clock.now()
            if len(self._flights) >= self._most or not self._turns.may_wait(name, wait):
                self._store.apply(Changes(asked=[self._question(name, FOR_A_REASON, now, now)]))
                return PENDING
            flight = self._take_off(self._question(name, FOR_AN_ALERT, now, now))
        if wait <= 0:
            return PENDING
        done, _ = await asyncio.wait([flight], timeout=wait)
        return flight.result() if done and not flight.cancelled() else PENDING

    def _question(self, name: str, priority: int, since: float, due: float, tries: int = 0) -> Question:
        return Question(name, priority, since, due, tries, self._shelf.topic)

    def _take_off(self, question: Question) -> asyncio.Task[Fact[T]]:
        """Ask a question that is not under way; there is never more than one flight for a name."""
        name = question.name

        def landed(_: object) -> None:
            del self._flights[name]
            self._turns.ended(name)

        flight = self._flights[name] = asyncio.create_task(self._fly(question))
        self._turns.began(name)
        flight.add_done_callback(landed)
        return flight

    def _shed(self) -> None:
        """Give up what matters least while too much is open."""
        now = self._clock.now()
        if 0 <= now - self._shed_at < _SHED_SECONDS:
            return
        self._shed_at = now
        over = self._store.totals()[self._shelf.counted] - self._most_questions
        if over > 0:
            for question in self._store.least_questions(min(over, _SHED_AT_ONCE), self._shelf.topic):
                self._settle(question, Unavailable("queue_full"))

    async def _fly(self, question: Question) -> Fact[T]:
        name = question.name
        if not self._wanted(name):
            fact: Fact[T] = NOT_WANTED
        else:
            fact = self.known(name) or await self._answer(name)
        self._settle(question, fact)
        return self._still(name, fact)

    def _still(self, name: str, fact: Fact[T]) -> Fact[T]:
        """What is known of a name where it can't be asked for anew: some answers stand until then."""
        before = self._shelf.stored([name]).get(name) if isinstance(fact, Unavailable) else None
        return fact if before is None or not self._shelf.outlives(before.fact) else before.fact

    def _settle(self, question: Question, fact: Fact[T]) -> bool:
        """Have an answer written down, and what becomes of its question; what the store does not take stays in hand."""
        name = question.name
        try:
            self._on_answer(name, *self._kept(question, fact))
        except StoreError as error:
            if not self._in_hand:
                log.warning("answer_not_kept", name=name, what=str(error))
            if len(self._in_hand) < _IN_HAND_MOST:
                self._in_hand[name] = question, fact
            self._refused_at = self._clock.now()
            return False
        self._in_hand.pop(name, None)
        return True

    def _settle_the_rest(self) -> bool:
        """Whether nothing is left in hand; the store is tried every two seconds, with as much as it takes."""
        if not self._in_hand or 0 <= self._clock.now() - self._refused_at < _STORE_REST:
            return not self._in_hand
        kept = all(self._settle(*answer) for answer in list(self._in_hand.values())[:_IN_HAND_AT_ONCE])
        return kept and not self._in_hand

    async def _answer(self, name: str) -> Fact[T]:
        try:
            fact = await self._outsider.ask(name)
        except Exception:  # a fault of ours must not be asked again ten times a second
            log.exception("client_failed", topic=self._shelf.topic, name=name)
            fact = Unavailable("bad_answer", self._clock.now() + 3600)
        out = isinstance(fact, Unavailable) and fact.reason in _OUT
        self._out = self._out + 1 if out else 0
        if isinstance(fact, Unavailable):
            self._last_reason = fact.reason
        self.outcomes[fact.reason if isinstance(fact, Unavailable) else type(fact).__name__.lower()] += 1
        return fact

    def pauses(self, most: int) -> dict[str, float]:
        """Seconds until servers that refused or failed are asked again, by host: the longest pauses, at most `most`."""
        now = self._clock.now()
        closed = sorted(self._limits.closed().items(), key=lambda pause: -pause[1])
        return {host: until - now for host, until in closed[:most]}

    def failing(self) -> str | None:
        """Why nobody is reached, a word, where the last five questions or more reached nobody; else None."""
        return self._last_reason if self._out >= _OUT_MANY else None

    def unwilling(self) -> list[str]:
        """The hosts that said no several times in a row."""
        return self._limits.unwilling()

    def _kept(self, question: Question, fact: Fact[T]) -> tuple[Fact[T], Changes]:
        """The fact as it is told, how it is kept, and what becomes of its question."""
        now = self._clock.now()
        name = question.name
        changes = Changes(paces=self._paces_of({self._outsider.server(name)}))
        subject, kept = Subject(self._shelf.topic, name), self._shelf.kept_in(changes)
        until = fresh_until(fact, now, question.tries, question.since, self._shelf.stands)
        told = self._still(name, fact)
        if isinstance(fact, Unavailable) and fact.retry_at is not None:
            again = until + _JITTER * _spread(name) * (until - now)
            if question.tries < _TRIES_MOST and again < question.since + _WORTH_ASKING:
                kept.append(Answer(name, told, again))
                changes.asked.append(self._question(name, question.priority, question.since, again, question.tries + 1))
                changes.eased.append(subject)
                return told, changes
            told = self._still(name, Unavailable(fact.reason))  # given up: nobody waits for it any longer
        if fact is not NOT_WANTED:
            kept.append(Answer(name, told, until))
        changes.dropped.append(subject)
        return told, changes

    def _keep_paces(self) -> None:
        """Keep the pace of servers whose answers won't come any more."""
        try:
            self._store.apply(Changes(paces=self._paces_of(self._turns.servers())))
        except StoreError as error:
            log.warning("pace_not_kept", what=str(error))

    def _paces_of(self, servers: set[str]) -> dict[Subject, bytes]:
        return {Subject(self._shelf.topic, server): self._limits.saved(server) for server in servers if server}


def _spread(name: str) -> float:
    """A name's own number between 0 and 1."""
    return blake2b(name.encode(), digest_size=1).digest()[0] / 255
