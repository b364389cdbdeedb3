"""Cookies (RFC 6265) of sessions and of log-ins under way: no script reads them, and nobody overhears them."""

from firstsight.access.peers import Headers
from firstsight.web.asgi import Scope

_PLAIN = b"firstsight"
_SECURE = b"__Host-firstsight"
"""With this prefix a browser takes it only over TLS, for this host alone (draft-ietf-httpbis-rfc6265bis §4.1.3)."""

_UNDER_WAY = "-login"  # behind either name: a log-in at an identity provider
_LONGEST, _LONGEST_UNDER_WAY = 200, 2200


def secret_of(headers: Headers) -> bytes | None:
    """The session's secret that a request brings; None where there is none, or more than one."""
    return _only(headers, {_PLAIN, _SECURE}, _LONGEST)


def cookie(secret: str, *, secure: bool) -> bytes:
    """A Set-Cookie value; with an empty secret, the one that takes it away. It lasts as long as the browser runs."""
    return _given("", secret, secure, "" if secret else "; Max-Age=0")


def under_way(headers: Headers) -> str | None:
    """What the browser has kept of a log-in at an identity provider; None where it has nothing, or two."""
    suffix = _UNDER_WAY.encode()
    found = _only(headers, {_PLAIN + suffix, _SECURE + suffix}, _LONGEST_UNDER_WAY)
    return None if found is None else found.decode("latin-1")


def cookie_under_way(kept: str, *, secure: bool, lasts: int) -> bytes:
    """A Set-Cookie value that has the browser keep that for some seconds; empty: no longer."""
    return _given(_UNDER_WAY, kept, secure, f"; Max-Age={lasts if kept else 0}")


def _only(headers: Headers, names: set[bytes], longest: int) -> bytes | None:
    found: set[bytes] = set()
    for key, value in headers:
        if key == b"cookie":
            for pair in value.split(b";"):
                name, _, text = pair.strip().partition(b"=")
                if name in names:
                    found.add(text.strip(b'"'))
    only = found.pop() if len(found) == 1 else b""
    return only if 0 < len(only) <= longest else None


def _given(suffix: str, value: str, secure: bool, end: str) -> bytes:
    name, flags = (_SECURE.decode(), "; Secure") if secure else (_PLAIN.decode(), "")
    return f"{name}{suffix}={value}; Path=/; HttpOnly; SameSite=Lax{flags}{end}".encode()


def wants_secure(scope: Scope, *, local: bool) -> bool:
    """Whether a browser's own connection is encrypted: always, but for one on this machine that speaks plain HTTP."""
    return scope.get("scheme") == "https" or not local
