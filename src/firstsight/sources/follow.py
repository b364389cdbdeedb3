"""Follows a log through its rotations: every line once, in order, from a stored place on."""

import os
from collections.abc import Generator
from io import RawIOBase
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from firstsight.ports import Clock
from firstsight.sources.packed import Packed, UnfinishedError, unpack
from firstsight.sources.place import Place, find, later, read_place
from firstsight.sources.reading import Reading, Turn
from firstsight.sources.rotated import History, Piece
from firstsight.sources.trouble import Trouble

_STINT = 4 << 20  # bytes unpacked a turn while nothing can be handed over yet
_BACKLOG, _LONGER = 4, 8
_RATIO = 10  # an alert log's size against its .gz, roughly

_Packing = Generator[None, None, tuple[Packed, int]]


class Follower:
    """Follows the file at one path (`rotated` says what may happen to it).

    A file is left when another one with a complete line stands at the fixed path and, `settle` seconds later, there
    is still nothing more in it: the writer may have flushed late. Nothing is raised out of `read`; what is wrong is
    said by `trouble`.

    Args:
        path: the fixed path.
        start: where to begin when there is no stored position: at the file's beginning, or at its end as it is then.
        clock: the time, for waiting.
        turn: bytes to read at once; eight times that while more than four times that wait.
        max_line: longer lines are skipped, bytes.
        settle: how long a writer may take to flush what it wrote, and how often folders are looked at; seconds.

    Attributes:
        up_to_date: when all that was written had been read, seconds since the epoch; None: not since the start.
    """

    def __init__(
        self,
        path: Path,
        start: Literal["start", "end"] = "start",
        *,
        clock: Clock,
        turn: int = 65536,
        max_line: int = 1 << 20,
        settle: float = 1.0,
    ) -> None:
        self._path = path
        self._start = start
        self._clock = clock
        self._portion = turn
        self._max_line = max_line
        self._settle = settle
        self._history = History(path)
        self._trouble = Trouble(path)
        self.up_to_date: float | None = None
        self._reset(None)

    def _reset(self, place: Place | None) -> None:
        self._open: Reading | None = None
        self._packing: tuple[_Packing, RawIOBase, Place] | None = None  # a .gz on its way to being open
        self._place = place  # where to go while nothing is open
        self._begun = place is not None
        self._from_end = self._start == "end"
        self._between: int | None = None  # bytes in files between the open one and the fixed path; None: not known
        self._away: float | None = None  # since when the open file is not the one at the fixed path
        self._lost: float | None = None  # since when the place's file can't be found
        self._looked: tuple[object, float] | None = None

    def resume(self, position: str | None) -> None:
        """Go to a stored position; None: to where a new follower begins. Files are looked for by the next `read`."""
        self.close()
        self._reset(None if position is None else read_place(position))
        if position is not None and not self._begun:
            self._from_end = False
            self._trouble.gap("the stored position can't be read; reading begins anew", self._clock.now())

    def read(self) -> Turn | None:
        """The next lines, None while there are none (or while a .gz is being unpacked). Never blocks, never raises.

        The first turn of a new follower has no lines: its position is worth storing, so that "end" stays where it was.
        """
        now = self._clock.now()
        try:
            return self._step(now)
        except UnfinishedError as error:
            if self._trouble.unfinished(error.path, now):
                self._history.damaged.add(error.path)
                self._trouble.gap(f"{error.path} is damaged; what can be unpacked of it is read", now)
        except OSError as error:
            self._trouble.refused(error)
        return None

    @property
    def gaps(self) -> int:
        """How often lines may have been missed because their file was gone or damaged."""
        return self._trouble.gaps

    def lag(self) -> int:
        """Bytes not read yet, roughly where files are compressed; 0 while that can't be seen."""
        here = self._open
        try:
            fixed = self._history.current()
            size = fixed.size if fixed else 0
            if here is None:
                return size if self._begun else 0
            if fixed is not None and here.is_piece(fixed):
                return here.left()
            if self._between is None:
                others = [p for p in later(self._history, here.place) if not _same(p, fixed)]
                self._between = sum(p.size * (_RATIO if p.packed else 1) for p in others)
            return here.left() + self._between + size
        except (OSError, UnfinishedError):
            return 0

    def trouble(self) -> str | None:
        """What keeps the log from being read as it should be, or what may be missing of it (told for a day)."""
        return self._trouble.sentence(self._clock.now(), self._history.denied)

    def close(self) -> None:
        """Let go of files; the next `read` opens them again."""
        if self._packing is not None:
            self._packing[1].close()
            self._packing = None
        if self._open is not None:
            self._open.close()
            self._place = self._open.place
            self._open = None
        self._looked = None

    # -- one turn ------------------------------------------------------------------------------------------------

    def _step(self, now: float) -> Turn | None:
        if self._packing is not None:
            self._unpack(self._packing[0], self._packing[2])
        elif self._open is None:
            self._look(now)
        here = self._open
        if here is None or self._packing is not None:
            return None
        if not self._begun:
            self._begun = True
            return Turn([], 0, here.place.text())
        before = here.place
        try:
            # With a backlog a longer turn costs less an event; nobody waits for these lines within milliseconds.
            behind = here.left() > _BACKLOG * self._portion
            turn = here.take(self._portion, _LONGER if behind else 1)
        except OSError:
            self.close()
            raise
        if turn is not None:
            if not before.head and self._was_emptied(before):
                return None
            self._away = None
            return turn
        if here.emptied:
            self.close()
            return None
        return self._go_on(here, now) if here.at_end and self._is_finished(here, now) else None

    def _was_emptied(self, before: Place) -> bool:
        """Whether a file's first line is not the first it ever had (copytruncate, before we saw it).

        If so, or if that can't be seen, what was read is let go of.
        """
        emptied = True
        try:
            found = find(self._history, before)
            emptied = found is not None and found[1]
        finally:
            if emptied:
                self.close()
                self._place = before
        return emptied

    def _is_finished(self, here: Reading, now: float) -> bool:
        if here.final:
            return True
        fixed = self._history.current()
        if fixed is not None and here.is_piece(fixed):
            self._away = self._trouble.now = None
            self.up_to_date = now
            return False
        if self._away is None:
            self._away = now
        if 0 <= now - self._away < self._settle:
            return False
        if fixed is None:
            self._trouble.missing()
        return fixed is not None

    def _go_on(self, here: Reading, now: float) -> Turn | None:
        """Go to the next file, once it is there; before that, hand over the line that nobody will complete."""
        if not self._may_look(now):
            return None
        fixed = self._history.current()
        for piece in later(self._history, here.place):
            first = self._history.head(piece)
            if not first and _same(piece, fixed):
                break  # it has no line yet, and its writer may still be at the old one
            if not first and (piece.path in self._history.damaged or piece.size == 0):
                continue
            if turn := here.finish():
                self._looked = None
                return turn
            self._enter(piece, _beginning(piece, first, here.place), final=piece.packed)
            return None
        self._trouble.now = None
        return None

    # -- finding a file, and opening it ------------------------------------------------------------------------------

    def _look(self, now: float) -> None:
        if not self._may_look(now):
            return
        if self._place is None:
            self._begin()
            return
        found = find(self._history, self._place)
        if found is not None:
            self._lost = None
            piece, copy = found
            if copy:  # keep the inode: by it the file that was copied is known, should it be written to again
                offset = self._place.offset if piece.packed else min(self._place.offset, piece.size)
                place = replace(self._place, offset=offset, head=self._place.head or self._history.head(piece))
            else:
                place = replace(self._place, device=piece.device, inode=piece.inode)
            self._enter(piece, place, final=copy)
            return
        if self._lost is None:
            self._lost = now  # logrotate may be between two renames
        if not 0 <= now - self._lost < self._settle:
            self._look_behind(self._place, now)

    def _look_behind(self, place: Place, now: float) -> None:
        """The file of a place is gone for good: take the oldest one after it, and say so."""
        for piece in later(self._history, place):
            if first := self._history.head(piece):
                self._trouble.gap(
                    f"the file read last ({place.dated or self._path.name}, up to byte {place.offset}) is gone or was "
                    f"emptied; reading went on from the beginning of {piece.path}",
                    now,
                )
                self._enter(piece, _beginning(piece, first, place), final=piece.packed)
                return
        if self._history.current() is None:
            self._trouble.missing()

    def _begin(self) -> None:
        piece = self._history.current()
        if piece is None:
            self._from_end = False  # whatever appears is new: its end "as it is now" is its beginning
            self._trouble.missing()
            return
        offset = _last_line_end(piece, self._max_line) if self._from_end else 0
        first = self._history.head(piece)
        self._enter(piece, Place(piece.device, piece.inode, offset, first, mtime=piece.mtime), final=False)

    def _enter(self, piece: Piece, place: Place, *, final: bool) -> None:
        """Read on in a file from a place. A .gz takes some turns until it is open."""
        file = piece.path.open("rb", buffering=0)
        if not piece.is_file(os.fstat(file.fileno())):  # another one since we looked
            file.close()
            self._looked = None
            return
        if piece.packed:
            damaged = piece.path in self._history.damaged
            self._packing = (unpack(file, piece.path, place.offset, damaged=damaged, stint=_STINT), file, place)
            return
        file.seek(place.offset)
        if dated := piece.dated or self._history.name_of(piece):
            place = replace(place, dated=dated, beside=False)
        self._take_up(Reading(file, place, self._max_line, final=final))

    def _unpack(self, work: _Packing, place: Place) -> None:
        try:
            next(work)
        except StopIteration as done:
            file, size = done.value
            self._packing = None
            self._take_up(Reading(file, place, self._max_line, final=True, size=size))
        except (OSError, UnfinishedError):
            self._packing = None
            raise

    def _take_up(self, reading: Reading) -> None:
        self.close()
        self._open = reading
        self._place = self._between = self._away = self._lost = self._trouble.now = None

    def _may_look(self, now: float) -> bool:
        """Folders are looked at once a `settle`, and when the fixed path changed hands."""
        fixed = self._history.current()
        seen = fixed and (fixed.device, fixed.inode, fixed.size > 0)
        if self._looked is not None and self._looked[0] == seen and 0 <= now - self._looked[1] < self._settle:
            return False
        self._looked = (seen, now)
        return True


def _same(piece: Piece, other: Piece | None) -> bool:
    return other is not None and (piece.device, piece.inode) == (other.device, other.inode)


def _beginning(piece: Piece, first: str, before: Place) -> Place:
    dated = piece.dated or before.dated
    return Place(piece.device, piece.inode, 0, first, dated, beside=not piece.dated, mtime=piece.mtime)


def _last_line_end(piece: Piece, most: int) -> int:
    """Where the last complete line ends; the file's end where no newline lies within the last `most` bytes."""
    at = max(0, piece.size - most)
    with piece.path.open("rb") as file:
        file.seek(at)
        newline = file.read(piece.size - at).rfind(b"\n")
    if newline < 0 < at:
        return piece.size
    return at + newline + 1
