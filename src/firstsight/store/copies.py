"""Whole copies of a store's file: one moment of it, checked, on the disk before it has its name."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from firstsight.core.errors import InputError

APPLICATION_ID = 0x46535431
"""Marks a file as ours (SQLite's application_id): "FST1"."""

_MAGIC = b"SQLite format 3\0"
_HEADER = 100  # https://sqlite.org/fileformat2.html: the application id is its bytes 68 to 71
_STEP = 256  # pages copied at a time; a writer is not kept waiting, as the write-ahead log lets it go on
_MOST_FAULTS = 10


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that can't write, beside whoever does; close it soon, the write-ahead log grows meanwhile.

    Raises:
        sqlite3.Error: the file can't be opened.
    """
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, isolation_level=None)


def copy_store(source: Path, target: Path, note: Callable[[sqlite3.Connection], None] | None = None) -> int:
    """Copy a store while it is written to: all of it as of one moment, or nothing.

    The copy is made by SQLite's online backup, checked to its last page, put on the disk, and only then given its
    name. It is one file, without a log beside it, readable for its owner alone.

    Args:
        source: the store.
        target: the file to make; one that is there is replaced.
        note: writes into the copy what must be known of it.

    Returns:
        Its size, bytes.

    Raises:
        InputError: the target can't be written or lacks room, or the copy is not whole.
        sqlite3.Error: the store can't be read.
    """
    if target.exists() and target.samefile(source):
        raise InputError(f"{target} is the store itself. Name another file for the copy.")
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        _refuse_lack_of_room(source, target)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        _copy(source, draft, note)
        sync(draft)
        draft.replace(target)
        sync(target.parent)
        return target.stat().st_size
    except OSError as error:
        raise InputError(
            f"The copy {target} can't be written ({error.strerror}). Its folder must exist, belong to the user who "
            f"runs firstsight, and have room."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _copy(source: Path, draft: Path, note: Callable[[sqlite3.Connection], None] | None) -> None:
    with closing(read_only(source)) as origin, closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # it is synced as a whole
        # Within one read transaction: it would begin anew each time the writer commits.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        try:
            origin.backup(copy, pages=_STEP)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL:
                raise
            raise InputError(f"The disk of {draft.parent} is full: no copy was made. Free space there.") from error
        # A log of its own would have to be copied along with it, and forbids reading it from a read-only disk.
        copy.execute("PRAGMA journal_mode=DELETE")
        if found := faults(copy):
            raise InputError(
                f"The copy of {source} is not whole, as the store is damaged ({found[0]}); it was not kept. "
                f"`firstsight store check` lists what is wrong."
            )
        if note is not None:
            note(copy)


def faults(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's own check of every page finds wrong, the first few; takes as long as reading the whole file."""
    rows = connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
    return [text for (text,) in rows if text != "ok"]


def _refuse_lack_of_room(source: Path, target: Path) -> None:
    need = sum(file.stat().st_size for file in (source, source.with_name(source.name + "-wal")) if file.exists())
    free = shutil.disk_usage(target.parent).free
    if free < need:
        raise InputError(
            f"The copy {target} needs up to {need:,} bytes, and its disk has {free:,} free. Free space, or name a file "
            f"on another disk."
        )


def newest_copy(store: Path) -> Path | None:
    """The newest copy of a store among those in `backups` beside it and those made before a migration."""
    found = [*(store.parent / "backups").glob("*"), *store.parent.glob(f"{store.name}.before-v*")]
    ours = [(file.stat().st_mtime, file) for file in found if _looks_like_ours(file)]
    return max(ours)[1] if ours else None


def _looks_like_ours(file: Path) -> bool:
    try:
        with file.open("rb") as data:
            header = data.read(_HEADER)
    except OSError:
        return False
    return header.startswith(_MAGIC) and header[68:72] == APPLICATION_ID.to_bytes(4, "big")


def sync(path: Path) -> None:
    """Have a file, or a folder's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
