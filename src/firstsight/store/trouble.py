"""What goes wrong with a store's file, in sentences that name the file, the newest backup and the command."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from firstsight.core.errors import StoreError
from firstsight.store.copies import newest_copy


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors, and the file system's, into StoreError.

    Args:
        path: the store they are about.
    """
    try:
        yield
    except msgspec.MsgspecError as error:
        raise StoreError(f"{_damaged(path)} (a row can't be read: {error})") from error
    except OSError as error:
        raise StoreError(
            f"The store {path} can't be made or read ({error.strerror}). It and its folder must belong to the "
            f"user who runs firstsight, on a disk with room."
        ) from error
    except sqlite3.Error as error:
        raise StoreError(f"{_explanation(error, path)} (SQLite: {error})") from error


def absent(path: Path) -> StoreError:
    """A store that is not there, where only one that is there will do."""
    marker = marker_of(path)
    if marker.exists():
        return missing(path)
    return StoreError(
        f"There is no store {path}: `firstsight serve` makes it. If there should be one, name the settings file of the "
        f"service with --config."
    )


def marker_of(path: Path) -> Path:
    """The file beside a store that remembers that it was made."""
    return path.with_name(path.name + ".made")


def missing(path: Path) -> StoreError:
    """A store that was made once and is not there."""
    marker = marker_of(path)
    return StoreError(
        f"The store {path} was made before ({marker} says so) but is missing or empty now. It is not replaced by an "
        f"empty one. Put a backup of it back: {_way_back(path)}. Or, to begin anew and see every domain as new again, "
        f"remove {marker} and start again."
    )


def newer(path: Path, version: int, known: int) -> StoreError:
    """A store that a later version wrote."""
    return StoreError(
        f"The store {path} has schema {version}; this firstsight knows {known}. It was written by a newer version: "
        f"install that one again, or put a backup from before the upgrade back: {_way_back(path)}."
    )


def older(path: Path, version: int, known: int) -> StoreError:
    """A store that the service has not brought up to date yet."""
    return StoreError(
        f"The store {path} has schema {version}, and this firstsight reads {known}: start `firstsight serve` once, "
        f"which copies it and brings it up to date."
    )


def foreign(path: Path) -> StoreError:
    """A database of somebody else."""
    return StoreError(f"{path} is a database, but not one of firstsight. Name another file in `store`.")


def _way_back(path: Path) -> str:
    copy = newest_copy(path)
    if copy is None:
        return f"none lies in {path.parent / 'backups'} nor beside it; `firstsight store restore FILE` takes any other"
    return f"the newest found is {copy}; stop the service and run `firstsight store restore {copy}`"


def _damaged(path: Path) -> str:
    return (
        f"The store {path} is damaged and is left as it is. Put a backup back: {_way_back(path)}. What can be read of "
        f"the damaged one comes out with `sqlite3 {path} .recover`."
    )


def _explanation(error: sqlite3.Error, path: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(path)
    sentence = _SENTENCES.get(code) or _SENTENCES.get(code & 0xFF) or "The store {path} could not do what was asked."
    return sentence.format(path=path)


_OWNER = "The store {path} can't be written. It and its folder must belong to the user who runs firstsight."
_HELD = "The store {path} is held by another program. Close whatever has it open for writing."
_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full. Nothing is lost: free space, reading goes on by itself.",
    sqlite3.SQLITE_IOERR_WRITE: (
        "Writing to {path} failed: the user's quota or a limit on file sizes (LimitFSIZE) is reached, or the disk "
        "fails (see `dmesg`). Nothing is lost: once it can be written, reading goes on by itself."
    ),
    sqlite3.SQLITE_IOERR: "Reading or writing {path} failed. See `dmesg` for the disk's own word.",
    sqlite3.SQLITE_READONLY: _OWNER,
    sqlite3.SQLITE_CANTOPEN: _OWNER,
    sqlite3.SQLITE_PERM: _OWNER,
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
}
