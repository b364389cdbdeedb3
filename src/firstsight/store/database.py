"""The SQLite file: open it, keep others out, bring it up to date, run transactions."""

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from pathlib import Path

from firstsight.core.errors import StoreError
from firstsight.store.copies import APPLICATION_ID, copy_store
from firstsight.store.lock import lock
from firstsight.store.trouble import explained, foreign, marker_of, missing, newer

_PATIENCE = 0.1
_LONG_LOG = 16_384  # pages of the write-ahead log: 64 MiB; the longer it is, the more each page that is read costs
_TOO_LONG_LOG = 131_072  # ended whatever it costs
_SHORT_REST = 400  # pages: milliseconds of copying and of waiting for the disk
_ROUNDS = 5


class Database:
    """One SQLite file with one writer.

    A marker file beside it (`<name>.made`) remembers that the store was once made, so that a missing store is
    never taken for a new one. A lock (store/lock.py) keeps a second writer out. Before an older schema is brought up
    to date, in one transaction, the store is copied to `<name>.before-v<schema>` beside it.

    Args:
        path: the file; its directory must exist.
        cache_mb: SQLite's page cache, MiB.

    Attributes:
        log_waits: whether the write-ahead log may hold something that is not in the file yet.

    Raises:
        StoreBusyError: another process holds the store.
        StoreError: missing, damaged, newer than this program, or unreadable; the text says which and what to do.
        InputError: the copy before a migration can't be made; nothing was changed.
    """

    def __init__(self, path: Path, *, cache_mb: int = 32) -> None:
        self.path = path
        self._marker = marker_of(path)
        self._durable: bool | None = None
        self._log_is_long = False
        self.log_waits = True
        self._opened: dict[Path, tuple[int, int]] = {}
        self._lock = lock(path)
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
            raise missing(self.path)

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
            raise foreign(self.path)
        steps = migrations()
        if version > len(steps):
            raise newer(self.path, version, len(steps))
        run("PRAGMA journal_mode=WAL")
        run(f"PRAGMA cache_size=-{cache_mb * 1024}")
        run("PRAGMA temp_store=MEMORY")
        run("PRAGMA wal_autocheckpoint=0")  # checkpoint() does that, off the path
        run("PRAGMA journal_size_limit=67108864")  # written over and over, which costs less than to make it anew
        # What is deleted leaves no bytes behind in pages that are written anyway.
        run("PRAGMA secure_delete=FAST")
        if 0 < version < len(steps):
            copy_store(self.path, self.path.with_name(f"{self.path.name}.before-v{len(steps)}"))
        if version < len(steps):
            marks = f"PRAGMA application_id={APPLICATION_ID};\nPRAGMA user_version={len(steps)};"
            self.connection.executescript("\n".join(["BEGIN IMMEDIATE;", *steps[version:], marks, "COMMIT;"]))
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
                self.log_waits = True
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def explain(self) -> AbstractContextManager[None]:
        """Turn SQLite's errors, and the file system's, into sentences."""
        return explained(self.path)

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; False where a reader still needs it."""
        with self.explain():
            return not self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file; from any thread, on a connection of its own.

        SQLite begins the log anew only when all of it is moved. Whoever writes without a pause has always written more
        by then: once the log is long, what came meanwhile is moved too, until little is left for `shorten_log`. Where
        more than a little keeps coming, a calmer second is waited for, until the log is too long.
        """
        with self.explain():
            self.still_there()
            never_make_one = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(never_make_one, uri=True, isolation_level=None)
            moved = False
            self.log_waits = False  # what is committed from here on says so again
            try:
                before = 0
                for _ in range(_ROUNDS):
                    busy, length, done = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                    rest = length - before  # what was written meanwhile is about as much
                    if busy or length < _LONG_LOG or rest < _SHORT_REST:
                        break
                    before = length
                if not busy:  # else somebody else is at it, and SQLite says nothing of the log
                    self._log_is_long = length >= (_LONG_LOG if rest < _SHORT_REST else _TOO_LONG_LOG)
                    moved = length == done  # else a reader still needs what was there before
            finally:
                if not moved:
                    self.log_waits = True
                connection.close()

    def shorten_log(self) -> None:
        """Where the log has grown long, move what is left of it, so that the next transaction begins it anew.

        For the thread that writes, between transactions: it waits for the disk, seldom.
        """
        if self._log_is_long:
            with self.explain():
                busy, *_ = self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._log_is_long = bool(busy)  # then `checkpoint` works in its thread

    def close(self) -> None:
        """Close and unlock."""
        self.connection.close()
        os.close(self._lock)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def migrations() -> list[str]:
    """The steps from an empty file to this version's schema, SQL; a store's schema is the number of those taken."""
    folder = files("firstsight.store") / "migrations"
    return [
        step.read_text() for step in sorted(folder.iterdir(), key=lambda step: step.name) if step.name.endswith(".sql")
    ]
