"""The old clients' own address: plain HTTP, so only addresses that the settings name are answered."""

from collections.abc import Awaitable, Iterable
from functools import lru_cache
from ipaddress import ip_network

from firstsight.access.peers import plain_address
from firstsight.access.refusals import Refusals
from firstsight.web.asgi import PROBLEM, App, Receive, Scope, Send, peer_of, problem, reply

_DETAIL = "This address answers the clients in [compat] allow only."


class OldClients:
    """An ASGI app around the compatibility API. Who asks is who is at the other end: no header can say otherwise.

    Args:
        app: what is guarded.
        allow: addresses and networks.
        refusals: where refusals are noted.

    Raises:
        ValueError: one of `allow` is neither.
    """

    def __init__(self, app: App, allow: Iterable[str], refusals: Refusals) -> None:
        self._app = app
        self._networks = [ip_network(network) for network in allow]
        self._refusals = refusals
        self._named = lru_cache(maxsize=4096)(self._is_named)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Refuse, or pass on."""
        peer = peer_of(scope)
        if self._named(peer):
            return self._app(scope, receive, send)
        self._refusals.note("not_named", peer, None)
        return reply(scope, send, 403, problem(403, "Forbidden", _DETAIL), PROBLEM)

    def _is_named(self, peer: str) -> bool:
        try:
            address = plain_address(peer)
        except ValueError:
            return False  # such as "", where a connection is gone already
        return any(address in network for network in self._networks)
