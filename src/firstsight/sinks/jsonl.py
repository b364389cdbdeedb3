"""Alerts and notices as JSON lines in a file, for people, shippers and an agent's logcollector."""

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from firstsight.core.alerts import Alert
from firstsight.core.document import alert_document, notice_document
from firstsight.core.jsontext import json_text
from firstsight.ports import Clock, Outgoing
from firstsight.sinks.backoff import Backoff
from firstsight.sinks.rotation import rotate

_BLOCK = 4096  # bytes of the file's end that are read at a time
_LONGEST = 1 << 20  # bytes; no line of ours is longer
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK  # a FIFO must not hold us up


class AlertFile:
    """The sink "file" (ports.Sink): one line an alert or a notice; a burst is appended in one write, or not at all.

    The file is made 0640 (less the umask) in a directory that must be there; where it was renamed or removed
    (logrotate) it is made anew. It is synced before alerts count as delivered: the outbox forgets them then, and a
    power cut must not take the only copy. Alerts are rare, so a sync a burst is nothing. A line may stand twice
    (a crash between sync and commit), with the same `alert_id`; half a line of a crash is finished by the next burst.

    Args:
        path: the file.
        clock: the time, for trying again.
        max_bytes: before the file grows beyond that, it is rotated (`rotate`), between two bursts; 0: never.
        keep: how many older files are kept.
    """

    name = "file"

    def __init__(self, path: Path, clock: Clock, *, max_bytes: int = 0, keep: int = 5) -> None:
        self._path = path
        self._clock = clock
        self._max_bytes = max_bytes
        self._keep = keep
        self._file: int | None = None
        self._backoff = Backoff()
        self._trouble: str | None = None
        self._unrotated: str | None = None

    def send(self, items: Sequence[Outgoing]) -> int:
        """Append all of them, or none: 0 where the disk refuses, and at once while it is too early to try again."""
        if not items or self._backoff.waiting(self._clock.now()):
            return 0
        try:
            self._append([_line(item) for item in items])
        except OSError as error:
            self.close()
            self._backoff.failed(self._clock.now())
            self._trouble = (
                f"Alerts can't be written to {self._path}: {error.strerror}. They wait and are written later; "
                "check [alerts] file, the directory's permissions and the free space."
            )
            return 0
        self._backoff.worked()
        self._trouble = None
        return len(items)

    def trouble(self) -> str | None:
        """Why nothing can be written, or the file grows beyond its size, and what to do; None while it works."""
        return self._trouble or self._unrotated

    def close(self) -> None:
        """Close the file; the next send opens it again."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # a network disk may say only now that it was full: those lines are sent again
                os.close(file)

    def _append(self, lines: Sequence[bytes]) -> None:
        file = self._current()
        before = os.fstat(file).st_size
        unfinished = _unfinished(file, before)
        data = b"".join(_after(unfinished, lines))
        too_large = before > 0 and 0 < self._max_bytes < before + len(data)
        if too_large and not unfinished and self._rotate():  # half a line is finished where it stands
            file, before = self._current(), 0
        try:
            while data:
                data = data[os.write(file, data) :]  # a short write: the next one says why
        except OSError:
            os.ftruncate(file, before)
            raise
        os.fsync(file)

    def _rotate(self) -> bool:
        """Begin a new file. Where the names can't be changed the old one goes on: alerts matter more than its size."""
        try:
            rotate(self._path, self._keep)
        except OSError as error:
            self._unrotated = (
                f"{self._path} can't be rotated: {error.strerror}. Alerts are written, and it grows beyond [alerts] "
                f"file_max_bytes; look at the files beside it and at the directory's permissions."
            )
            return False
        self._unrotated = None
        return True

    def _current(self) -> int:
        """The file that stands at the path now."""
        if self._file is not None and not self._in_place(self._file):
            self.close()
        if self._file is None:
            self._file = os.open(self._path, _FLAGS, 0o640)
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            _sync(self._path.parent)
        return self._file

    def _in_place(self, file: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(file))
        except FileNotFoundError:
            return False


def _sync(folder: Path) -> None:
    """A file's name survives a power cut only once its folder is on disk. Not every file system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unfinished(file: int, size: int) -> bytes:
    """What stands behind the last newline of a file: a kill -9 in the middle of a write leaves half a line."""
    tail = b""
    while size:
        start = max(0, size - _BLOCK)
        head, newline, rest = os.pread(file, size - start, start).rpartition(b"\n")
        tail = (rest if newline else head + rest) + tail
        if newline or len(tail) > _LONGEST:
            break
        size = start
    return tail


def _after(unfinished: bytes, lines: Sequence[bytes]) -> list[bytes]:
    """What to write behind an unfinished line, so that a shipper sees whole lines only.

    The alert of a half line was not acknowledged, so it is sent again with the first burst: the half is finished
    with the other half, not cut off (a shipper that sees a file shrink reads it anew from its start). Where it is of
    none of these (the file may be somebody else's), it stays as it is and ours begin on a line of their own.
    """
    if not unfinished:
        return list(lines)
    for place, line in enumerate(lines):
        if line.startswith(unfinished):
            return [line[len(unfinished) :], *lines[:place], *lines[place + 1 :]]
    return [b"\n", *lines]


def _line(item: Outgoing) -> bytes:
    return json_text(alert_document(item) if isinstance(item, Alert) else notice_document(item)) + b"\n"
