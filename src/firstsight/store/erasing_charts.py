"""Erase what pages show over time: by age, and of whom is to be forgotten."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator

from firstsight.core.privacy import Forgotten
from firstsight.ports import Doomed
from firstsight.store.hours import HOUR

_ROWS = 5_000  # a step


def erase_charts(
    connection: sqlite3.Connection, doomed: Doomed, agents: Collection[int], erased: Counter[str]
) -> Iterator[None]:
    """A pass's part; each step within a transaction of the caller's.

    Args:
        connection: the database.
        doomed: what is to be erased: first sights and agents' hours are charts, and tell who asked.
        agents: numbers of agents that are to be forgotten; their first sights stay, as nobody's.
        erased: counts what is gone, by kind.
    """
    run = connection.execute
    cuts = [cut for cut in (doomed.charts_before, doomed.who_before) if cut is not None]
    if cuts:
        cut = max(cuts)
        yield from _first_sights(connection, cut, erased)
        yield from _hours(connection, "hour_agent", cut, erased)
    if doomed.charts_before is not None:
        yield from _hours(connection, "hour_count", doomed.charts_before, erased)
    if doomed.forgotten is not None and doomed.forgotten.user:
        yield from _programs(connection, doomed.forgotten)
    if agents:
        wanted = json.dumps(sorted(agents))
        listed = "agent IN (SELECT value FROM json_each(?))"
        run(f"UPDATE first_sight SET agent = NULL WHERE {listed}", (wanted,))  # noqa: S608  # ours
        run(f"UPDATE alert_brief SET agent = NULL WHERE {listed}", (wanted,))  # noqa: S608  # ours
        yield
        for (hour,) in run("SELECT DISTINCT hour FROM hour_agent").fetchall():
            run(f"DELETE FROM hour_agent WHERE hour = ? AND {listed}", (hour, wanted))  # noqa: S608  # ours
        yield


def _first_sights(connection: sqlite3.Connection, before: float, erased: Counter[str]) -> Iterator[None]:
    """They stand in the order in which they were taken, which is nearly that of their time: late ones go later."""
    after = 0
    while rows := connection.execute(
        "SELECT seq, time FROM first_sight WHERE seq > ? ORDER BY seq LIMIT ?", (after, _ROWS)
    ).fetchall():
        old = [(seq,) for seq, time in rows if time < before]
        connection.executemany("DELETE FROM first_sight WHERE seq = ?", old)
        erased["first_sights"] += len(old)
        after = rows[-1][0]
        yield
        if not old or len(rows) < _ROWS:
            return


def _programs(connection: sqlite3.Connection, forgotten: Forgotten) -> Iterator[None]:
    """First sights by programs that are named after somebody's pseudonym."""
    after = 0
    while rows := connection.execute(
        "SELECT seq, program FROM first_sight WHERE seq > ? ORDER BY seq LIMIT ?", (after, _ROWS)
    ).fetchall():
        without = [(other, seq) for seq, program in rows if (other := forgotten.image(program)) != program]
        connection.executemany("UPDATE first_sight SET program = ? WHERE seq = ?", without)
        after = rows[-1][0]
        yield
        if len(rows) < _ROWS:
            return


def _hours(connection: sqlite3.Connection, table: str, before: float, erased: Counter[str]) -> Iterator[None]:
    hour = int(before) // HOUR
    while True:
        gone = connection.execute(
            f"DELETE FROM {table} WHERE hour = (SELECT min(hour) FROM {table} WHERE hour < ?)",  # noqa: S608  # ours
            (hour,),
        ).rowcount
        if not gone:
            return
        erased["hours"] += gone
        yield
