"""The key by which people's names become pseudonyms: a file that only this service's user can read."""

import os
import secrets
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from firstsight.access.keys import read_key
from firstsight.core.errors import SettingsError

_LENGTH = 32  # bytes, written as hexadecimal digits
_LEAST = 32  # characters of one that a site has written


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
    key = read_key(path, "privacy.key_file", "no name becomes a pseudonym", least=_LEAST)
    if key.text is None:
        raise SettingsError(
            f"{key.fault} With another key, people get other pseudonyms: put the old one back where there is a copy."
        )
    return blake2b(key.text.encode(), digest_size=_LENGTH, person=b"firstsight.key").digest()


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
