"""Alerts as JSON lines in a file, for people, shippers and an agent's logcollector."""

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from firstsight.core.alerts import Alert
from firstsight.core.document import alert_document
from firstsight.core.jsontext import json_text
from firstsight.ports import Clock
from firstsight.sinks.backoff import Backoff

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK  # a FIFO must not hold us up


class AlertFile:
    """The sink "file" (ports.Sink): one line an alert; a burst is appended in one write, or not at all.

    The file is made 0640 (less the umask) in a directory that must be there; where it was renamed or removed
    (logrotate) it is made anew. It is synced before alerts count as delivered: the outbox forgets them then, and a
    power cut must not take the only copy. Alerts are rare, so a sync a burst is nothing. A line may stand twice
    (a crash between sync and commit), with the same `alert_id`.
    """

    name = "file"

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._file: int | None = None
        self._backoff = Backoff()
        self._trouble: str | None = None

    def send(self, alerts: Sequence[Alert]) -> int:
        """Append all alerts, or none: 0 where the disk refuses, and at once while it is too early to try again."""
        if not alerts or self._backoff.waiting(self._clock.now()):
            return 0
        try:
            self._append(b"".join(map(_line, alerts)))
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
        return len(alerts)

    def trouble(self) -> str | None:
        """Why nothing can be written, and what to do; None while it works."""
        return self._trouble

    def close(self) -> None:
        """Close the file; the next send opens it again."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # a network disk may say only now that it was full: those lines are sent again
                os.close(file)

    def _append(self, lines: bytes) -> None:
        file = self._current()
        before = os.fstat(file).st_size
        if before and os.pread(file, 1, before - 1) != b"\n":
            # A crash left half a line. It stays as it is (the file may be somebody else's); ours begins on its own.
            lines = b"\n" + lines
        try:
            while lines:
                lines = lines[os.write(file, lines) :]  # a short write: the next one says why
        except OSError:
            os.ftruncate(file, before)
            raise
        os.fsync(file)

    def _current(self) -> int:
        """The file that stands at the path now."""
        if self._file is not None and not self._in_place(self._file):
            self.close()
        if self._file is None:
            self._file = os.open(self._path, _FLAGS, 0o640)
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
        return self._file

    def _in_place(self, file: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(file))
        except FileNotFoundError:
            return False


def _line(alert: Alert) -> bytes:
    return json_text(alert_document(alert)) + b"\n"
