"""Where a request comes from: this machine, a proxy that the settings trust, or anybody.

A header can only take rights away here, never give any. What comes through a proxy is never of this machine, whatever
its headers say; and what says that it came through a proxy isn't either, though its connection does come from here:
that is a proxy on this machine that the settings don't name.
"""

import re
from collections.abc import Iterable
from enum import Enum, auto
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Headers = Iterable[tuple[bytes, bytes]]

_FORWARDING = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"})
_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*))(?::\d{1,5})?")  # "[2001:db8::1]:443", "192.0.2.1:443"
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PAIR = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*")+')


class Peer(Enum):
    """Who is at the other end of a connection."""

    LOCAL = auto()
    PROXY = auto()
    STRANGER = auto()


class Peers:
    """Tells peers apart: `of` an address who is there.

    Args:
        proxies: addresses and networks of trusted proxies.

    Raises:
        ValueError: one of them is neither.
    """

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, host: str) -> Peer:
        try:
            address = plain_address(host)
        except ValueError:
            return Peer.STRANGER  # such as "", where a connection is gone already
        if self._trusted(address):
            return Peer.PROXY
        return Peer.LOCAL if address.is_loopback else Peer.STRANGER

    def local(self, host: str, headers: Headers) -> bool:
        """Whether a request from that address is this machine's own, and came through no proxy."""
        return self.of(host) is Peer.LOCAL and not _forwarded(headers)

    def client(self, proxy: str, headers: Headers) -> str:
        """For whom a trusted proxy asks: the last hop that is no trusted proxy, as only proxies wrote what follows it.

        Args:
            proxy: the proxy's address; it asks for itself where it names nobody.
            headers: of the request. Where X-Forwarded-For and Forwarded (RFC 7239) are both there, they must agree: a
                proxy that keeps one may let the other through as it came.

        Raises:
            ValueError: the headers can't be read, or don't agree.
        """
        values: dict[bytes, list[str]] = {}
        for key, value in headers:
            if key in {b"x-forwarded-for", b"forwarded"}:
                values.setdefault(key, []).append(value.decode("latin-1"))
        found = {self._last(_hops(key, ",".join(lines))) for key, lines in values.items()}
        if len(found) > 1:
            raise ValueError("X-Forwarded-For and Forwarded name different clients")
        return str(found.pop()) if found else proxy

    def _last(self, hops: list[str]) -> IPv4Address | IPv6Address:
        address = None
        for hop in reversed(hops):
            address = _address_of(hop)
            if not self._trusted(address):
                break
        if address is None:
            raise ValueError("a forwarding header is empty")
        return address

    def _trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._proxies)


def _forwarded(headers: Headers) -> bool:
    """Whether a request says that it came through a proxy."""
    return any(key in _FORWARDING for key, _ in headers)


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """An address; one that IPv6 carries for IPv4 (RFC 4291 §2.5.5.2, what a socket on `::` names) becomes the latter.

    Raises:
        ValueError: it is none.
    """
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _hops(header: bytes, value: str) -> list[str]:
    """The hops that a header names, first to last."""
    if header == b"x-forwarded-for":
        return [hop.strip() for hop in value.split(",")]
    return [_for(element) for element in _ELEMENT.findall(value)]


def _for(element: str) -> str:
    """The `for` of an element of Forwarded; empty where it has none."""
    pairs: list[str] = _PAIR.findall(element)
    for pair in pairs:
        key, _, value = pair.strip().partition("=")
        if key.strip().lower() == "for":
            return value.strip().removeprefix('"').removesuffix('"')
    return ""


def _address_of(hop: str) -> IPv4Address | IPv6Address:
    """A hop's address, with or without a port.

    Raises:
        ValueError: it names none; `unknown` and made-up names (RFC 7239 §6.2, 6.3) are none either.
    """
    matched = _PORT.fullmatch(hop)
    return plain_address(hop if matched is None else matched[1] or matched[2])
