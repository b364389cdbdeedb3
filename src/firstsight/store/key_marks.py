"""By which keys people's names have become pseudonyms here: a mark of each, and since when."""

import json
import sqlite3

_KEYS = "pseudonym_keys"


def key_marks(connection: sqlite3.Connection) -> list[tuple[str, float]]:
    """Marks of the keys (access/pseudonym_key.py), the oldest first, with when they came, seconds since the epoch."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEYS,)).fetchone()
    return [] if row is None else [(mark, since) for mark, since in json.loads(row[0])]


def take_key_mark(connection: sqlite3.Connection, mark: str, now: float) -> float | None:
    """Note which key is in force from now on; inside the caller's transaction.

    Returns:
        Since when the one before was, where it is another; seconds since the epoch.
    """
    marks = key_marks(connection)
    before = marks[-1] if marks else None
    if before is not None and before[0] == mark:
        return None
    marks.append((mark, now))
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEYS, json.dumps(marks)))
    return None if before is None else before[1]
