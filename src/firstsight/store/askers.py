"""Who asks: agents, when they were heard, and the record windows that tell their duplicates."""

import json
import sqlite3
from collections.abc import Iterable

from firstsight.core.alerts import Alert
from firstsight.core.duplicates import Window
from firstsight.core.events import Agent, DnsEvent, Record
from firstsight.ports import Silence
from firstsight.store.familiar import Familiar, Names
from firstsight.store.hours import HOUR

_AGENTS_AT_HAND = 100_000

_WINDOWS = """
SELECT w.agent, w.computer, w.highest, w.written, w.bits FROM json_each(?) AS wanted
JOIN record_window AS w ON w.agent = wanted.value
"""

Log = tuple[str, int, Window, Names]
"""An endpoint's own log: the computer it is of, its agent's number, the window of its records, and what that agent
asks for all day."""


class Askers:
    """Agents by what their history is kept by, as small integers; and per (agent, computer) a window of records.

    Args:
        connection: the database.
        familiar: what agents ask for all day.

    Attributes:
        logs: the log that each agent wrote to last, to be looked into only: who asks once an event may look here
            first, without a call. A window that is not `moved` yet must come from `log`.
    """

    def __init__(self, connection: sqlite3.Connection, familiar: Familiar) -> None:
        self._connection = connection
        self._familiar = familiar
        self.forget()

    def forget(self) -> None:
        """Drop what is only in memory."""
        rows = self._connection.execute("SELECT manager, name, id, first, last, missed FROM agent").fetchall()
        self._ids: dict[tuple[str, str], int] = {(manager, name): number for manager, name, number, *_ in rows}
        self._first: dict[int, int] = {row[2]: row[3] for row in rows if row[3] is not None}
        self._last: dict[int, int] = {row[2]: row[4] for row in rows if row[4] is not None}
        self._missed: dict[int, int] = {row[2]: row[5] for row in rows if row[5] is not None}
        self._hearing: dict[int, int] = {}  # heard in another hour than before; until it is committed
        self._marking: tuple[list[int], list[int]] = ([], [])  # told to be silent, to speak again; likewise
        self._numbers: dict[Agent, int] = {}  # by the whole agent: its id and address may change, its number not
        self._next = max(self._ids.values(), default=0) + 1
        self._new: list[tuple[int, str, str]] = []
        self._windows: dict[tuple[int, str], Window] = {}
        self._moved: dict[tuple[int, str], Window] = {}
        self.logs: dict[Agent, Log] = {}

    def number(self, agent: Agent) -> int:
        """The agent's id; a new one is written with the next transaction."""
        number = self._numbers.get(agent)
        if number is None:
            key = agent.key
            number = self._ids.get(key)
            if number is None:
                number = self._ids[key] = self._next
                self._next += 1
                self._new.append((number, *key))
            if len(self._numbers) >= _AGENTS_AT_HAND:
                self._numbers.clear()
            self._numbers[agent] = number
        return number

    def numbers_of(self, alerts: Iterable[Alert]) -> dict[str, int | None]:
        """Ids of the agents that asked, by id of the alert; None where it is not told (any more)."""
        return {alert.id: self.number(alert.asked.agent) if alert.asked.agent.name else None for alert in alerts}

    def load(self, events: Iterable[DnsEvent]) -> None:
        """Bring the logs that events stand in into memory, in one question."""
        self._load({(self.number(event.agent), event.record.computer) for event in events if event.record is not None})

    def _load(self, keys: set[tuple[int, str]]) -> None:
        missing = {key: Window() for key in keys if key not in self._windows}
        if not missing:
            return
        agents = json.dumps(list({agent for agent, _ in missing}))
        for agent, computer, highest, written, bits in self._connection.execute(_WINDOWS, (agents,)):
            if (agent, computer) in missing:
                missing[agent, computer] = Window(highest, written, int.from_bytes(bits, "little"))
        self._windows |= missing

    def log(self, agent: Agent, record: Record) -> Log:
        """The log that a record stands in, where it is not the one in `logs`, or not marked as moved."""
        number = self.number(agent)
        key = (number, record.computer)
        window = self._windows.get(key)
        if window is None:
            self._load({key})
            window = self._windows[key]
        window.moved = True
        self._moved[key] = window
        if len(self.logs) >= _AGENTS_AT_HAND:
            self.logs.clear()
        log = self.logs[agent] = (record.computer, number, window, self._familiar.of(number))
        return log

    def give_up(self, name: str) -> dict[tuple[str, str], int]:
        """Forget the agents of a name, whatever their manager, and give their numbers; if one asks again, it is new."""
        gone = {key: number for key, number in self._ids.items() if key[1] == name}
        self._ids = {key: number for key, number in self._ids.items() if key not in gone}
        self._numbers.clear()
        self.logs.clear()
        numbers = set(gone.values())
        self._windows = {key: window for key, window in self._windows.items() if key[0] not in numbers}
        return gone

    def drop_window(self, key: tuple[int, str]) -> bool:
        """Forget a window that did not move since it was written; False where it did."""
        if key in self._moved:
            return False
        self._windows.pop(key, None)
        self.logs.clear()
        return True

    def write_agents(self, connection: sqlite3.Connection) -> None:
        """Write new agents; inside the caller's transaction."""
        connection.executemany("INSERT INTO agent (id, manager, name) VALUES (?, ?, ?)", self._new)

    def mark(self, connection: sqlite3.Connection, missed: list[int], heard_again: list[int]) -> None:
        """Note whose silence is told, and of whom it is told that they speak again; inside the caller's transaction."""
        connection.executemany("UPDATE agent SET missed = last WHERE id = ?", [(agent,) for agent in missed])
        connection.executemany("UPDATE agent SET missed = NULL WHERE id = ?", [(agent,) for agent in heard_again])
        self._marking = (missed, heard_again)

    def agents_written(self) -> None:
        """They are committed."""
        self._new = []
        missed, heard_again = self._marking
        self._marking = ([], [])
        self._missed.update((agent, self._last[agent]) for agent in missed)
        for agent in heard_again:
            self._missed.pop(agent, None)

    def silence(self, before: float, known: float) -> Silence:
        """See ports.Store."""
        fallen, back, silent = [], [], 0
        for (_, name), agent in self._ids.items():
            last = self._last.get(agent)
            if last is None:
                continue
            missed = self._missed.get(agent)
            if missed is not None and last > missed:
                back.append((agent, name))
            elif missed is not None:
                silent += 1
            elif last < before and last - self._first[agent] >= known:
                fallen.append((agent, name))
        return Silence(sorted(fallen, key=_by_name), sorted(back, key=_by_name), silent + len(fallen))

    @property
    def moved(self) -> int:
        """How many windows moved since the last flush."""
        return len(self._moved)

    def rows(self) -> list[tuple[int, str, int, float, bytes]]:
        """The windows that moved since the last flush, in order of their keys; see `Part`."""
        return [
            (*key, window.highest, window.written, window.bits.to_bytes((window.bits.bit_length() + 7) // 8, "little"))
            for key, window in sorted(self._moved.items(), key=_by_key)
        ]

    def flush(self, connection: sqlite3.Connection, at: float) -> None:
        """Write the hour that agents were heard in, where it is a later one; inside the transaction of their counts.

        Args:
            connection: the database.
            at: the newest event's time, seconds since the epoch.
        """
        hour = int(at) // HOUR * HOUR
        self._hearing = {agent: hour for agent, _ in self._moved if self._last.get(agent, 0) < hour}
        connection.executemany(
            "UPDATE agent SET first = coalesce(first, ?1), last = ?1 WHERE id = ?2",
            [(hour, agent) for agent in sorted(self._hearing)],
        )

    def flushed(self) -> None:
        """They are committed."""
        for window in self._moved.values():
            window.moved = False
        self._moved = {}
        self._last.update(self._hearing)
        for agent, hour in self._hearing.items():
            self._first.setdefault(agent, hour)
        self._hearing = {}

    def __len__(self) -> int:
        return len(self._ids)


def _by_key(moved: tuple[tuple[int, str], Window]) -> tuple[int, str]:
    return moved[0]


def _by_name(agent: tuple[int, str]) -> str:
    return agent[1]
