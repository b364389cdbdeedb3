"""The audit trail on SQLite. The table's triggers forbid that a row is changed or taken away."""

import sqlite3

from firstsight.core.deeds import LONGEST, Deed, DeedFilter
from firstsight.store.database import Database

_WANTED = (
    "SELECT seq, what, who, at, about, origin FROM deed WHERE (?1 = '' OR what = ?1) "
    "AND (?2 = '' OR instr(lower(who), lower(?2))) AND at >= ?3 AND at < ?4 AND seq {side} ?5 "
    "ORDER BY seq {order} LIMIT ?6"
)
_BEHIND, _BEFORE = _WANTED.format(side=">", order="ASC"), _WANTED.format(side="<", order="DESC")


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

    def deeds(self, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds in order, with their numbers: those behind a number."""
        with self._database.explain():
            return read_deeds(self._database.connection, wanted, after=after, limit=limit)


def write_deed(connection: sqlite3.Connection, deed: Deed) -> None:
    """Take a deed down, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO deed (at, what, who, about, origin) VALUES (?, ?, ?, ?, ?)",
        (deed.at, deed.what, deed.who[:LONGEST], deed.about[:LONGEST], deed.origin[:LONGEST]),
    )


def read_deeds(connection: sqlite3.Connection, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
    """See Trail.deeds."""
    return _read(connection, _BEHIND, wanted, after, limit)


def read_newest_deeds(
    connection: sqlite3.Connection, wanted: DeedFilter, *, before: int, limit: int
) -> list[tuple[int, Deed]]:
    """See Views.newest_deeds."""
    return _read(connection, _BEFORE, wanted, before, limit)


def _read(
    connection: sqlite3.Connection, statement: str, wanted: DeedFilter, number: int, limit: int
) -> list[tuple[int, Deed]]:
    rows = connection.execute(statement, (wanted.what, wanted.who, wanted.since, wanted.until, number, limit))
    return [(seq, Deed(*rest)) for seq, *rest in rows]
