"""Alerts and cases, each stored as a whole, written again with others' names in them or nobody's."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.store.alerts import write_again

_ROWS = 200  # a step

_encode = msgspec.json.Encoder().encode
_alert = msgspec.json.Decoder(Alert).decode
_case = msgspec.json.Decoder(Case).decode


def rewrite_alerts(
    connection: sqlite3.Connection, change: Callable[[Alert], Alert], changed: Counter[str]
) -> Iterator[None]:
    """Go through all alerts; each step within a transaction of the caller's.

    Those that are not delivered yet leave as they are then.

    Args:
        connection: the database.
        change: gives an alert as it is to be; the same object where it stays.
        changed: counts those that were written again.
    """
    for rows in _steps(connection, "alert"):
        for seq, body in rows:
            alert = _alert(body)
            other = change(alert)
            if other is not alert:
                write_again(connection, seq, other)
                changed["alerts_without"] += 1
        yield


def rewrite_cases(
    connection: sqlite3.Connection, change: Callable[[Case], Case], changed: Counter[str]
) -> Iterator[None]:
    """Go through all cases that are not decided yet, likewise."""
    for rows in _steps(connection, "pending"):
        for seq, body in rows:
            case = _case(body)
            other = change(case)
            if other is not case:
                connection.execute("UPDATE pending SET body = ? WHERE seq = ?", (_encode(other), seq))
                changed["cases_without"] += 1
        yield


def _steps(connection: sqlite3.Connection, table: Literal["alert", "pending"]) -> Iterator[list[tuple[int, bytes]]]:
    """Up to the last row that is there: what comes behind it meanwhile is no business of a pass, nor has an end."""
    after, full = 0, True
    while full:
        rows = connection.execute(
            f"SELECT seq, body FROM {table} WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608  # names of ours
            (after, _ROWS),
        ).fetchall()
        full = len(rows) == _ROWS
        if rows:
            after = rows[-1][0]
            yield rows
