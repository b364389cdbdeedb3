"""The audit trail on SQLite. The table's triggers forbid that a row is changed or taken away."""

import sqlite3

from firstsight.core.deeds import LONGEST, Deed
from firstsight.store.database import Database


class SqliteTrail:
    """ports.Trail.

    Args:
        database: an open store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, deed: Deed) -> None:
        """Take a deed down, durably."""
        with self._database.transaction(durable=True) as connection:
            write_deed(connection, deed)

    def deeds(self, *, since: float, after: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds in order, with their numbers: those from a time on, behind a number."""
        with self._database.explain():
            return read_deeds(self._database.connection, since=since, after=after, limit=limit)


def write_deed(connection: sqlite3.Connection, deed: Deed) -> None:
    """Take a deed down, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO deed (at, what, who, about, origin) VALUES (?, ?, ?, ?, ?)",
        (deed.at, deed.what, deed.who[:LONGEST], deed.about[:LONGEST], deed.origin[:LONGEST]),
    )


def read_deeds(connection: sqlite3.Connection, *, since: float, after: int, limit: int) -> list[tuple[int, Deed]]:
    """See Trail.deeds."""
    rows = connection.execute(
        "SELECT seq, what, who, at, about, origin FROM deed WHERE seq > ? AND at >= ? ORDER BY seq LIMIT ?",
        (after, since, limit),
    )
    return [(seq, Deed(*rest)) for seq, *rest in rows]
