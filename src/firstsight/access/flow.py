"""A log-in that is under way at an identity provider, kept by the browser that began it and by nobody else.

A cookie holds a secret, when the log-in began and where it leads. What goes to the provider is derived from that, so
that only the browser which began can end it: `state` (RFC 6749 §10.12), the nonce (OpenID Connect Core 1.0 §15.5.2),
and the verifier of PKCE (RFC 7636). Nothing is kept here, so nobody can fill it up or have it forget somebody.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Self

from firstsight.access.base64url import decoded, encoded

LASTS = 600
"""Seconds that somebody may take at the provider."""

_COOKIE = re.compile(r"([A-Za-z0-9_-]{43})\.(\d{1,12})\.([A-Za-z0-9_-]{0,2000})")
_LONGEST = 1000  # characters of where a log-in leads


@dataclass(frozen=True, slots=True)
class Flow:
    """A log-in that is under way.

    Attributes:
        secret: known to the browser alone.
        began: when, whole seconds since the epoch.
        wanted: the page that it leads to.
    """

    secret: str
    began: int
    wanted: str

    @classmethod
    def begin(cls, now: float, wanted: str) -> Self:
        """A new one; a page of too long an address is forgotten."""
        return cls(secrets.token_urlsafe(32), int(now), wanted if len(wanted) <= _LONGEST else "")

    @classmethod
    def read(cls, kept: str, now: float) -> Self | None:
        """The one that a cookie holds; None where it holds none that still lasts."""
        matched = _COOKIE.fullmatch(kept)
        if matched is None:
            return None
        try:
            wanted = decoded(matched[3]).decode()
        except ValueError:
            return None
        found = cls(matched[1], int(matched[2]), wanted)
        return found if abs(now - found.began) < LASTS else None  # abs: the clock may have been set back

    @property
    def kept(self) -> str:
        """What the cookie holds."""
        return f"{self.secret}.{self.began}.{encoded(self.wanted.encode())}"

    @property
    def state(self) -> str:
        """What the provider must give back."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the ID token must hold."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What shows that a code was asked for by this browser."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256, RFC 7636 §4.2)."""
        return encoded(hashlib.sha256(self.verifier.encode()).digest())

    def _derived(self, what: str) -> str:
        return encoded(hmac.digest(self.secret.encode(), f"{what} {self.began} {self.wanted}".encode(), "sha256"))
