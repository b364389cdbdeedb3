"""What was downloaded, kept beside the store: put in place whole and safe on the disk, or not at all."""

import os
from pathlib import Path


def keep(path: Path, data: bytes) -> None:
    """Put a file in the place of the one that is there.

    Raises:
        OSError: it can't be written; what is there stays.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")  # a verb may write the same file
    try:
        with draft.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
