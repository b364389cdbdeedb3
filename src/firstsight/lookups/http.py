"""A client for outsiders who may be slow, wrong or hostile: bounded in time, memory, hops and reach.

aiohttp carries the bytes (and tries once more where a connection broke before the reply: a pooled one may have gone
stale). What is ours is the one deadline for everything, the bound on the body, redirects followed by hand, and the
refusal to be led to an address inside the house. Behind a proxy, which resolves names itself, only literal addresses
and names inside can be refused here; where the other names lead is the proxy's to judge.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from firstsight.core.errors import FirstsightError
from firstsight.lookups.resolver import Resolver
from firstsight.lookups.way_out import WayOut

_REDIRECTS: Final = {301, 302, 303, 307, 308}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits
_BLOCKED: Final = "the address is not a public one"
_PROXY_WANTS_LOGIN: Final = 407

DOWN: Final = frozenset({"timeout", "reset", "refused", "unreachable", "tls", "proxy", "bad_reply"})
"""Reasons that say of a server that it does not work: it is left alone for a while."""

Progress = Callable[[int, int | None], None]
"""Told how many bytes of a body have come, of how many; None where the server doesn't say."""


class HttpError(FirstsightError):
    """No usable reply.

    Attributes:
        reason: `timeout`, `refused`, `unreachable`, `reset`, `too_large`, `tls`, `proxy`, `redirect`,
            `blocked_address`, `bad_url` or `bad_reply`.
    """

    def __init__(self, reason: str, host: str, what: str) -> None:
        super().__init__(f"{host} gave no usable reply: {what}.")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. `headers` are looked up in any case; `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def is_public(address: str) -> bool:
    """Whether an IP address is on the public Internet: not loopback, private, link-local, multicast or reserved.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, NAT64) is judged by what it carries.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            carried = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class HttpClient:
    """GET, and forms by POST, over http and https.

    Args:
        user_agent: what we say we are; some services ask for one.
        max_bytes: the largest body taken.
        max_redirects: how many redirects are followed.
        allowed: which IP addresses an untrusted URL may lead to.
        way_out: through which proxy, and with whose certificates; directly, with the system's, where it is None.
        connections: how many are open at once; who asks beyond that waits, within the deadline.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        max_bytes: int = 262_144,
        max_redirects: int = 5,
        allowed: Callable[[str], bool] = is_public,
        way_out: WayOut | None = None,
        connections: int = 256,
    ) -> None:
        self._user_agent = user_agent
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._allowed = allowed
        self._way_out = way_out or WayOut()
        self._connections = connections
        # One pool for each kind: a pooled connection to an address inside must never serve an untrusted URL.
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def get(
        self,
        url: str,
        *,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        trusted: bool = False,
        progress: Progress | None = None,
    ) -> Reply:
        """Get a URL, following redirects.

        Args:
            url: http or https, without credentials.
            deadline: seconds for everything: names, connections, redirects, the last byte.
            headers: further request headers; sent to the first host only, because they may hold a key.
            trusted: the URL was written in the settings, so it may lead inside; a redirect from it may not.
            progress: told as the body comes.

        Raises:
            HttpError: there is no whole reply. Any status is a reply.
        """
        here = _parse(url, "bad_url")
        async with _within(deadline, here):
            return await self._follow(here, headers or {}, trusted, progress)

    async def post(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        trusted: bool = False,
    ) -> Reply:
        """Send a form. A redirect is a reply like any other: what the form holds is for this host alone.

        Args:
            url: as for `get`.
            form: its fields.
            deadline: seconds for everything.
            headers: further request headers.
            trusted: as for `get`.

        Raises:
            HttpError: there is no whole reply. Any status is a reply.
        """
        here = _parse(url, "bad_url")
        async with _within(deadline, here):
            return await self._ask_once(here, headers or {}, trusted, form=form)

    async def close(self) -> None:
        """Let go of connections; a later `get` opens new ones."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            await session.close()

    async def _follow(self, here: URL, headers: Mapping[str, str], trusted: bool, progress: Progress | None) -> Reply:
        for _ in range(self._max_redirects + 1):
            reply = await self._ask_once(here, headers, trusted, progress=progress)
            if reply.status not in _REDIRECTS:
                return reply
            target = _redirect_target(here, reply.headers.get("Location", ""))
            headers = headers if target.origin() == here.origin() else _without_secrets(headers)
            here, trusted = target, False
        raise HttpError("redirect", here.host or "", f"it led on more than {self._max_redirects} times")

    async def _ask_once(
        self,
        url: URL,
        headers: Mapping[str, str],
        trusted: bool,
        *,
        form: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Reply:
        """GET, or POST where there is a form."""
        host = url.host or ""
        proxy = self._way_out.proxy_for(host)
        if proxy is not None and not trusted and not self._way_out.may_lead_to(host):
            raise HttpError("blocked_address", host, f"{_BLOCKED}, and only the settings may name such a server")
        session = self._session(trusted=trusted or proxy is not None)  # the settings name the proxy
        try:
            method = "GET" if form is None else "POST"
            async with session.request(
                method, url, data=form, headers=headers, allow_redirects=False, proxy=proxy
            ) as response:
                if proxy is not None and response.status == _PROXY_WANTS_LOGIN:
                    raise _refused_by_proxy(host, response.status)
                body = await self._body(response, host, progress)
                return Reply(response.status, response.headers, body, str(url))
        except aiohttp.ClientHttpProxyError as error:
            raise _refused_by_proxy(host, error.status) from error
        except aiohttp.ClientProxyConnectionError as error:
            raise HttpError("proxy", host, "the proxy of `http.proxy` can't be reached") from error
        except aiohttp.ClientSSLError as error:  # before its base, ClientConnectorError
            raise HttpError("tls", host, "the secure connection failed") from error
        except aiohttp.ClientConnectorError as error:
            raise _not_connected(host, error) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientPayloadError) as error:
            raise HttpError("reset", host, "the connection broke") from error
        except aiohttp.InvalidURL as error:
            raise HttpError("bad_url", host, "its address is no URL") from error
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            # ValueError: what aiohttp's parser lets through; RuntimeError: uvloop's, and a client closed meanwhile.
            raise HttpError("bad_reply", host, f"{type(error).__name__}, what came was not HTTP") from error

    async def _body(self, response: aiohttp.ClientResponse, host: str, progress: Progress | None) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            # We ask for none. Unpacking what a stranger packed has no bound.
            raise HttpError("bad_reply", host, "the body is compressed though that was not asked for")
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._max_bytes:
                raise HttpError("too_large", host, f"the body is longer than {self._max_bytes} bytes")
            if progress is not None:
                progress(len(body), response.content_length)
        return bytes(body)

    def _session(self, *, trusted: bool) -> aiohttp.ClientSession:
        """The session for a kind of URL; made on first use, because it belongs to the running loop."""
        session = self._sessions.get(trusted)
        if session is None:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections,
                    resolver=Resolver(),
                    ssl=self._way_out.trust or True,
                    socket_factory=None if trusted else self._open_socket,
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `get` has the only deadline
                headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
            self._sessions[trusted] = session
        return session

    def _open_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """The last step before connecting: names are resolved here, so no second answer can slip past."""
        family, kind, protocol, _, address = info
        if not self._allowed(str(address[0])):
            raise PermissionError(_BLOCKED)
        return socket.socket(family, kind, protocol)


@asynccontextmanager
async def _within(deadline: float, url: URL) -> AsyncIterator[None]:
    """Bounds what is done in it, in seconds."""
    try:
        async with asyncio.timeout(deadline):
            yield
    except TimeoutError as error:
        raise HttpError("timeout", url.host or "", f"it took more than {deadline:g} s") from error


def _parse(url: str, reason: str) -> URL:
    """A URL that may be asked."""
    try:
        parsed = URL(url)
    except ValueError as error:
        raise HttpError(reason, "A server", "its address is no URL") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise HttpError(reason, parsed.host or "A server", "only http and https are asked")
    if parsed.user is not None or parsed.password is not None:
        raise HttpError(reason, parsed.host, "its URL holds credentials, which are not sent")
    return parsed


def _redirect_target(here: URL, location: str) -> URL:
    if not location:
        raise HttpError("redirect", here.host or "", "it led on without saying where")
    try:
        joined = str(here.join(URL(location)))
    except ValueError as error:
        raise HttpError("redirect", here.host or "", "it led on to something that is no URL") from error
    target = _parse(joined, "redirect")
    if here.scheme == "https" and target.scheme == "http":
        raise HttpError("redirect", here.host or "", "it led from https to http")
    return target


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """What another host may see: how we want the answer, nothing that tells who asks."""
    return {name: value for name, value in headers.items() if name.lower() in {"accept", "accept-language"}}


def _refused_by_proxy(host: str, status: int) -> HttpError:
    return HttpError("proxy", host, f"the proxy of `http.proxy` doesn't let us through (it answers {status})")


def _not_connected(host: str, error: aiohttp.ClientConnectorError) -> HttpError:
    cause = error.os_error
    if _BLOCKED in str(cause):
        return HttpError("blocked_address", host, f"{_BLOCKED}, and only the settings may name such a server")
    if isinstance(cause, ConnectionRefusedError):
        return HttpError("refused", host, "nothing listens there")
    if isinstance(cause, ConnectionResetError):
        return HttpError("reset", host, "the connection broke")
    return HttpError("unreachable", host, "its name or its address can't be reached")
