"""The session's cookie (RFC 6265): what no script reads, no other site sends, and nobody overhears."""

from firstsight.access.peers import Headers
from firstsight.web.asgi import Scope

_PLAIN = b"firstsight"
_SECURE = b"__Host-firstsight"
"""With this prefix a browser takes it only over TLS, for this host alone (draft-ietf-httpbis-rfc6265bis §4.1.3)."""

_LONGEST = 200


def secret_of(headers: Headers) -> bytes | None:
    """The session's secret that a request brings; None where there is none, or more than one."""
    found: set[bytes] = set()
    for key, value in headers:
        if key == b"cookie":
            for pair in value.split(b";"):
                name, _, text = pair.strip().partition(b"=")
                if name in {_PLAIN, _SECURE}:
                    found.add(text.strip(b'"'))
    only = found.pop() if len(found) == 1 else b""
    return only if 0 < len(only) <= _LONGEST else None


def cookie(secret: str, *, secure: bool) -> bytes:
    """A Set-Cookie value; with an empty secret, the one that takes it away. It lasts as long as the browser runs."""
    end = "" if secret else "; Max-Age=0"
    name, flags = (_SECURE.decode(), "; Secure") if secure else (_PLAIN.decode(), "")
    return f"{name}={secret}; Path=/; HttpOnly; SameSite=Lax{flags}{end}".encode()


def wants_secure(scope: Scope, *, local: bool) -> bool:
    """Whether a browser's own connection is encrypted: always, but for one on this machine that speaks plain HTTP."""
    return scope.get("scheme") == "https" or not local
