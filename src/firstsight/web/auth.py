"""Who is asking, and may they? `Authorization: Bearer` (RFC 6750) for programs, a session's cookie for people.

It asks only where somebody could be asked who they are: a service for this machine alone pays nothing.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote

from firstsight.access.access import Access
from firstsight.access.peers import Headers, Peer
from firstsight.access.tokens import EVERYTHING, Scopes
from firstsight.core.errors import StoreError
from firstsight.ports import Clock
from firstsight.web.asgi import PROBLEM, App, Receive, Scope, Send, peer_of, problem, reply
from firstsight.web.asker import Asker, Kind, nobody
from firstsight.web.cookies import secret_of
from firstsight.web.forms import TooLargeError, again, fields, is_form, read_body
from firstsight.web.scopes import OPEN

_BEARER = 'Bearer realm="firstsight"'
_SAFE = frozenset({"GET", "HEAD"})
_PAGES = "/ui"


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why not. `reason`: as it is counted; `challenge`: WWW-Authenticate; `token`: the name of the one that came."""

    reason: str
    status: int
    detail: str
    challenge: str = ""
    token: str | None = None


_MISSING = _Refusal("missing", 401, "A token is needed: send it as `Authorization: Bearer TOKEN`.", _BEARER)
_INVALID = ("The token is not valid.", f'{_BEARER}, error="invalid_token"')  # unknown or expired: nobody is told which
_ENDED = _Refusal("session", 401, "The session has ended. Log in again, at /login.", _BEARER)
_UNLOOKED = _Refusal("session", 503, "The store can't be read now, so nobody knows whose session this is.")
_NO_CSRF = _Refusal(
    "csrf", 403, "The request does not come from a page of this session. Load the page again, and try once more."
)
_PLAIN = _Refusal(
    "plain", 403, "Without TLS, this address answers the proxies in [web] trusted_proxies only. Ask through one."
)
_UNREADABLE = _Refusal(
    "proxy", 400, "The forwarding headers name no address. The proxy must set X-Forwarded-For or Forwarded itself."
)


def as_problem(status: int, title: str, detail: str) -> tuple[bytes, bytes]:
    """A refusal as programs read it."""
    return problem(status, title, detail), PROBLEM


class Auth:
    """An ASGI app around another one; what passes has who asks (web/asker.py) in the request's state.

    Args:
        app: what is guarded.
        access: who may ask, from where, and where refusals are noted.
        needed: the scopes that open what is asked for, any one of them; None: none does.
        clock: the time.
        say: makes the body of a refusal, and its media type, out of status, title and detail.
    """

    def __init__(
        self,
        app: App,
        access: Access,
        needed: Callable[[Scope], Scopes | None],
        clock: Clock,
        say: Callable[[int, str, str], tuple[bytes, bytes]] = as_problem,
    ) -> None:
        self._app = app
        self._say = say
        self._access = access
        self._needed = needed
        self._clock = clock

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Refuse, or pass on."""
        if scope["type"] != "http" or not self._access.guarded:
            return self._app(scope, receive, send)
        return self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        client, found = self._judged(scope)
        if isinstance(found, Asker) and self._could_be_forged(scope, found):
            found, receive = await self._with_csrf(scope, receive, found)
        if isinstance(found, Asker):
            scope.setdefault("state", {})["asker"] = found
            await self._app(scope, receive, send)
        elif found in {_MISSING, _ENDED} and _turns_to_a_page(scope):
            await reply(scope, send, 303, b"", extra=((b"location", way_to_log_in(scope).encode()),))
        else:
            self._access.refusals.note(found.reason, client, found.token)
            body, kind = self._say(found.status, HTTPStatus(found.status).phrase, found.detail)
            challenge = ((b"www-authenticate", found.challenge.encode()),) if found.challenge else ()
            await reply(scope, send, found.status, body, kind, challenge)

    def _judged(self, scope: Scope) -> tuple[str, Asker | _Refusal]:
        """The address that asks, and who that is, or why not."""
        peer = peer_of(scope)
        headers = scope["headers"]
        if self._access.peers.local(peer, headers):
            return peer, self._here(peer, headers)
        kind = self._access.peers.of(peer)
        if kind is Peer.STRANGER and self._access.certificate is None:
            return peer, _PLAIN
        client = peer
        if kind is Peer.PROXY:
            try:
                client = self._access.peers.client(peer, headers)
            except ValueError:
                return peer, _UNREADABLE
        return client, self._asker(client, headers, self._needed(scope))

    def _here(self, peer: str, headers: Headers) -> Asker:
        """Somebody on this machine: may do everything, and is named where they say who they are all the same."""
        found = self._known(peer, headers)
        if isinstance(found, Asker):
            return replace(found, scopes=EVERYTHING)
        return Asker(Kind.LOCAL, "", EVERYTHING, peer)

    def _known(self, client: str, headers: Headers) -> Asker | _Refusal:
        """Whose token or session comes along."""
        found = self._token(client, [value for key, value in headers if key == b"authorization"])
        # Nothing is there, or what a proxy asks for on its own behalf.
        return self._person(client, headers) if found is _MISSING else found

    def _asker(self, client: str, headers: Headers, needed: Scopes | None) -> Asker | _Refusal:
        found = self._known(client, headers)
        if isinstance(found, _Refusal):
            return nobody(client) if needed == OPEN else found
        token = found.name if found.kind is Kind.TOKEN else None
        what = "token" if token else "role"
        if needed is None:
            return _Refusal("scope", 403, f"No {what} opens this. The routes are described at /docs.", token=token)
        if needed and not needed & found.scopes:
            wanted = sorted(needed)
            challenge = f'{_BEARER}, error="insufficient_scope", scope="{" ".join(wanted)}"'
            return _Refusal("scope", 403, f"The {what} lacks the scope {' or '.join(wanted)}.", challenge, token)
        return found

    def _token(self, client: str, given: list[bytes]) -> Asker | _Refusal:
        kind, _, secret = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        if kind.lower() != b"bearer" or not secret.strip():
            return _MISSING
        token = self._access.machines.find(secret.strip())
        if token is None:
            return _Refusal("unknown", 401, *_INVALID)
        if token.expired(self._clock.now()):
            return _Refusal("expired", 401, *_INVALID, token.name)
        return Asker(Kind.TOKEN, token.name, token.scopes, client)

    def _person(self, client: str, headers: Headers) -> Asker | _Refusal:
        secret = secret_of(headers)
        if secret is None:
            return _MISSING
        try:
            session = self._access.people.session(secret)
        except StoreError:
            return _UNLOOKED
        if session is None:
            return _ENDED
        return Asker(Kind.PERSON, session.person, session.scopes, client, session)

    def _could_be_forged(self, scope: Scope, found: Asker) -> bool:
        """Whether a browser's cookie alone would let this change something. What is open asks for itself."""
        return found.session is not None and scope["method"] not in _SAFE and self._needed(scope) != OPEN

    async def _with_csrf(self, scope: Scope, receive: Receive, found: Asker) -> tuple[Asker | _Refusal, Receive]:
        given = [value for key, value in scope["headers"] if key == b"x-csrf-token"]
        if not given and is_form(scope):
            try:
                body = await read_body(receive)
            except TooLargeError:
                return _NO_CSRF, receive
            receive = again(body, receive)
            given = [fields(body).get("csrf", "").encode()]
        right = len(given) == 1 and hmac.compare_digest(given[0], found.csrf.encode())
        return (found if right else _NO_CSRF), receive


def _turns_to_a_page(scope: Scope) -> bool:
    """Whether a browser is about to show a page; what a page's script fetches is no use to a person."""
    path = scope["path"]
    fetched = any(key == b"sec-fetch-mode" and value != b"navigate" for key, value in scope["headers"])
    return scope["method"] in _SAFE and (path == _PAGES or path.startswith(f"{_PAGES}/")) and not fetched


def way_to_log_in(scope: Scope) -> str:
    """The log-in, which leads back to what is asked for here."""
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return f"/login?next={quote(wanted, safe='')}"
