"""Tokens of machines: who may ask what, in a file that holds their hashes only.

# name          scopes        hash of the token              until
zeek-sensor     read          sha256:64 hexadecimal digits   -
branch-office   ingest,read   sha256:64 hexadecimal digits   2027-06-30
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog

from firstsight.core.errors import InputError

log = structlog.get_logger()


class TokenScope(StrEnum):
    """What a token is for. `admin` stands for all of them."""

    READ = "read"
    INTEL = "intel"
    INGEST = "ingest"
    REVIEW = "review"
    ADMIN = "admin"


Scopes = frozenset[TokenScope]

EVERYTHING: Scopes = frozenset(TokenScope)
NOTHING: Scopes = frozenset()

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HASH = re.compile(r"sha256:([0-9a-fA-F]{64})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_OF_NOTHING = hashlib.sha256(b"").digest()
_READ_BY_OTHERS = 0o004
_WRITTEN_BY_OTHERS = 0o022


@dataclass(frozen=True, slots=True)
class Token:
    """A token's line. `expires`: seconds since the epoch, or None; `digest`: SHA-256 of the token's bytes."""

    name: str
    scopes: Scopes
    digest: bytes
    expires: float | None

    def expired(self, now: float) -> bool:
        """Whether it is of no use any more."""
        return self.expires is not None and now >= self.expires


class Tokens:
    """The tokens of a file.

    They are found by a look-up of the digest. Its time tells nothing of use: who would learn from it how much of a
    digest is right still has to find a token that hashes so, and tokens are long and random.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self._by_digest = {token.digest: token for token in tokens}

    def __len__(self) -> int:
        return len(self._by_digest)

    def find(self, secret: bytes) -> Token | None:
        """The token that this secret is, whether it has expired or not."""
        return self._by_digest.get(hashlib.sha256(secret).digest())


def read_tokens(path: Path) -> Tokens:
    """The tokens in a file.

    Raises:
        InputError: it can't be read, or a line can't be used; the sentence tells nothing of what the line holds.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The token file {path} can't be read ({error.strerror}). Put it there, readable for the user who runs "
            f"firstsight, or name another one in [auth] token_file."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"The token file {path} is no UTF-8 text. Write it anew, a token a line.") from error
    if mode & (_READ_BY_OTHERS | _WRITTEN_BY_OTHERS):
        log.warning("token_file_open_to_others", path=str(path), mode=f"{mode & 0o777:o}", advice="chmod 640 or 600")
    return parse_tokens(text, str(path))


def parse_tokens(text: str, origin: str) -> Tokens:
    """The tokens in a text; see the module's example.

    Args:
        text: lines; what follows a # is a comment.
        origin: where it is from, for errors.

    Raises:
        InputError: a line can't be used.
    """
    tokens: list[Token] = []
    lines: dict[str | bytes, int] = {}  # of names and digests
    for number, line in _lines(text):
        where = f"{origin}, line {number}"
        token = _token(line.split(), where)
        for what, key in (("name", token.name), ("token", token.digest)):
            if (before := lines.setdefault(key, number)) != number:
                raise InputError(f"{where}: the same {what} as on line {before}. Give each its own, or remove one.")
        tokens.append(token)
    return Tokens(tokens)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        held = line.partition("#")[0].strip()
        if held:
            yield number, held


def _token(fields: list[str], where: str) -> Token:
    if len(fields) != 4:  # noqa: PLR2004  # as the sentence says
        raise InputError(
            f"{where}: {len(fields)} fields where 4 belong: name, scopes (such as read,ingest), sha256:HEX and the "
            f"expiry (a date, a time or -)."
        )
    name, scopes, digest, expiry = fields
    check_name(name, where)
    if not (matched := _HASH.fullmatch(digest)):
        raise InputError(
            f"{where}: the third field must be sha256: and 64 hexadecimal digits, the hash of the token. The token "
            f"itself belongs to whoever asks, not here: if it stands in this line, make a new one."
        )
    if bytes.fromhex(matched[1]) == _OF_NOTHING:
        raise InputError(f"{where}: this is the hash of nothing: no token was there to be hashed. Make it again.")
    return Token(name, parse_scopes(scopes, where), bytes.fromhex(matched[1]), parse_expiry(expiry, where))


def check_name(name: str, where: str) -> None:
    """See that a name can stand in a line, a log and an address.

    Raises:
        InputError: it can't.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{where}: a name is 1 to 64 letters, digits, dots, dashes and underscores.")


def parse_scopes(text: str, where: str) -> Scopes:
    """Scopes with commas between them; `where` begins the sentence where they can't be read.

    Raises:
        InputError: they can't be used.
    """
    try:
        scopes = frozenset(TokenScope(scope) for scope in text.split(","))
    except ValueError:
        raise InputError(
            f"{where}: the scopes must be one or more of {', '.join(TokenScope)}, with commas and no blanks."
        ) from None
    return EVERYTHING if TokenScope.ADMIN in scopes else scopes


def parse_expiry(text: str, where: str) -> float | None:
    """When a token ends, seconds since the epoch. RFC 3339: a time, or a date, whose end counts (UTC); `-` is none.

    Raises:
        InputError: it is neither.
    """
    if text == "-":
        return None
    try:
        if _DATE.fullmatch(text):
            return (datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1)).timestamp()
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper()).timestamp()
    except (ValueError, OverflowError):
        pass  # a form without such a day
    raise InputError(
        f"{where}: the expiry must be a date (2027-06-30), a time with its zone (2027-06-30T12:00:00Z), or - for none."
    )
