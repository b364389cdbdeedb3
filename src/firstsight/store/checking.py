"""Look a store over: every page, every reference from row to row, every count that can be counted again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.store.beside import beside
from firstsight.store.copies import faults
from firstsight.store.database import migrations

COUNTED = ("domain", "sighting", "host", "unresolved", "agent", "process", "account", "alert", "outbox", "pending")
"""Tables whose rows are told."""

_REFERENCES = (
    ("sighting", "domain", "domain", "id"),
    ("sighting", "agent", "agent", "id"),
    ("host", "domain", "domain", "id"),
    ("unresolved", "domain", "domain", "id"),
    ("domain", "agent", "agent", "id"),
    ("domain", "process", "process", "id"),
    ("domain", "account", "account", "id"),
    ("outbox", "alert", "alert", "seq"),
    ("alert_brief", "seq", "alert", "seq"),
    ("alert_reason", "seq", "alert", "seq"),
    ("alert_brief", "agent", "agent", "id"),
    ("first_sight", "agent", "agent", "id"),
    ("lacking", "pending", "pending", "seq"),
)
"""Table and column that name a row of another table by a column of its own."""

_CONTRADICTIONS = {
    "domains share their number with another": "SELECT count(*) - count(DISTINCT id) FROM domain",
    "alerts stand in no list": "SELECT count(*) FROM alert WHERE seq NOT IN (SELECT seq FROM alert_brief)",
    # Numbers are given without gaps, and the last one given is kept apart.
    "entries of the trail are missing, or have come by another way than the service's": (
        "SELECT abs(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'deed'), 0) - count(*)) FROM deed"
    ),
    "triggers that keep the trail's entries are missing": (
        "SELECT 3 - count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'deed'"
    ),
    "domains were last seen before they were first seen": "SELECT count(*) FROM domain WHERE last < first",
}
_MISCOUNTED = {
    "domains have another number of agents than of sightings": (
        "SELECT count(*) FROM domain AS d WHERE agents <> (SELECT count(*) FROM sighting WHERE domain = d.id)"
    ),
    "unresolved names have another number of agents than of who asked": (
        "SELECT count(*) FROM unresolved AS u WHERE agents <> "
        "(SELECT count(*) FROM unresolved_agent WHERE domain = u.domain)"
    ),
}


class Checked(msgspec.Struct):
    """What a check found.

    Attributes:
        rows: rows by table.
        faults: what is wrong, sentences; empty where nothing is.
    """

    rows: dict[str, int]
    faults: list[str]


def check(path: Path) -> Checked:
    """Check a store, also while a service writes it: as of one moment, by reading all of it.

    Raises:
        StoreError: it is not there, foreign, newer than this program, or can't be read at all.
    """
    with beside(path, old=True) as connection:
        connection.execute("BEGIN")
        try:
            found = faults(connection)
        except sqlite3.DatabaseError as error:  # so damaged that the check itself gives up
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            found = [str(error)]
        if found:
            return Checked({}, found)
        if connection.execute("PRAGMA user_version").fetchone()[0] < len(migrations()):
            return Checked(_rows(connection), [])  # its tables are an older version's
        return Checked(_rows(connection), [*_contradictions(connection), *_unreadable(connection)])


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COUNTED}  # noqa: S608  # names of ours


def _contradictions(connection: sqlite3.Connection) -> Iterator[str]:
    questions = dict(_CONTRADICTIONS)
    for table, column, other, key in _REFERENCES:
        questions[f"rows of table {table} name a row of table {other} that is not there"] = (
            f"SELECT count(*) FROM {table} "  # noqa: S608  # names of ours
            f"WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {other})"
        )
    # Counts that still lie in `carry` are not in their rows yet, on purpose.
    if not connection.execute("SELECT count(*) FROM carry").fetchone()[0]:
        questions |= _MISCOUNTED
    for what, question in questions.items():
        number = connection.execute(question).fetchone()[0]
        if number:
            yield f"{number:,} {what}"


def _unreadable(connection: sqlite3.Connection) -> Iterator[str]:
    for table, kind in (("alert", Alert), ("pending", Case)):
        decode = msgspec.json.Decoder(kind).decode
        bad = 0
        for (body,) in connection.execute(f"SELECT body FROM {table}"):  # noqa: S608  # names of ours
            try:
                decode(body)
            except msgspec.MsgspecError:
                bad += 1
        if bad:
            yield f"{bad:,} rows of table {table} can't be read"
