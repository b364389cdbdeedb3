"""Passwords as they are kept: scrypt (RFC 7914), with the parameters that each was made with."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from firstsight.core.errors import InputError

SHORTEST, LONGEST = 12, 256
"""Characters of a new password (NIST SP 800-63B asks for no other rule)."""

_OVERHEAD = 1 << 20  # bytes that OpenSSL needs beside scrypt's own 128·N·r


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's parameters: memory is 128·r·2^log_n bytes, time grows with p."""

    log_n: int
    r: int
    p: int


USUAL = Cost(16, 8, 2)
"""One of the settings that OWASP's Password Storage Cheat Sheet names for scrypt."""


def hash_password(password: str, cost: Cost = USUAL) -> str:
    """What is kept of a password: `scrypt$16$8$2$SALT$HASH`, both base64. Takes a good part of a second.

    Raises:
        InputError: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"A password has {SHORTEST} to {LONGEST} characters. Several words in a row do well.")
    salt = secrets.token_bytes(16)
    parts = (base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt, cost)))
    return "$".join(["scrypt", str(cost.log_n), str(cost.r), str(cost.p), *parts])


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one that was kept. Takes as long where it isn't.

    Raises:
        ValueError: what was kept can't be read.
    """
    kind, log_n, r, p, salt, digest = kept.split("$")
    if kind != "scrypt":
        raise ValueError(f"{kind} is not known")
    found = _scrypt(password, base64.b64decode(salt), Cost(int(log_n), int(r), int(p)))
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    n = 1 << cost.log_n
    most = 128 * cost.r * (n + cost.p) + _OVERHEAD
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=cost.r, p=cost.p, maxmem=most, dklen=32)
