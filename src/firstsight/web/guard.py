"""Who may talk to a service that listens on loopback: nobody's web page.

A page of a foreign site can make a browser send requests here, by name (DNS rebinding: the request names a foreign
Host) or by address (the browser says so in Sec-Fetch-Site, W3C Fetch Metadata). Both are refused on every route.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address

from firstsight.web.asgi import PROBLEM, App, Receive, Scope, Send, problem, reply


class Guard:
    """An ASGI app around another one.

    Args:
        app: what is guarded.
        hosts: names that a request may give in Host, besides loopback's own.
    """

    def __init__(self, app: App, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._known = lru_cache(maxsize=256)(self._ours)
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts) | {"localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await reply(scope, send, 403, problem(403, "Forbidden", refusal), PROBLEM)

    def _refusal(self, scope: Scope) -> str | None:
        for key, value in scope["headers"]:
            if key == b"host" and not self._known(value):
                host = value.decode("latin-1")[:200]
                return (
                    f"The request names the host {host!r}, which is not this service. List it in [web] hosts if it is."
                )
            if key == b"sec-fetch-site" and value in {b"cross-site", b"same-site"}:
                return "The request comes from another site's page in a browser."
        return None

    def _ours(self, value: bytes) -> bool:
        host = value.decode("latin-1").strip().lower()
        host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        if host.rstrip(".") in self._hosts:
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False
