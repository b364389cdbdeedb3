"""Histories that wait beside the store: taken in page by page, between other work, by whoever holds the store."""

import asyncio
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from firstsight.core.errors import FirstsightError, InputError
from firstsight.core.facts import Known
from firstsight.core.history import Page, decode_page
from firstsight.ports import Answer, Clock, Store

log = structlog.get_logger()

READY = ".ready"
"""What a whole file's name ends in: pages (core/history.py), a line each."""

REFUSED = ".refused"
"""And that of one which holds something else."""

_IDLE = 1.0  # seconds between looks
_TROUBLED = 30.0  # seconds until what failed is tried again
_FRESH = 30 * 86400.0  # a registration of elsewhere stands as long as one that a registry has just told


class Imports:
    """Takes the files of a folder. After a crash a file is begun anew: what is known already changes nothing.

    Args:
        folder: where they wait; need not exist.
        store: takes them.
        clock: the time.
    """

    def __init__(self, folder: Path, store: Store, clock: Clock) -> None:
        self._folder = folder
        self._store = store
        self._clock = clock
        self._file: BinaryIO | None = None
        self._path = folder
        self._page: Page | None = None  # read, and not stored yet
        self._domains = self._new = 0

    async def run(self) -> None:
        """Take what comes, until cancelled."""
        try:
            while True:
                try:
                    rest = 0 if self.step() else _IDLE
                except FirstsightError as error:
                    log.warning("history_waits", file=str(self._path), what=str(error))
                    rest = _TROUBLED
                await asyncio.sleep(rest)
        finally:
            self.close()

    def step(self) -> bool:
        """Take the next page; False where there is none.

        Raises:
            StoreError: it could not be stored, and is taken by the next call.
            InputError: the file can't be read, or not be put away.
        """
        try:
            if self._file is None and not self._open():
                return False
            page = self._page or self._read()
        except OSError as error:
            self.close()
            raise InputError(
                f"The history {self._path} can't be read or put away ({error.strerror}). It and its folder must belong "
                f"to the user who runs firstsight."
            ) from error
        if page is None:
            return True
        self._page = page
        until = self._clock.now() + _FRESH
        answers = [Answer(name, Known(found), until) for name, found in page.registrations.items()]
        self._new += self._store.remember(page.looked_up, answers)
        self._domains += len(page.looked_up)
        self._page = None
        return True

    def _open(self) -> bool:
        if not self._folder.is_dir():
            return False
        path = min(self._folder.glob(f"*{READY}"), default=None)
        if path is None:
            return False
        self._path = path
        self._file = path.open("rb")
        self._domains = self._new = 0
        return True

    def _read(self) -> Page | None:
        """The next page; None where the file has ended, or is none of ours: it is put away then."""
        if self._file is None:
            raise AssertionError("a file is open")
        line = self._file.readline()
        try:
            if line:
                return decode_page(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.close()
            self._path.replace(self._path.with_suffix(REFUSED))
            log.error("history_refused", file=str(self._path.with_suffix(REFUSED)), what=f"{error}. Import it again.")
            return None
        self.close()
        self._path.unlink()
        log.info("history_taken", file=self._path.name, domains=self._domains, new=self._new)
        return None

    def close(self) -> None:
        """Let go of the file; what was taken of it stays taken."""
        if self._file is not None:
            self._file.close()
            self._file = None
