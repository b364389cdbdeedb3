"""Nobody's web page may talk to the service, on whatever address it listens.

A page of a foreign site can make a browser send requests here, by name (DNS rebinding: the request names a foreign
Host) or by address (the browser says so in Sec-Fetch-Site, W3C Fetch Metadata). Both are refused on every route.
Browsers send no Sec-Fetch-Site over plain HTTP to another machine; what could change something is therefore also
refused where its Origin (RFC 6454) is not the Host that it asks. Some pages may be led to by a link of another site,
as Wazuh's dashboard is one: those that only show something, and where an identity provider sends people back.
"""

from collections.abc import Awaitable, Collection, Iterable
from functools import lru_cache
from ipaddress import ip_address

from firstsight.access.peers import plain_address
from firstsight.web.asgi import PROBLEM, App, Receive, Scope, Send, problem, reply

_SAFE = frozenset({"GET", "HEAD"})
_ANOTHER_SITE = "The request comes from another site's page in a browser."


class Guard:
    """An ASGI app around another one.

    Args:
        app: what is guarded.
        hosts: names that a request may give in Host, besides loopback's own and the address that it came to.
        landing: paths that a page of another site may lead a browser to.
    """

    def __init__(self, app: App, hosts: Iterable[str] = (), landing: Collection[str] = ()) -> None:
        self._app = app
        self._landing = landing
        self._known = lru_cache(maxsize=256)(self._ours)
        self._hosts = frozenset(_normal(host) for host in hosts) | {"localhost"}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Refuse, or pass on."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            return self._app(scope, receive, send)
        return reply(scope, send, 403, problem(403, "Forbidden", refusal), PROBLEM)

    def _refusal(self, scope: Scope) -> str | None:
        for key, value in scope["headers"]:
            if key == b"host" and not self._known(value) and not _came_to(value, scope):
                host = value.decode("latin-1")[:200]
                return (
                    f"The request names the host {host!r}, which is not this service. List it in [web] hosts if it is."
                )
            if key == b"sec-fetch-site" and value in {b"cross-site", b"same-site"} and not self._led_here(scope):
                return _ANOTHER_SITE
        if scope["method"] not in _SAFE and _foreign_origin(scope):
            return _ANOTHER_SITE
        return None

    def _led_here(self, scope: Scope) -> bool:
        """Whether a browser as a whole is led to where it may be; no frame, picture or script asks for that."""
        asked = {key: value for key, value in scope["headers"] if key in {b"sec-fetch-mode", b"sec-fetch-dest"}}
        as_a_whole = asked == {b"sec-fetch-mode": b"navigate", b"sec-fetch-dest": b"document"}
        return as_a_whole and scope["method"] == "GET" and scope["path"] in self._landing

    def _ours(self, value: bytes) -> bool:
        host = _host(value)
        if host in self._hosts:
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False


def _came_to(value: bytes, scope: Scope) -> bool:
    """Whether a Host is the very address that the request came to: then nobody's DNS has led it here."""
    server = scope["server"]
    return server is not None and _host(value) == _normal(server[0])


def _foreign_origin(scope: Scope) -> bool:
    """Whether a browser says that a page of elsewhere sends this. Programs send no Origin."""
    hosts = {value.lower() for key, value in scope["headers"] if key == b"host"}
    origins = {value.lower().partition(b"://")[2] for key, value in scope["headers"] if key == b"origin"}
    return not origins <= hosts


def _host(value: bytes) -> str:
    """The host of a Host header, without its port."""
    host = value.decode("latin-1").strip()
    return _normal(host.partition("]")[0] if host.startswith("[") else host.partition(":")[0])


def _normal(host: str) -> str:
    """A name or address as it is compared."""
    host = host.strip("[]").lower().rstrip(".")
    try:
        return str(plain_address(host))
    except ValueError:
        return host
