"""The key by which people's names become pseudonyms: a file that only this service's user can read."""

import os
import re
import secrets
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from firstsight.core.errors import SettingsError

_TEXT = re.compile(r"[\x21-\x7e]{32,512}")
_LENGTH = 32  # bytes, written as hexadecimal digits
_OF_OTHERS = 0o037  # its group may read it; others may not even that


def pseudonym_key(path: Path, *, make: bool) -> bytes:
    """The key in a file: its only line, at least 32 characters, made into 32 bytes.

    Args:
        path: the file.
        make: make a key of chance (mode 0600) where there is no such file.

    Raises:
        SettingsError: it can't be used; the text tells nothing of what the file holds.
    """
    if make and not path.exists():
        _make(path)
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="ascii").split()
    except OSError as error:
        raise SettingsError(
            f"The key of pseudonyms, {path}, can't be read ({error.strerror}). Put it there, readable for the user who "
            f"runs firstsight alone (chmod 600); with another key, people get other pseudonyms."
        ) from error
    except UnicodeDecodeError:
        lines = []
    if mode & _OF_OTHERS:
        raise SettingsError(
            f"The key of pseudonyms, {path}, is open to other users (mode {mode & 0o777:o}): whoever has it can tell "
            f"whose a pseudonym is. `chmod 600 {path}`."
        )
    if len(lines) != 1 or not _TEXT.fullmatch(lines[0]):
        raise SettingsError(
            f"The key of pseudonyms, {path}, does not hold one line of at least 32 letters and digits. Put it back "
            f"from a copy; or write a new one (`openssl rand -hex 32`), and people get other pseudonyms."
        )
    return blake2b(lines[0].encode(), digest_size=_LENGTH, person=b"firstsight.key").digest()


def key_mark(key: bytes) -> str:
    """What tells one key from another and nothing else of it."""
    return blake2b(b"", key=key, digest_size=6, person=b"firstsight.mark").hexdigest()


def _make(path: Path) -> None:
    """Whole on the disk or not there at all; where another process was faster, its key stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, secrets.token_hex(_LENGTH).encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        with suppress(FileExistsError):
            os.link(draft, path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SettingsError(
            f"The key of pseudonyms can't be written to {path} ({error.strerror}). Its folder must belong to the user "
            f"who runs firstsight and have room; or name a key of yours in `[privacy] key_file`."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
