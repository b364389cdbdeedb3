"""What is read from files and read again once they change."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from firstsight.core.errors import InputError

log = structlog.get_logger()

T = TypeVar("T")

_Stamp = tuple[int, int, int, int] | None


class Renewed(Generic[T]):
    """A value made of files. A new version that can't be used leaves the one before in force.

    Args:
        read: makes the value.
        paths: the files it is made of; a symbolic link counts as what it leads to.

    Raises:
        InputError: `read` can't make the first value.
    """

    def __init__(self, read: Callable[[], T], *paths: Path) -> None:
        self._read = read
        self._paths = paths
        self._stamps = self._look()  # before reading: what changes meanwhile is read again
        self._fault: str | None = None
        self.value = read()

    def renew(self) -> None:
        """Read the files again if they have changed since; two or three system calls if not."""
        stamps = self._look()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        files = [str(path) for path in self._paths]
        try:
            self.value = self._read()
        except InputError as error:
            self._fault = f"{error} What was read before stays in force until then."
            log.warning("new_version_not_taken", files=files, what=self._fault)
        else:
            self._fault = None
            log.info("new_version_taken", files=files)

    def trouble(self) -> str | None:
        """A sentence while the newest version can't be used, else None."""
        return self._fault

    def _look(self) -> list[_Stamp]:
        return [_stamp(path) for path in self._paths]


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size, found.st_mode
