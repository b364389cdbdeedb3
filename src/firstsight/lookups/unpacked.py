"""Packed lists, as streams: plain, gzip or zip, told by their first bytes."""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

UNREADABLE = (OSError, EOFError, ValueError, NotImplementedError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What `unpacked` and reading from it may raise: the list is damaged, or packed in a way that is not taken."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ENCRYPTED = 0x1  # general purpose bit 0, PKWARE's APPNOTE 4.4.4


@contextmanager
def unpacked(file: IO[bytes], *, largest: bool = False) -> Iterator[IO[bytes]]:
    """What a list holds, as a stream. It has no bound of its own: who reads it stops in time.

    Args:
        file: the list, at its start.
        largest: of a zip that holds several files, take the largest; else it is refused.

    Raises:
        ValueError: a zip is encrypted, or holds none or several files; reading raises the rest of `UNREADABLE`.
    """
    start = file.read(len(_ZIP))
    file.seek(0)
    if start.startswith(_GZIP):
        with gzip.open(file) as stream:
            yield stream  # type: ignore[misc]  # GzipFile is an IO[bytes] in all but name
    elif start == _ZIP:
        with zipfile.ZipFile(file) as packed:
            inside = [info for info in packed.infolist() if not info.is_dir()]
            if largest:
                inside = sorted(inside, key=lambda info: info.file_size)[-1:]
            if len(inside) != 1 or inside[0].flag_bits & _ENCRYPTED:
                raise ValueError(f"a zip must hold one file, not encrypted; this one holds {len(inside)}")
            with packed.open(inside[0]) as stream:
                yield stream
    else:
        yield file
