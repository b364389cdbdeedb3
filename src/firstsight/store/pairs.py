"""Who asked for what, by day: (domain, agent) pairs, in front of the database."""

import json
import sqlite3
from collections.abc import Iterable

from firstsight.core.front import Front

AGENT_BITS = 24
_AGENT_MASK = (1 << AGENT_BITS) - 1


def pair(domain: int, agent: int) -> int:
    """The key of a pair: one integer, so that a hundred thousand of them are cheap to keep."""
    return domain << AGENT_BITS | agent


class Pairs:
    """First and last day of each pair. A row is written when the pair is new or its day changes, not per event.

    Args:
        connection: the database.
        bound: how many pairs are kept at hand.
    """

    def __init__(self, connection: sqlite3.Connection, bound: int) -> None:
        self._connection = connection
        self._last_day: Front[int, int] = Front(bound)
        self._dirty: dict[int, tuple[int, int]] = {}
        self._settling: dict[int, tuple[int, int]] = {}

    @property
    def young(self) -> dict[int, int]:
        """Last days lately used, to be looked into only; until the next `tidy`."""
        return self._last_day.young

    def tidy(self) -> None:
        """Keep within the bound; between batches only."""
        self._last_day.tidy()

    def load(self, keys: Iterable[int]) -> None:
        """Bring pairs that are not at hand into memory, in one question."""
        young, get, dirty, settling = self._last_day.young, self._last_day.get, self._dirty, self._settling
        missing = [
            key for key in keys if key not in young and get(key) is None and key not in dirty and key not in settling
        ]
        if not missing:
            return
        rows = self._connection.execute(
            "SELECT s.domain, s.agent, s.last_day FROM json_each(?) AS wanted JOIN sighting AS s "
            "ON s.domain = wanted.value >> ? AND s.agent = wanted.value & ?",
            (json.dumps(missing), AGENT_BITS, _AGENT_MASK),
        )
        for domain, agent, last_day in rows:
            self._last_day.put(pair(domain, agent), last_day)

    def touch(self, key: int, day: int) -> bool:
        """Note a sighting on a day; True where the pair is new. Call `load` for the pair before."""
        last = self._last_day.get(key)
        if last == day:
            return False
        if last is None:
            waiting = self._dirty.get(key) or self._settling.get(key)
            last = waiting[1] if waiting else None
        if last is None:
            self._dirty[key] = (day, day)
            self._last_day.put(key, day)
            return True
        if day != last:  # the dirty one may have it already
            first, newest = self._dirty.get(key, (day, last))
            self._dirty[key] = (min(first, day), max(newest, day))
            self._last_day.put(key, max(newest, day))
        return False

    def changed(self, key: int) -> bool:
        """Whether memory has newer days of a pair than its row."""
        return key in self._dirty or key in self._settling

    def drop(self, key: int) -> None:
        """Its row is gone."""
        self._last_day.drop(key)

    def rows(self) -> list[tuple[int, int, int, int]]:
        """What has changed since the last flush: (domain, agent, first day, last day), in order of key."""
        dirty = self._dirty
        return [(key >> AGENT_BITS, key & _AGENT_MASK, *dirty[key]) for key in sorted(dirty)]

    def flushed(self) -> None:
        """What has changed is laid down, and settles."""
        self._settling, self._dirty = self._dirty, {}

    def settled(self) -> None:
        """It is in its rows."""
        self._settling = {}

    def forget(self) -> None:
        """Drop what is only in memory."""
        self._last_day.clear()
        self._dirty = {}
        self._settling = {}

    def __len__(self) -> int:
        return len(self._dirty)


class VainPairs:
    """Which agents asked for a domain in vain. Few rows, no days."""

    def __init__(self, connection: sqlite3.Connection, bound: int) -> None:
        self._connection = connection
        self._known: Front[int, bool] = Front(bound)
        self._dirty: set[int] = set()
        self._settling: set[int] = set()

    def tidy(self) -> None:
        """Keep within the bound; between batches only."""
        self._known.tidy()

    def touch(self, domain: int, agent: int) -> bool:
        """Note that an agent asked in vain; True where it is the first time."""
        key = pair(domain, agent)
        if self._known.get(key) or key in self._dirty or key in self._settling:
            return False
        self._known.put(key, True)
        stored = self._connection.execute(
            "SELECT 1 FROM unresolved_agent WHERE domain = ? AND agent = ?", (domain, agent)
        ).fetchone()
        if stored is None:
            self._dirty.add(key)
        return stored is None

    def drop(self, domain: int, agent: int) -> None:
        """Its row is gone."""
        self._known.drop(pair(domain, agent))

    def rows(self) -> list[tuple[int, int]]:
        """What is new since the last flush: (domain, agent), in order of key."""
        return [(key >> AGENT_BITS, key & _AGENT_MASK) for key in sorted(self._dirty)]

    def flushed(self) -> None:
        """What is new is laid down, and settles."""
        self._settling, self._dirty = self._dirty, set()

    def settled(self) -> None:
        """It is in its rows."""
        self._settling = set()

    def forget(self) -> None:
        """Drop what is only in memory."""
        self._known.clear()
        self._dirty = set()
        self._settling = set()
