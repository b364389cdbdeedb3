"""One file being read from a place on: its lines, and the place after them."""

import os
from dataclasses import dataclass
from io import RawIOBase

from msgspec.structs import replace

from firstsight.sources.lines import Lines
from firstsight.sources.packed import Packed
from firstsight.sources.place import Place
from firstsight.sources.rotated import HEAD, Piece, head

_ENDLESS = 1 << 20  # bytes of a line beyond its longest that are read in one turn


@dataclass(frozen=True, slots=True)
class Turn:
    """What one `read` brought.

    Attributes:
        lines: complete lines without their newline.
        overlong: lines that were too long and were skipped.
        position: where to go on after them.
    """

    lines: list[bytes]
    overlong: int
    position: str


class Reading:
    """A plain file, or a .gz read as the plain file that it was.

    Args:
        file: stands at the place's offset.
        place: where it begins.
        max_line: longer lines are skipped, bytes.
        final: nobody writes to the file any more.
        size: what a .gz holds unpacked, bytes.

    Attributes:
        place: where it stands: after the last line handed over.
        final: as given.
        at_end: the last `take` came to the end.
        emptied: the file has become shorter than what was read of it, or begins anew (copytruncate). Nothing more
            comes.
    """

    def __init__(
        self, file: Packed | RawIOBase, place: Place, max_line: int, *, final: bool, size: int | None = None
    ) -> None:
        self.place = place
        self.final = final
        self.at_end = False
        self.emptied = False
        self._file = file
        self._max_line = max_line
        self._lines = Lines(place.offset, max_line)
        self._size = size
        self._start = b""  # the first line, or what there is of it
        if not isinstance(file, Packed):
            self._start = _first_line(os.pread(file.fileno(), HEAD, 0))
            self.emptied = place.head not in {"", head(self._start)}

    def take(self, portion: int, portions: int = 1) -> Turn | None:
        """The next lines; None at the end as it is now, or within an endless line.

        OSError where reading fails.

        Args:
            portion: bytes to read at once. A large turn is read in small portions all the same: memory that is used
                again at once is still at hand for the processor.
            portions: how many of them to read where there are so many. No more is read than it takes to have a line.
        """
        self.at_end = False
        lines: list[bytes] = []
        skipped = self._lines.overlong
        for number in range(1, max(portions, (self._max_line + _ENDLESS) // portion + 1) + 1):
            data = self._file.read(portion)
            # After reading, as it may be emptied at any moment: then these bytes are of no known line.
            if self.emptied or self._begins_anew():
                self.emptied = True
                break
            if data:
                lines += self._lines.feed(data)
            brought = bool(lines) or self._lines.overlong > skipped
            if not data and not brought:
                self.at_end = True
                self._look_at_end()
            if not data or (brought and number >= portions):
                break
        return self._turn(lines, skipped) if lines or self._lines.overlong > skipped else None

    def finish(self) -> Turn | None:
        """The line that nobody will complete, None where there is none."""
        skipped = self._lines.overlong
        lines = self._lines.finish()
        if lines or self._lines.overlong > skipped:
            return self._turn(lines, skipped)
        return None

    def is_piece(self, piece: Piece) -> bool:
        """Whether it is this file that is being read."""
        return not isinstance(self._file, Packed) and piece.is_file(os.fstat(self._file.fileno()))

    def left(self) -> int:
        """Bytes of the file that are not handed over yet."""
        size = self._size or 0 if isinstance(self._file, Packed) else os.fstat(self._file.fileno()).st_size
        return max(0, size - self.place.offset)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _turn(self, lines: list[bytes], skipped: int) -> Turn:
        first = self.place.head or head(self._start)  # a .gz had its first line when it was opened
        self.place = replace(self.place, offset=self._lines.offset, head=first)
        return Turn(lines, self._lines.overlong - skipped, self.place.text())

    def _begins_anew(self) -> bool:
        """Whether other bytes stand at the beginning than did: emptied, it may have grown past the place again."""
        if isinstance(self._file, Packed):
            return False
        whole = self._start.endswith(b"\n") or len(self._start) == HEAD
        now = os.pread(self._file.fileno(), len(self._start) if whole else HEAD, 0)
        if not now.startswith(self._start):
            return True
        if not whole:
            self._start = _first_line(now)
        return False

    def _look_at_end(self) -> None:
        if isinstance(self._file, Packed):
            return
        status = os.fstat(self._file.fileno())
        if status.st_size < self._lines.end:
            self.emptied = True
        elif self.place.head and status.st_mtime_ns != self.place.mtime:  # else a copy of it must be newer than we saw
            self.place = replace(self.place, mtime=status.st_mtime_ns)


def _first_line(start: bytes) -> bytes:
    return start[: start.find(b"\n") + 1] or start
