"""The account of every line, and where each source stands."""

import sqlite3
from collections import Counter

from firstsight.core.events import Batch
from firstsight.ports import SourceState


class Tallies:
    """Counters by source, and positions. What is counted in memory is written together with the position it goes to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Go back to what is stored."""
        self._counts: dict[str, Counter[str]] = {}
        for source, what, n in self._connection.execute("SELECT source, what, n FROM tally"):
            self._counts.setdefault(source, Counter())[what] = n
        rows = self._connection.execute("SELECT name, position, started, last FROM source")
        self._states = {name: SourceState(*state) for name, *state in rows}
        self._moved: set[str] = set()

    def take(self, batch: Batch, now: float) -> Counter[str]:
        """Count a batch's lines and move to its position; the caller counts the events on what is returned."""
        counts = self._counts.setdefault(batch.source, Counter())
        counts["lines"] += batch.lines
        counts["events"] += len(batch.events)
        for reason, n in batch.skipped.items():
            counts[f"skipped:{reason}"] += n
        state = self.state(batch.source)
        started, last = state.started, state.last
        if started is None and batch.events:
            # The latest of the first batch: a laptop's events of last month may be among them.
            started = max(event.time for event in batch.events)
        if batch.events:
            # The last one's time stands for all: late ones don't count, and none is later than now.
            last = min(now, max(last or 0.0, batch.events[-1].time))
        self._states[batch.source] = SourceState(batch.position, started, last)
        self._moved.add(batch.source)
        return counts

    def state(self, source: str) -> SourceState:
        """Where a source stands, what is not flushed included."""
        return self._states.get(source, SourceState(None, None))

    @property
    def newest(self) -> float:
        """The newest event's time, over the sources that moved since the last flush; 0 where none did."""
        return max((self._states[source].last or 0.0 for source in self._moved), default=0.0)

    def flush(self, connection: sqlite3.Connection) -> None:
        """Write counts and positions; inside the caller's transaction."""
        for source in sorted(self._moved):
            state = self._states[source]
            connection.execute(
                "INSERT OR REPLACE INTO source (name, position, started, last) VALUES (?, ?, ?, ?)",
                (source, state.position, state.started, state.last),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO tally VALUES (?, ?, ?)",
                [(source, what, n) for what, n in sorted(self._counts[source].items())],
            )

    def flushed(self) -> None:
        """They are committed."""
        self._moved = set()

    def add(self, connection: sqlite3.Connection, counts: dict[str, int]) -> None:
        """Count what belongs to a decision (held back, alerts) under no source, inside its transaction."""
        connection.executemany(
            "INSERT INTO tally VALUES ('', ?, ?) ON CONFLICT (source, what) DO UPDATE SET n = n + excluded.n",
            sorted(counts.items()),
        )

    def added(self, counts: dict[str, int]) -> None:
        """That decision is committed."""
        self._counts.setdefault("", Counter()).update(counts)

    def account(self, source: str) -> dict[str, int]:
        """A source's account."""
        return dict(self._counts.get(source, {}))

    def totals(self) -> dict[str, int]:
        """All counters, summed over sources."""
        total: Counter[str] = Counter()
        for counts in self._counts.values():
            total.update(counts)
        return dict(total)

    def sources(self) -> list[str]:
        """Names of the sources ever read."""
        return sorted(self._states)
