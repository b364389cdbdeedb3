"""The lock beside a store: one writer, and a crash leaves none behind."""

import fcntl
import os
from pathlib import Path

from firstsight.core.errors import StoreBusyError, StoreError


def lock(store: Path) -> int:
    """Take a store's lock (`<name>.lock`, flock). Closing the descriptor lets go of it, and so does a crash.

    Args:
        store: the store's file; its folder must exist.

    Returns:
        A file descriptor, to be closed with `os.close`.

    Raises:
        StoreBusyError: another process holds it.
        StoreError: the lock file can't be opened.
    """
    path = store.with_name(store.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"The store's lock {path} can't be opened ({error.strerror}). Its folder must exist and belong to "
            f"the user who runs firstsight."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreBusyError(
            f"Another process holds the store ({path}). A store has one writer: stop the other one "
            f"(`fuser {path}` names it), or give this one another `data_dir`."
        ) from error
    return descriptor
