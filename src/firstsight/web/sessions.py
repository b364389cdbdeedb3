"""How a session begins and ends in a browser, whichever way somebody came in."""

from firstsight.access.access import Access
from firstsight.core.deeds import By
from firstsight.web.asgi import Scope, peer_of
from firstsight.web.asker import Asker
from firstsight.web.cookies import cookie, secret_of, wants_secure


def begin_session(access: Access, scope: Scope, who: Asker, name: str, now: float) -> bytes:
    """Begin a session, and end the browser's one before; the Set-Cookie value.

    Args:
        access: people.
        scope: the request that shows who they are.
        who: who sends it.
        name: who they are.
        now: seconds since the epoch.

    Raises:
        StoreError: none has begun.
    """
    if (before := secret_of(scope["headers"])) and (session := access.people.session(before)):
        access.people.log_out(session, By(f"person:{session.person}", who.client).deed("logout", now))
    secret = access.people.log_in(name, By(f"person:{name}", who.client).deed("login", now))
    return cookie(secret, secure=secure(access, scope))


def end_cookie(access: Access, scope: Scope) -> bytes:
    """The Set-Cookie value that has the browser forget its session."""
    return cookie("", secure=secure(access, scope))


def secure(access: Access, scope: Scope) -> bool:
    """Whether a browser is to send its cookies over TLS alone."""
    return wants_secure(scope, local=access.peers.local(peer_of(scope), scope["headers"]))
