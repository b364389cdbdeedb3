"""Put a copy in a store's place. What was there is kept aside."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.store.copies import APPLICATION_ID, copy_store, faults, read_only, sync
from firstsight.store.database import migrations
from firstsight.store.holdings import copy_note, drop_copy_note
from firstsight.store.lock import lock
from firstsight.store.trouble import marker_of

_PARTS = ("", "-wal", "-shm")
"""A store's file, and what SQLite keeps beside it. A log that outlived its file would be read into the next one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: how many domains, what the copy says of itself, and the store before, if there was one."""

    domains: int
    note: str | None
    aside: Path | None


def restore(copy: Path, store: Path, stamp: str) -> Restored:
    """Check a copy and put it in a store's place, in steps that a crash leaves whole.

    Whenever it is interrupted, either store is there under its name, or none is and the next start says so.

    Args:
        copy: what `copy_store` has made; it is copied, not moved.
        store: the place.
        stamp: ends the name that the store there is kept under.

    Raises:
        StoreBusyError: a service holds the store.
        InputError: the copy can't be used, or there is no room; nothing was changed.
    """
    held = lock(store)
    try:
        if copy.exists() and store.exists() and copy.samefile(store):
            raise InputError(f"{copy} is the store itself. Name a copy of it.")
        domains, note = _usable(copy)
        draft = store.with_name(f"{store.name}.restored")
        copy_store(copy, draft, drop_copy_note)
        aside = _free_name(store.with_name(f"{store.name}.replaced-{stamp}"))
        moved = None
        for part in _PARTS:
            old = store.with_name(store.name + part)
            if old.exists():
                if part != "-shm" and old.stat().st_size:  # the log is empty where only a reader came by
                    moved = aside
                old.replace(aside.with_name(aside.name + part))
        sync(store.parent)
        marker_of(store).touch(mode=0o600)
        draft.replace(store)
        sync(store.parent)
        return Restored(domains, note, moved)
    except OSError as error:
        raise InputError(
            f"{copy} can't be put in the place of {store} ({error.strerror}). Run this as the user who runs "
            f"firstsight; nothing is lost."
        ) from error
    finally:
        os.close(held)


def _usable(copy: Path) -> tuple[int, str | None]:
    """The number of domains in a copy that is whole, ours and of a schema we know; and what it says of itself."""
    if not copy.is_file():
        raise InputError(
            f"There is no file {copy}. `firstsight store restore` needs what `firstsight store backup` made."
        )
    try:
        with closing(read_only(copy)) as connection:
            ours = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if ours != APPLICATION_ID:
                raise InputError(f"{copy} is no store of firstsight. Nothing was changed.")
            if version > len(migrations()):
                raise InputError(
                    f"{copy} has schema {version}; this firstsight knows {len(migrations())}. Install the version that "
                    f"wrote it, or name an older copy. Nothing was changed."
                )
            if found := faults(connection):
                raise InputError(f"{copy} is damaged ({found[0]}). Name another copy; nothing was changed.")
            domains = int(connection.execute("SELECT count(*) FROM domain WHERE first IS NOT NULL").fetchone()[0])
            return domains, copy_note(connection)
    except sqlite3.Error as error:
        raise InputError(
            f"{copy} can't be read as a store ({error}). Nothing was changed; name another copy."
        ) from error


def _free_name(wanted: Path) -> Path:
    name, number = wanted, 1
    while any(name.with_name(name.name + part).exists() for part in _PARTS):
        number += 1
        name = wanted.with_name(f"{wanted.name}-{number}")
    return name
