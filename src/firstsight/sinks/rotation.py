"""Keeps what was written to a file earlier beside it, under numbers."""

import os
from pathlib import Path


def rotate(path: Path, keep: int) -> None:
    """Rename a file to `.1`, and what is kept to the next number each; beyond `keep` the oldest goes.

    Numbers move up to the first free one only. So a rotation that was cut short by a crash is completed by the next
    one, and throws nothing away that need not go. Each step is one atomic rename.

    Args:
        path: the file.
        keep: the highest number, at least 1.

    Raises:
        OSError: a name can't be changed; the steps before it are done.
    """
    kept = [path.with_name(f"{path.name}.{number}") for number in range(1, keep + 1)]
    free = next((place for place, name in enumerate(kept) if not os.path.lexists(name)), keep - 1)
    for place in range(free, 0, -1):
        kept[place - 1].replace(kept[place])
    path.replace(kept[0])
