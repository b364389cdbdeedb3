"""What is counted by the hour: folded from what batches are counted into anyway, and written with the counts' flush."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter

from firstsight.core.events import Agent, Batch

HOUR = 3600
_MOST_AGENTS = 400  # an hour: those heard most keep a row of their own, the others share one
_OTHERS = 0  # the number of no agent

_agent_of = attrgetter("agent")


class Hours:
    """Events by hour and source, and by hour and agent.

    An event counts in the hour of its source's newest one: a laptop's of last week count when they come. Duplicates
    count as events here, as they do in the account.

    Args:
        number: the number of an agent.
    """

    def __init__(self, number: Callable[[Agent], int]) -> None:
        self._number = number
        self.forget()

    def forget(self) -> None:
        """Drop what is not committed."""
        self._open: dict[str, int] = {}  # source → the hour that its counts now belong to
        self._folded: dict[str, Counter[str]] = {}  # source → its account as far as it is folded
        self._heard: dict[str, Counter[Agent]] = {}
        self._counts: Counter[tuple[int, str, str]] = Counter()
        self._agents: dict[int, Counter[int]] = {}

    def enter(self, batch: Batch, at: float, account: Counter[str]) -> None:
        """A batch begins.

        Args:
            batch: the batch.
            at: the time of its source's newest event, seconds since the epoch.
            account: what its source has been counted into until now.
        """
        source, hour = batch.source, int(at) // HOUR
        if self._open.get(source) != hour:
            if source in self._open:
                self._fold(source, account)
            else:
                self._folded[source], self._heard[source] = Counter(account), Counter()
            self._open[source] = hour
        self._heard[source].update(map(_agent_of, batch.events))

    def _fold(self, source: str, account: Counter[str]) -> None:
        hour = self._open[source]
        for what, n in (account - self._folded[source]).items():
            self._counts[hour, source, what] += n
        agents = self._agents.setdefault(hour, Counter())
        for agent, n in self._heard[source].items():
            agents[self._number(agent)] += n
        self._folded[source], self._heard[source] = Counter(account), Counter()

    def fold(self, accounts: Mapping[str, Counter[str]]) -> None:
        """Fold what every source has been counted into since the last time."""
        for source in self._open:
            self._fold(source, accounts[source])

    def unwritten(self, accounts: Mapping[str, Counter[str]]) -> dict[str, dict[int, int]]:
        """What is counted and not written yet, by hour.

        Args:
            accounts: what sources have been counted into until now.
        """
        counts = Counter(self._counts)
        for source, hour in self._open.items():
            for what, n in (accounts[source] - self._folded[source]).items():
                counts[hour, source, what] += n
        found: dict[str, dict[int, int]] = {}
        for (hour, _, what), n in counts.items():
            hours = found.setdefault(what, {})
            hours[hour] = hours.get(hour, 0) + n
        return found

    def flush(self, connection: sqlite3.Connection) -> None:
        """Write what is folded; inside the caller's transaction."""
        add_hours(connection, self._counts)
        for hour, agents in self._agents.items():
            rows = connection.execute("SELECT agent FROM hour_agent WHERE hour = ?", (hour,))
            connection.executemany(
                "INSERT INTO hour_agent VALUES (?, ?, ?) "
                "ON CONFLICT (hour, agent) DO UPDATE SET events = events + excluded.events",
                [(hour, *row) for row in _bounded(agents, {agent for (agent,) in rows})],
            )

    def flushed(self) -> None:
        """It is committed."""
        self._counts = Counter()
        self._agents = {}


def add_hours(connection: sqlite3.Connection, counts: Mapping[tuple[int, str, str], int]) -> None:
    """Count by (hour, source, what); inside the caller's transaction."""
    connection.executemany(
        "INSERT INTO hour_count VALUES (?, ?, ?, ?) ON CONFLICT (hour, source, what) DO UPDATE SET n = n + excluded.n",
        [(*key, n) for key, n in counts.items()],
    )


def _bounded(agents: Counter[int], kept: set[int]) -> Iterable[tuple[int, int]]:
    """Agents that have a row or still get one, those heard most first; all others as one."""
    others = 0
    for agent, n in agents.most_common():
        if agent in kept or len(kept) < _MOST_AGENTS:
            kept.add(agent)
            yield agent, n
        else:
            others += n
    if others:
        yield _OTHERS, others
