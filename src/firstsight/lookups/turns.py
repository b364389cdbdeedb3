"""Whose turn it is: which stored questions are asked now, and whether an answer can come in time.

Questions wait in the store, not in tasks, until their server is free: so the most urgent one that is there at that
moment goes, whenever it came. A server that is slow, closed or busy keeps its own questions waiting, and no others.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator

from firstsight.lookups.polite import Limits
from firstsight.ports import FOR_AN_ALERT, Clock, Question, Registry, Store

_IN_TIME = 0.5
"""An answer is expected in time where its turn comes within this part of the wait; the rest is the server's."""

_TAKES = 0.5  # seconds, as long as nothing is known of a server's answers
_TAKES_LEAST = 0.1  # questions are begun ten times a second
_WEIGHT = 0.2  # of the newest answer in what they take

_LONG = 12 * 3600.0
_LONGEST_EVERY = 4  # turns of a server, and one is for what has waited longest, whatever else there is


class Turns:
    """The turns of every server.

    Args:
        store: holds the questions.
        registry: says whom a domain is asked of.
        limits: the pace of each server.
        clock: the time.
        each: how many questions of one server are under way at once.
    """

    def __init__(self, store: Store, registry: Registry, limits: Limits, clock: Clock, *, each: int = 8) -> None:
        self._store = store
        self._registry = registry
        self._limits = limits
        self._clock = clock
        self._each = each
        self._aloft: dict[str, tuple[str, float]] = {}  # domain → server, since when
        self._takes: dict[str, float] = {}  # server → seconds for an answer, lately
        self._busy: Counter[str] = Counter()
        self._starting: Counter[str] = Counter()  # under way, and not yet counted in the server's pace
        self._given: Counter[str] = Counter()
        self._promised: dict[str, dict[str, float]] = {}  # server → domain → until when somebody waits

    def may_wait(self, registered: str, seconds: float) -> bool:
        """Whether a domain's answer can be expected in so many seconds; who is told so has a place in the queue."""
        if registered in self._aloft:
            return True
        server = self._registry.server(registered)
        if not server:
            return True  # nobody is asked: the answer is known at once
        now = self._clock.now()
        promised = self._promised.setdefault(server, {})
        _forget_past(promised, now)
        if registered in promised:
            return True
        if self._turn_at(server, len(promised), now) > now + _IN_TIME * seconds:
            return False
        promised[registered] = now + seconds
        return True

    def _turn_at(self, server: str, ahead: int, now: float) -> float:
        """When a question may be asked that has so many before it: on pace, and when there is room for it."""
        no_room_for = max(0, self._busy[server] + ahead - self._each + 1)
        takes = max(self._takes.get(server, _TAKES), _TAKES_LEAST)
        on_pace = self._limits.free_at(server, ahead + self._starting[server])
        return max(on_pace, now + takes * no_room_for / self._each)

    def due(self, room: int) -> Iterator[Question]:
        """The questions to ask now, at most `room`; each is to be followed by `began` before the next is taken."""
        now = self._clock.now()
        roots = [root for root in self._store.roots() if any(map(self._free, self._registry.servers(root)))]
        waiting: dict[str, list[Question]] = {}
        for question in self._store.questions(now, self._each, roots):
            if question.registered not in self._aloft:
                waiting.setdefault(self._registry.server(question.registered), []).append(question)
        for server, questions in waiting.items():
            while questions and room > 0 and self._free(server):
                yield self._next(server, questions, now)
                room -= 1

    def began(self, registered: str) -> None:
        """A question is under way: its task is made, and takes its turn with the server when it first runs."""
        server = self._registry.server(registered)
        self._aloft[registered] = server, self._clock.now()
        self._busy[server] += 1
        self._starting[server] += 1
        asyncio.get_running_loop().call_soon(self._counted, server)  # after that
        self._promised.get(server, {}).pop(registered, None)

    def _counted(self, server: str) -> None:
        self._starting[server] -= 1

    def ended(self, registered: str) -> None:
        """It is not any more."""
        server, since = self._aloft.pop(registered)
        took, before = max(0.0, self._clock.now() - since), self._takes.get(server, _TAKES)
        self._takes[server] = before + _WEIGHT * (took - before)
        self._busy[server] -= 1
        if not self._busy[server]:
            del self._busy[server]

    def servers(self) -> set[str]:
        """The servers that have questions under way."""
        return set(self._busy)

    def _free(self, server: str) -> bool:
        """Whether one more question may be asked of a server now."""
        if self._busy[server] >= self._each:
            return False
        return not server or self._limits.free_at(server, self._starting[server]) <= self._clock.now()

    def _next(self, server: str, questions: list[Question], now: float) -> Question:
        """Take the most urgent one out; now and then the one that has waited longest, so that none waits for ever."""
        self._given[server] += 1
        if self._given[server] % _LONGEST_EVERY:
            chosen = min(questions, key=lambda question: _urgency(question, now))
        else:
            chosen = min(questions, key=_waiting_since)
        questions.remove(chosen)
        return chosen


def _waiting_since(question: Question) -> float:
    return max(question.since, question.due)


def _urgency(question: Question, now: float) -> tuple[int, float]:
    """What goes first.

    Alerts that wait, the oldest first, for its deadline is next; then what has waited for half a day; then by
    priority, the newest first.
    """
    since = _waiting_since(question)
    if question.priority == FOR_AN_ALERT:
        return -2, since
    if since < now - _LONG:
        return -1, since
    return question.priority, -question.since


def _forget_past(promised: dict[str, float], now: float) -> None:
    """Drop the places of those who wait no longer; they stand in the order in which they end."""
    while promised:
        first = next(iter(promised))
        if promised[first] > now:
            return
        del promised[first]
