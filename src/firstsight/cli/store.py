"""`firstsight store backup`, `restore` and `check`."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from firstsight import compose
from firstsight.cli.desk import at_desk, me, mentioned
from firstsight.clock import SystemClock
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.settings import load
from firstsight.store import checking
from firstsight.store.copies import copy_store
from firstsight.store.database import migrations
from firstsight.store.holdings import note_copy
from firstsight.store.restoring import restore as put_back
from firstsight.store.trouble import explained


def backup(file: Path | None, config: Path | None) -> int:
    """Copy the store, also while a service writes it.

    Args:
        file: the copy; None: a file named by the time in `backups` beside the store.
        config: the settings file.

    Raises:
        FirstsightError: no copy was made; the text says why and what to do.
    """
    settings = load(config)
    store = compose.store_of(settings)
    if file is None:
        folder = store.parent / "backups"
        compose.prepare_folder(folder)
        file = folder / f"{store.stem}-{_stamp()}.db"
    elif not file.parent.is_dir():
        raise InputError(f"There is no folder {file.parent}. Make it, or name another file for the copy.")
    said: list[str] = []

    def note(copy: sqlite3.Connection) -> None:
        if copy.execute("PRAGMA user_version").fetchone()[0] == len(migrations()):  # else nobody here can read it yet
            said.append(note_copy(copy, me(), SystemClock.now()))

    with explained(store):
        size = copy_store(store, file, note)
    mentioned(settings, "exported", f"a copy of the store: {file}")
    print(f"{file}: {size:,} bytes, checked. Put it back with `firstsight store restore {file}`.", *said, sep="\n")
    return 0


def restore(file: Path, config: Path | None) -> int:
    """Put a copy in the store's place.

    Args:
        file: what `backup` has made.
        config: the settings file.

    Raises:
        FirstsightError: nothing was changed; the text says why and what to do.
    """
    settings = load(config)
    store = compose.store_path(settings)
    try:
        done = put_back(file, store, _stamp())
    except StoreBusyError as error:
        raise StoreBusyError(
            f"A service holds the store {store}: stop it (`systemctl stop firstsight`), restore, and start it again."
        ) from error
    # A copy brings the sessions of its day along.
    at_desk(settings, "restored", about=str(file))
    said = "" if done.note is None else f" {done.note}"
    kept = "" if done.aside is None else f" The store that was there is kept as {done.aside}."
    print(
        f"{file} is in the place of {store}: {done.domains:,} domains seen.{said}{kept}\n"
        f"Start the service: it reads its sources again from where this copy stood, as far as their files are still "
        f"there; alerts decided since come again, with the same ids. What programs and nodes handed over by HTTP since "
        f"then is in the other store only. Tokens and users are those of the copy: see `firstsight token list` and "
        f"`firstsight user list` whether one was revoked or removed since. Nobody is logged in."
    )
    return 0


def check(config: Path | None) -> int:
    """Look the store over, and tell what is wrong.

    Returns:
        0 where nothing is, 1 where something is.

    Raises:
        FirstsightError: it can't be read at all.
    """
    store = compose.store_of(load(config))
    found = checking.check(store)
    for table, number in found.rows.items():
        print(f"{number:>14,}  {table}")
    if not found.faults:
        print(f"{store} is whole.")
        return 0
    print(f"{store} is damaged:")
    for fault in found.faults:
        print(f"  - {fault}")
    print(
        f"Keep it. Put a copy back (`firstsight store restore FILE`; look in {store.parent / 'backups'} and where "
        f"you made them), or take what can be read with `sqlite3 {store} .recover`."
    )
    return 1


def _stamp() -> str:
    return datetime.fromtimestamp(SystemClock.now(), UTC).strftime("%Y%m%dT%H%M%SZ")
