"""Exceptions made by the verb or the API, and what every exception has held back."""

import sqlite3

import msgspec

from firstsight.core.exceptions import ExceptionRule
from firstsight.ports import Hits

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ExceptionRule).decode


def stored(connection: sqlite3.Connection) -> list[ExceptionRule]:
    """All of them, expired ones too."""
    return [_decode(body) for (body,) in connection.execute("SELECT body FROM exception ORDER BY id")]


def keep(connection: sqlite3.Connection, rule: ExceptionRule) -> None:
    """Keep one in the place of one of the same id; inside the caller's transaction."""
    connection.execute("INSERT OR REPLACE INTO exception VALUES (?, ?)", (rule.id, _encode(rule)))


def drop(connection: sqlite3.Connection, exception_id: str) -> None:
    """Forget one and its hits; inside the caller's transaction."""
    connection.execute("DELETE FROM exception WHERE id = ?", (exception_id,))
    connection.execute("DELETE FROM exception_hit WHERE id = ?", (exception_id,))


def hits(connection: sqlite3.Connection) -> dict[str, Hits]:
    """What exceptions have held back, by id."""
    return {
        key: Hits(count, last) for key, count, last in connection.execute("SELECT id, hits, last FROM exception_hit")
    }


def count(connection: sqlite3.Connection, more: dict[str, int], now: float) -> None:
    """Count hits; inside the caller's transaction.

    Args:
        connection: the database.
        more: how many, by id.
        now: seconds since the epoch.
    """
    connection.executemany(
        "INSERT INTO exception_hit VALUES (?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET hits = hits + excluded.hits, last = excluded.last",
        [(key, n, now) for key, n in sorted(more.items())],
    )
