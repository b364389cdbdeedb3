"""Keys in files that only this service's user can read."""

import re
from dataclasses import dataclass
from pathlib import Path

_KEY = re.compile(r"[\x21-\x7e]{1,512}")  # printable ASCII
_OF_OTHERS = 0o037  # its group may read it; others may not even that


@dataclass(frozen=True, slots=True)
class Key:
    """A key. `text` is None where it can't be used, and then `fault` is the sentence that says why."""

    text: str | None
    fault: str | None = None

    def __repr__(self) -> str:
        return "Key(…)"  # it must not get into a log by way of whatever holds it


def read_key(path: Path, setting: str, without: str, *, least: int = 1) -> Key:
    """The key in a file: its only line. Never raises; the fault tells nothing of what the file holds.

    Args:
        path: the file.
        setting: what names it.
        without: what does not happen where it can't be used, for the fault: `OTX is not asked`.
        least: characters that it must have.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="ascii").split()
    except OSError as error:
        return Key(
            None,
            f"The key file {path} can't be read ({error.strerror}): {without}. Put it there, readable for the "
            f"user who runs firstsight alone (chmod 600), or name another one in `{setting}`.",
        )
    except UnicodeDecodeError:
        lines = []
    if mode & _OF_OTHERS:
        return Key(
            None,
            f"The key file {path} is open to other users (mode {mode & 0o777:o}): {without} with a key that "
            f"others may have. `chmod 600 {path}`, and if strangers use this machine, get a new key.",
        )
    if len(lines) != 1 or len(lines[0]) < least or not _KEY.fullmatch(lines[0]):
        length = f" of at least {least} characters" if least > 1 else ""
        return Key(None, f"The key file {path} does not hold one key{length}, on one line: {without}. Write it anew.")
    return Key(lines[0])
