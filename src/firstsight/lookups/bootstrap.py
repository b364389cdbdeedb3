"""Which RDAP server knows a domain (RFC 9224), and whether an operator said so."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from firstsight.core.errors import InputError

_LABELS = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
_GET_ONE = "Get a fresh dns.json from IANA, or leave the setting out to use the one shipped with firstsight"


@dataclass(frozen=True, slots=True)
class Server:
    """An RDAP server.

    Attributes:
        url: its base URL, with a trailing slash.
        trusted: its address was written by the operator, so it may be inside the house.
    """

    url: str
    trusted: bool


class Bootstrap:
    """TLD (or any longer suffix) to server.

    Args:
        servers: base URL by suffix, lower-case A-labels without dots around them.
        own: the operator's servers by suffix; they win, however short, and are trusted.
        trusted: the operator wrote `servers` too (a file of their own, not a download or a shipped snapshot).
        dated: what the table says of its date, for people; empty where it says nothing.

    Raises:
        InputError: one of the operator's own servers can't be used.
    """

    def __init__(
        self,
        servers: Mapping[str, str],
        *,
        own: Mapping[str, str] | None = None,
        trusted: bool = False,
        dated: str = "",
    ) -> None:
        self.dated = dated
        self._servers = {suffix: Server(url, trusted) for suffix, url in servers.items()}
        self._own = {_own_suffix(suffix): _own_server(suffix, url) for suffix, url in (own or {}).items()}
        self._under: dict[str, set[str]] = {}
        for suffix, server in (*self._servers.items(), *self._own.items()):
            self._under.setdefault(suffix.rpartition(".")[2], set()).add(host_of(server.url))

    @classmethod
    def parse(cls, data: bytes, origin: str, *, own: Mapping[str, str] | None = None, trusted: bool = False) -> Self:
        """A table from IANA's dns.json, the bare array of its services, or the form shipped with firstsight.

        Entries that can't be used (no list, no name, no usable URL) are passed over.

        Args:
            data: the file.
            origin: where it came from, for an error's sentence.
            own: as above.
            trusted: as above.

        Raises:
            InputError: there is no usable entry in it, or a server of `own` can't be used.
        """
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InputError(f"The RDAP bootstrap {origin} is not JSON. {_GET_ONE}.") from error
        about = document if isinstance(document, dict) else {}
        servers: dict[str, str] = {}
        for suffix, url in _entries(document):
            servers.setdefault(suffix, url)
        if not servers:
            raise InputError(f"The RDAP bootstrap {origin} names no usable server. {_GET_ONE}.")
        dated = about.get("publication") or about.get("made") or ""
        return cls(servers, own=own, trusted=trusted, dated=dated if isinstance(dated, str) else "")

    def __len__(self) -> int:
        return len(self._servers)

    @property
    def servers(self) -> dict[str, str]:
        """Base URL by suffix, without the operator's own."""
        return {suffix: server.url for suffix, server in self._servers.items()}

    def hosts_under(self, root: str) -> set[str]:
        """The hosts of all servers that may know domains under a top-level domain."""
        return self._under.get(root, set())

    def server_for(self, domain: str) -> Server | None:
        """The server of the longest suffix that the domain has (RFC 9224 §4); None where RDAP is not known.

        Args:
            domain: lower-case A-labels without a trailing dot.
        """
        labels = domain.split(".")
        suffixes = [".".join(labels[start:]) for start in range(len(labels))]
        for table in (self._own, self._servers):
            for suffix in suffixes:
                server = table.get(suffix)
                if server is not None:
                    return server
        return None


def host_of(url: str) -> str:
    """Host of a URL, with its port where that is not the usual one; empty where it is no URL."""
    try:
        parts = urlsplit(url)
        usual = parts.port in {None, 443 if parts.scheme == "https" else 80}
    except ValueError:
        return ""
    return parts.hostname or "" if usual else f"{parts.hostname}:{parts.port}"


def _entries(document: object) -> Iterator[tuple[str, str]]:
    """The usable (suffix, URL) pairs of any form."""
    if isinstance(document, dict) and isinstance(document.get("servers"), dict):
        pairs = [([suffix], [url]) for suffix, url in document["servers"].items()]
    else:
        services = document.get("services") if isinstance(document, dict) else document
        pairs = [
            (service[0], service[1])
            for service in (services if isinstance(services, list) else [])
            if isinstance(service, list) and len(service) >= 2  # noqa: PLR2004  # names, URLs
        ]
    for suffixes, urls in pairs:
        url = _best(urls)
        if url is None or not isinstance(suffixes, list):
            continue
        for suffix in suffixes:
            if isinstance(suffix, str) and _LABELS.fullmatch(suffix.lower().strip(".")):
                yield suffix.lower().strip("."), url


def _best(urls: object) -> str | None:
    """The URL to ask: https before http, as RFC 9224 §3 wants it."""
    usable = [url for url in map(_base_url, urls if isinstance(urls, list) else []) if url is not None]
    return min(usable, key=lambda url: not url.startswith("https:"), default=None)


def _base_url(text: object) -> str | None:
    """A base URL with its trailing slash; None where it is no plain http or https URL without credentials."""
    if not isinstance(text, str):
        return None
    try:
        parts: SplitResult = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.query or parts.fragment or port == 0:
        return None
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"


def _own_suffix(suffix: str) -> str:
    name = suffix.lower().strip(".")
    if not _LABELS.fullmatch(name):
        raise InputError(
            f"The RDAP server for {suffix!r} can't be used: that is no TLD. Write it like com or xn--p1ai."
        )
    return name


def _own_server(suffix: str, url: str) -> Server:
    base = _base_url(url)
    if base is None:
        raise InputError(
            f"The RDAP server for {suffix!r} can't be used: its address must be an http or https URL "
            "without credentials, query or fragment, like https://rdap.example/."
        )
    return Server(base, trusted=True)
