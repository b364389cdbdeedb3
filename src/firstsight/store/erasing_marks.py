"""Erase marks that say what an agent was told of, or asked in vain: by age, and of an agent that is to be forgotten."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from firstsight.core.bursts import VainWindow
from firstsight.core.marks import IN_VAIN, INDICATORS, AgentKey, in_vain_mark, indicators_of_agent
from firstsight.store.notices import key_of

_ROWS = 5_000  # a step

_window = msgspec.json.Decoder(VainWindow).decode


def _asked_last(text: str) -> float:
    return _window(text).latest


_TIMES: dict[str, Callable[[str], float]] = {INDICATORS: float, IN_VAIN: _asked_last}
"""How the time of a mark is read, by its kind."""


def erase_old_marks(connection: sqlite3.Connection, before: float, erased: Counter[str]) -> Iterator[None]:
    """A pass's part; each step within a transaction of the caller's.

    Args:
        connection: the database.
        before: marks of earlier times go, seconds since the epoch.
        erased: counts what is gone, by kind.
    """
    for kind, time_of in _TIMES.items():
        after, end = _span(kind)
        while rows := connection.execute(
            "SELECT key, value FROM meta WHERE key > ? AND key < ? ORDER BY key LIMIT ?", (after, end, _ROWS)
        ).fetchall():
            after = rows[-1][0]
            old = [(key,) for key, value in rows if time_of(value) < before]
            connection.executemany("DELETE FROM meta WHERE key = ?", old)
            erased["marks"] += len(old)
            yield
            if len(rows) < _ROWS:
                break


def erase_marks_of(connection: sqlite3.Connection, agent: AgentKey, erased: Counter[str]) -> None:
    """Erase an agent's; inside the caller's transaction."""
    gone = connection.execute(
        "DELETE FROM meta WHERE key = ? OR (key > ? AND key < ?)",
        (key_of(in_vain_mark(agent)), *_span(indicators_of_agent(agent))),
    )
    erased["marks"] += gone.rowcount


def _span(beginning: str) -> tuple[str, str]:
    """What the keys of all marks stand between whose names begin so."""
    key = key_of(beginning)
    return key, key[:-1] + chr(ord(key[-1]) + 1)
