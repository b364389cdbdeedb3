"""Reads a rotated log that was compressed (gzip, RFC 1952), front to back."""

import zlib
from collections.abc import Generator
from io import RawIOBase
from pathlib import Path

_GZIP = 31  # zlib's wbits: a gzip header and trailer around the data, its CRC checked
_PORTION = 65536


class UnfinishedError(Exception):
    """The file ends, or stops making sense, before its data does: half-written, or damaged."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not decompress to its end")
        self.path = path


class Packed:
    """A .gz read as the plain file that it was.

    Args:
        file: the open .gz, at its beginning; closed with this.
        path: where it lies, for the error.
        damaged: it will never be whole: where it breaks, it ends.
    """

    def __init__(self, file: RawIOBase, path: Path, *, damaged: bool = False) -> None:
        self._file = file
        self._path = path
        self._damaged = damaged
        self._unzip = zlib.decompressobj(_GZIP)
        self._kept = b""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end, UnfinishedError where the end is missing."""
        while True:
            if self._unzip.eof and not self._next_member():
                return b""
            fresh = self._kept or self._file.read(_PORTION) or b""
            try:
                data = self._unzip.decompress(fresh, size)
            except zlib.error as error:
                if self._damaged:
                    return b""
                raise UnfinishedError(self._path) from error
            self._kept = self._unzip.unconsumed_tail
            if data:
                return data
            if not fresh and not self._unzip.eof:
                if self._damaged:
                    return b""
                raise UnfinishedError(self._path)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _next_member(self) -> bool:
        """Whether another gzip member follows; zeros after the last one are padding."""
        rest = self._unzip.unused_data
        while not rest.lstrip(b"\0"):
            rest = self._file.read(_PORTION) or b""
            if not rest:
                return False
        self._kept = rest.lstrip(b"\0")
        self._unzip = zlib.decompressobj(_GZIP)
        return True


def unpack(
    file: RawIOBase, path: Path, offset: int, *, damaged: bool, stint: int
) -> Generator[None, None, tuple[Packed, int]]:
    """Make sure that a .gz is whole, then stand at an offset of what was in it.

    A day's file may hold gigabytes: the work is done in stints of about `stint` bytes, with a yield after each.
    The file is closed where that fails, or is given up.

    Returns:
        The file, at `offset` (or at its end, where that comes before), and the size of what was in it.
    """
    size, ahead = 0, offset
    try:
        whole = Packed(file, path, damaged=damaged)
        while data := whole.read(_PORTION):
            size += len(data)
            if size % stint < len(data):
                yield
        file.seek(0)
        packed = Packed(file, path, damaged=damaged)
        while ahead > 0 and (data := packed.read(min(ahead, _PORTION))):
            ahead -= len(data)
            if ahead % stint < len(data):
                yield
    except BaseException:
        file.close()
        raise
    return packed, size
