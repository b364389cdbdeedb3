"""Who is asking, and may they? `Authorization: Bearer` (RFC 6750) for everybody but this machine.

It stands in front of the routes only where there is a token file: a service for this machine alone pays nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from firstsight.access.access import Access
from firstsight.access.peers import Headers, Peer, forwarded
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import EVERYTHING, NOTHING, Scopes, Token, Tokens
from firstsight.ports import Clock
from firstsight.web.asgi import PROBLEM, App, Receive, Scope, Send, problem, reply
from firstsight.web.scopes import OPEN

_BEARER = 'Bearer realm="firstsight"'
_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}


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
_PLAIN = _Refusal(
    "plain", 403, "Without TLS, this address answers the proxies in [web] trusted_proxies only. Ask through one."
)
_UNREADABLE = _Refusal(
    "proxy", 400, "The forwarding headers name no address. The proxy must set X-Forwarded-For or Forwarded itself."
)


class Auth:
    """An ASGI app around another one; what passes has its scopes, and for whom it is asked, in the request's state.

    Args:
        app: what is guarded.
        access: proxies, TLS, and where refusals are noted.
        tokens: the tokens.
        needed: the scopes that open what is asked for, any one of them; None: none does.
        clock: the time.
    """

    def __init__(
        self,
        app: App,
        access: Access,
        tokens: Renewed[Tokens],
        needed: Callable[[Scope], Scopes | None],
        clock: Clock,
    ) -> None:
        self._app = app
        self._access = access
        self._tokens = tokens
        self._needed = needed
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client, found = self._judged(scope)
        if isinstance(found, _Refusal):
            self._access.refusals.note(found.reason, client, found.token)
            body = problem(found.status, _TITLES[found.status], found.detail)
            challenge = ((b"www-authenticate", found.challenge.encode()),) if found.challenge else ()
            await reply(scope, send, found.status, body, PROBLEM, challenge)
        else:
            scope.setdefault("state", {}).update(scopes=found, client=client)
            await self._app(scope, receive, send)

    def _judged(self, scope: Scope) -> tuple[str, Scopes | _Refusal]:
        """The address that asks, and what it may, or why not."""
        peer = scope["client"][0] if scope["client"] else ""
        headers = scope["headers"]
        kind = self._access.peers.of(peer)
        if kind is Peer.LOCAL and not forwarded(headers):
            return peer, EVERYTHING
        if kind is Peer.STRANGER and self._access.certificate is None:
            return peer, _PLAIN
        client = peer
        if kind is Peer.PROXY:
            try:
                client = self._access.peers.client(peer, headers)
            except ValueError:
                return peer, _UNREADABLE
        return client, self._scopes(headers, self._needed(scope))

    def _scopes(self, headers: Headers, needed: Scopes | None) -> Scopes | _Refusal:
        token = self._token(headers)
        if isinstance(token, _Refusal):
            return NOTHING if needed == OPEN else token
        if needed is None:
            return _Refusal("scope", 403, "No token opens this. The routes are described at /docs.", token=token.name)
        if needed and not needed & token.scopes:
            wanted = sorted(needed)
            challenge = f'{_BEARER}, error="insufficient_scope", scope="{" ".join(wanted)}"'
            return _Refusal("scope", 403, f"The token lacks the scope {' or '.join(wanted)}.", challenge, token.name)
        return token.scopes

    def _token(self, headers: Headers) -> Token | _Refusal:
        given = [value for key, value in headers if key == b"authorization"]
        kind, _, secret = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        if kind.lower() != b"bearer" or not secret.strip():
            return _MISSING
        token = self._tokens.value.find(secret.strip())
        if token is None:
            return _Refusal("unknown", 401, *_INVALID)
        if token.expired(self._clock.now()):
            return _Refusal("expired", 401, *_INVALID, token.name)
        return token
