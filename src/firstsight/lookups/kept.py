"""What was downloaded, kept beside the store: put in place whole or not at all, and asked for again on conditions."""

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


def conditions(etag: str, last_modified: str) -> dict[str, str]:
    """Request headers that make a server answer 304 where nothing has changed (RFC 9110 §13).

    Args:
        etag: its validators of what is kept (§8.8), as it wrote them; may be empty.
        last_modified: the other one.
    """
    validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in validators.items() if value}
