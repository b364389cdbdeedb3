"""Read a store beside whoever writes it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from firstsight.store.copies import APPLICATION_ID, read_only
from firstsight.store.database import migrations
from firstsight.store.trouble import absent, explained, foreign, newer, older


@contextmanager
def beside(path: Path, *, old: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that can't write and holds nobody up; close it soon, as the write-ahead log grows meanwhile.

    Args:
        path: the store.
        old: take one that is not brought up to date yet, too.

    Raises:
        StoreError: it is not there, is no store of this version, or can't be read: then, or within.
    """
    with explained(path):
        if not path.exists():
            raise absent(path)
        with closing(read_only(path)) as connection:
            ours, version = (
                connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("application_id", "user_version")
            )
            known = len(migrations())
            if ours != APPLICATION_ID:
                raise foreign(path)
            if version > known:
                raise newer(path, version, known)
            if version < known and not old:
                raise older(path, version, known)
            yield connection
