"""Put a file in another one's place in one step."""

import os
from pathlib import Path

from firstsight.core.errors import InputError


def replace_file(target: Path, text: str) -> None:
    """Write a file whole and synced, then put it in the old one's place; only its owner may read it.

    Raises:
        InputError: it can't be written; the old file stays.
    """
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise InputError(
            f"{target} can't be written ({error.strerror}). What is in use stays as it is; make room, or run this as "
            f"the user who runs firstsight."
        ) from error
