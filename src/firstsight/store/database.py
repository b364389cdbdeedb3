"""The SQLite file: open it, keep others out, bring it up to date, run transactions, say what went wrong."""

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from pathlib import Path

import msgspec

from firstsight.core.errors import StoreBusyError, StoreError

APPLICATION_ID = 0x46535431
"""Marks a file as ours (SQLite's application_id): "FST1"."""

_PATIENCE = 0.1


class Database:
    """One SQLite file with one writer.

    A marker file beside it (`<name>.made`) remembers that the store was once made, so that a missing store is
    never taken for a new one. A lock file (`<name>.lock`, flock) keeps a second writer out and dies with its process.

    Args:
        path: the file; its directory must exist.
        cache_mb: SQLite's page cache, MiB.

    Raises:
        StoreBusyError: another process holds the store.
        StoreError: missing, damaged, newer than this program, or unreadable; the text says which and what to do.
    """

    def __init__(self, path: Path, *, cache_mb: int = 32) -> None:
        self.path = path
        self._marker = path.with_name(path.name + ".made")
        self._durable: bool | None = None
        self._opened: dict[Path, tuple[int, int]] = {}
        self._lock = _lock(path.with_name(path.name + ".lock"))
        try:
            self._refuse_missing()
            with self.explain():
                self.connection = self._connect()
                try:
                    self._prepare(cache_mb)
                except BaseException:
                    self.connection.close()
                    raise
        except BaseException:
            os.close(self._lock)
            raise

    def _refuse_missing(self) -> None:
        there = self.path.exists() and self.path.stat().st_size > 0
        if self._marker.exists() and not there:
            raise StoreError(
                f"The store {self.path} was made before ({self._marker} says so) but is missing or empty now. "
                f"It is not replaced by an empty one. Put a backup of it back; or, to begin anew and see every "
                f"domain as new again, remove {self._marker} and start again."
            )

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            # SQLite would make it readable to all; its log and shared memory take the file's mode.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        # The event loop waits with it, so it does not wait long for another program's lock.
        return sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)

    def _prepare(self, cache_mb: int) -> None:
        run = self.connection.execute
        ours, version = run("PRAGMA application_id").fetchone()[0], run("PRAGMA user_version").fetchone()[0]
        tables = run("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and ours != APPLICATION_ID:
            raise StoreError(f"{self.path} is a database, but not one of firstsight. Name another file in `store`.")
        steps = _migrations()
        if version > len(steps):
            raise StoreError(
                f"The store {self.path} has schema {version}; this firstsight knows {len(steps)}. It was written by "
                f"a newer version: install that one again, or put a backup from before the upgrade back."
            )
        run("PRAGMA journal_mode=WAL")
        run(f"PRAGMA cache_size=-{cache_mb * 1024}")
        run("PRAGMA temp_store=MEMORY")
        run("PRAGMA wal_autocheckpoint=0")  # checkpoint() does that, off the path
        run("PRAGMA journal_size_limit=67108864")
        for number, sql in enumerate(steps[version:], start=version + 1):
            mark = f"PRAGMA application_id={APPLICATION_ID};\nPRAGMA user_version={number};"
            self.connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\n{mark}\nCOMMIT;")
        run("INSERT OR IGNORE INTO meta VALUES ('store', ?)", (uuid.uuid4().hex,))
        self._marker.touch(mode=0o600)
        for file in (self.path, self.path.with_name(self.path.name + "-wal")):
            self._opened[file] = _identity(file)

    def still_there(self) -> None:
        """See that the files are the ones that were opened: SQLite would write on into files that have no name left.

        Raises:
            StoreError: one was removed, or another one stands in its place.
        """
        for file, opened in self._opened.items():
            try:
                there = _identity(file) == opened
            except FileNotFoundError:
                there = False
            if not there:
                raise StoreError(
                    f"{file} was removed or replaced while firstsight runs. Nothing is recorded, and no empty store is "
                    f"made. Move it back, and reading goes on; or stop firstsight, put a backup of the store in its "
                    f"place, and start it again."
                )

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """All or nothing. `durable`: survives a power cut when this returns (one fsync), not only a crash."""
        with self.explain():
            self.still_there()
            if durable is not self._durable:
                self.connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def explain(self) -> AbstractContextManager[None]:
        """Turn SQLite's errors, and the file system's, into sentences."""
        return explained(self.path)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file; from any thread, on a connection of its own."""
        with self.explain():
            self.still_there()
            never_make_one = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(never_make_one, uri=True, isolation_level=None)
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()

    def close(self) -> None:
        """Close and unlock."""
        self.connection.close()
        os.close(self._lock)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors, and the file system's, into sentences about a store."""
    try:
        yield
    except msgspec.MsgspecError as error:
        raise StoreError(f"{_damaged(path)} (a row can't be read: {error})") from error
    except OSError as error:
        raise StoreError(
            f"The store {path} can't be made or read ({error.strerror}). It and its folder must belong to the user "
            f"who runs firstsight, on a disk with room."
        ) from error
    except sqlite3.Error as error:
        raise StoreError(f"{_explanation(error, path)} (SQLite: {error})") from error


def newest_schema() -> int:
    """The schema that this program writes."""
    return len(_migrations())


def _lock(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"The store's lock {path} can't be opened ({error.strerror}). Its folder must exist and belong to "
            f"the user who runs firstsight."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreBusyError(
            f"Another process holds the store ({path}). A store has one writer: stop the other one "
            f"(`fuser {path}` names it), or give this one another `data_dir`."
        ) from error
    return descriptor


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _migrations() -> list[str]:
    folder = files("firstsight.store") / "migrations"
    return [
        step.read_text() for step in sorted(folder.iterdir(), key=lambda step: step.name) if step.name.endswith(".sql")
    ]


def _damaged(path: Path) -> str:
    return (
        f"The store {path} is damaged and is left as it is. Put the newest backup back, or recover what can be "
        f"read with `sqlite3 {path} .recover`."
    )


def _explanation(error: sqlite3.Error, path: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(path)
    sentence = _SENTENCES.get(code) or _SENTENCES.get(code & 0xFF) or "The store {path} could not do what was asked."
    return sentence.format(path=path)


_OWNER = "The store {path} can't be written. It and its folder must belong to the user who runs firstsight."
_HELD = "The store {path} is held by another program. Close whatever has it open for writing."
_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full. Nothing is lost: free space, reading goes on by itself.",
    sqlite3.SQLITE_IOERR_WRITE: (
        "Writing to {path} failed: the user's quota or a limit on file sizes (LimitFSIZE) is reached, or the disk "
        "fails (see `dmesg`). Nothing is lost: once it can be written, reading goes on by itself."
    ),
    sqlite3.SQLITE_IOERR: "Reading or writing {path} failed. See `dmesg` for the disk's own word.",
    sqlite3.SQLITE_READONLY: _OWNER,
    sqlite3.SQLITE_CANTOPEN: _OWNER,
    sqlite3.SQLITE_PERM: _OWNER,
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
}
