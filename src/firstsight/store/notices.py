"""Notices as they are stored, and marks: small texts that say how far something has been told, or has come to that."""

import sqlite3
from collections.abc import Mapping, Sequence

import msgspec

from firstsight.core.notices import Notice

_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Notice).decode


def key_of(mark: str) -> str:
    """What a mark stands under in the table `meta`."""
    return f"mark:{mark}"


class Notices:
    """Stored notices; those who watch read here what they have told, so that it is told once each way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(
        self, connection: sqlite3.Connection, notices: Sequence[Notice], marks: Mapping[str, str]
    ) -> dict[int, str]:
        """Store notices and marks; inside the caller's transaction.

        Returns:
            Places and codes of the notices that were not stored before: those have to be sent.
        """
        connection.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key_of(name), text) for name, text in marks.items()]
        )
        places = {}
        for notice in notices:
            row = connection.execute(
                "INSERT INTO notice (id, at, code, subject, state, body) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO NOTHING RETURNING seq",
                (notice.id, notice.at, notice.code, notice.subject, notice.state, _encode(notice)),
            ).fetchone()
            if row is not None:
                places[row[0]] = notice.code
        return places

    def latest(self) -> list[Notice]:
        """The latest notice of each code and subject."""
        rows = self._connection.execute(
            "SELECT body FROM notice WHERE seq IN (SELECT max(seq) FROM notice GROUP BY code, subject) ORDER BY seq"
        )
        return [decode(body) for (body,) in rows]

    def mark(self, name: str) -> str | None:
        """A mark; None where it was never set."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key_of(name),)).fetchone()
        return row[0] if row else None
