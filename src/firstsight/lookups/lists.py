"""Public lists of popular domains: unpacked within bounds, checked, and put beside the store in one step."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from firstsight.core.errors import InputError
from firstsight.core.names import Name
from firstsight.core.popular import PopularText, kept_text, parse_csv
from firstsight.lookups.kept import keep
from firstsight.lookups.unpacked import UNREADABLE, unpacked

MOST_BYTES = 256 * 1024 * 1024
"""Of a list, unpacked. Tranco's million is a tenth of that; what is larger is not a list of names."""

_MOST_LINE = 65_536


def read_list(
    file: IO[bytes], origin: str, parse: Callable[[str], Name], top: int, most: int = MOST_BYTES
) -> PopularText:
    """Read a list line by line, so that memory holds what is taken of it only.

    Args:
        file: CSV, plain, gzip, or a zip that holds one file; its first bytes tell.
        origin: where it comes from, for sentences.
        parse: tells what a name is (`NameParser.parse`).
        top: see `parse_csv`.
        most: bytes that it may have, unpacked.

    Raises:
        InputError: it can't be used.
    """
    try:
        with unpacked(file) as stream:
            taken = parse_csv(_lines(stream, most), parse, top=top)
    except UNREADABLE as error:
        raise InputError(f"The list {origin} can't be read: {error}. The list in use stays as it is.") from error
    if taken.bad > len(taken.entries):
        raise InputError(
            f"The list {origin} holds more lines that can't be used ({taken.bad:,}) than domains "
            f"({len(taken.entries):,}). The list in use stays as it is."
        )
    return taken


def _lines(stream: IO[bytes], most: int) -> Iterator[str]:
    while line := stream.readline(_MOST_LINE):
        most -= len(line)
        if most < 0:
            raise ValueError("it is too large for a list of names")
        if len(line) == _MOST_LINE:
            raise ValueError("it holds a line that is too long for a list of names")
        yield line.decode()


def write_list(target: Path, taken: PopularText) -> None:
    """Put a list where a running service takes it up: the old one stays until the new one is whole.

    Raises:
        InputError: it can't be written; the old one stays.
    """
    try:
        keep(target, kept_text(taken).encode())
    except OSError as error:
        raise InputError(
            f"The list can't be written to {target} ({error.strerror}). The list in use stays as it is; make room, or "
            f"run this as the user who runs firstsight."
        ) from error
