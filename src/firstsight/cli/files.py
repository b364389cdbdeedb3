"""Files that verbs read and write: bounded, and put in place whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from firstsight.core.errors import InputError


def read_bounded(path: Path, most: int) -> bytes:
    """A file's bytes.

    Raises:
        InputError: it can't be read, or is larger than `most`.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}). Nothing of it was taken.") from error
    if len(data) > most:
        raise InputError(f"{path} is larger than {most:,} bytes, and so no such file. Nothing of it was taken.")
    return data


@contextmanager
def replaced(target: Path, *, draft: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write; it stands at the target, safe on disk, once the block ends without an error.

    Args:
        target: what is replaced in one step.
        draft: where it is written until then; a new file beside the target. One that is named is kept on errors.

    Raises:
        InputError: it can't be written; what stood at the target stays.
    """
    path = draft or target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        # Only its owner may read it: it tells of the site.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if draft else os.O_TRUNC), 0o600)
        with os.fdopen(descriptor, "ab" if draft else "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        path.replace(target)
        _sync(target.parent)
    except OSError as error:
        if draft is None:
            path.unlink(missing_ok=True)
        raise InputError(
            f"{target} can't be written ({error.strerror}). What stood there stays; make room, or run this as the user "
            f"who may write there."
        ) from error
    except BaseException:
        if draft is None:
            path.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Make a new name survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
