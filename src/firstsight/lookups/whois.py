"""When a domain was registered, by WHOIS (RFC 3912, port 43): for registries that have no RDAP server.

Only servers of the shipped table and of the settings are asked. A registry's answer may name the registrar's server;
that one is asked only where it is in the table too: an answer leads nowhere else.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from firstsight.core.errors import InputError
from firstsight.core.facts import Fact, Known, Registration, Unavailable
from firstsight.core.whois_answer import read_whois
from firstsight.lookups.http import DOWN, is_public
from firstsight.lookups.polite import Limits
from firstsight.lookups.resolver import Resolver
from firstsight.lookups.way_out import WayOut
from firstsight.ports import Clock

_MOST: Final = 65_536  # bytes of an answer
_PORT: Final = 43
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_PATIENCE: Final = {  # seconds until a reason may have passed; what is not here: an hour
    "timeout": _MINUTE,
    "reset": _MINUTE,
    "refused": 5 * _MINUTE,
    "unreachable": 5 * _MINUTE,
    "bad_date": _DAY,
    "blocked_address": _DAY,
    "too_large": _DAY,
    "no_registration_date": 7 * _DAY,
}
_REFERRAL: Final = re.compile(
    r"^[ \t]*(?:registrar )?whois(?: server)?:[ \t]*([a-z0-9.-]+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)
_DAY_FIRST: Final = {"-": None, "day-first": True, "month-first": False}


@dataclass(frozen=True, slots=True)
class WhoisServer:
    """A server, and how it is spoken to.

    Attributes:
        host: its name or address.
        port: its port.
        question: what is sent, `%s` standing for the domain.
        day_first: see `read_whois`.
        trusted: it was written in the settings, so it may be inside.
    """

    host: str
    port: int = _PORT
    question: str = "%s"
    day_first: bool | None = None
    trusted: bool = False

    @property
    def name(self) -> str:
        """What its pace is kept by."""
        return f"{self.host}:{self.port}"


def parse_servers(text: str, own: Mapping[str, str]) -> dict[str, WhoisServer]:
    """The servers by top-level domain (or a suffix below one).

    Args:
        text: the shipped table: TLD, host, question (`~` for a blank), how days are written, a line.
        own: the operator's: TLD → `host` or `host:port`.

    Raises:
        InputError: a line or an entry can't be used.
    """
    servers: dict[str, WhoisServer] = {}
    for line in text.splitlines():
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        try:
            tld, host, question, days = fields
            servers[tld] = WhoisServer(host, question=question.replace("~", " "), day_first=_DAY_FIRST[days])
        except (ValueError, KeyError):
            raise InputError(f"This line of the table of WHOIS servers can't be used: {line!r}.") from None
    for tld, address in own.items():
        host, colon, port = address.rpartition(":") if address.count(":") == 1 else (address, "", "")
        if colon and not (port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004  # TCP's ports
            raise InputError(
                f"[whois.servers] {tld}: {address!r} is not `host` or `host:port`, such as whois.nic.it:43."
            )
        suffix = tld.lower().strip(".")
        known = servers.get(suffix, WhoisServer(host))  # what is sent, and how days are written, stays the registry's
        servers[suffix] = replace(known, host=host, port=int(port) if colon else _PORT, trusted=True)
    return servers


class WhoisError(Exception):
    """There is no whole answer. `reason`: a word of the public vocabulary."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Whois:
    """WHOIS servers, asked politely.

    Args:
        servers: by top-level domain.
        clock: the time.
        limits: the pace of each server.
        way_out: behind a proxy nobody is asked: port 43 does not pass.
        deadline: seconds for an answer, a referral's included.
        allowed: which addresses a server of the shipped table may have.
    """

    def __init__(
        self,
        servers: Mapping[str, WhoisServer],
        clock: Clock,
        limits: Limits,
        way_out: WayOut,
        *,
        deadline: float = 5.0,
        allowed: Callable[[str], bool] = is_public,
    ) -> None:
        self._servers = dict(servers)
        self._by_host = {server.host: server for server in servers.values()}
        self._clock = clock
        self._limits = limits
        self._way_out = way_out
        self._deadline = deadline
        self._allowed = allowed
        self._resolver = Resolver()

    def server_for(self, domain: str) -> WhoisServer | None:
        """Whom a domain is asked of: the longest suffix with a server."""
        rest = domain
        while rest:
            rest = rest.partition(".")[2]
            if rest in self._servers:
                return self._servers[rest]
        return None

    def hosts_under(self, root: str) -> set[str]:
        """Names of the servers that know domains under a top-level domain."""
        return {
            server.name for suffix, server in self._servers.items() if suffix == root or suffix.endswith(f".{root}")
        }

    async def ask(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain.

        Args:
            domain: lower-case A-labels, as `Rdap.ask` has checked.

        Returns:
            Known; Absent; or Unavailable for the reason `no_server`, `proxy`, `rate_limited`, `paused`, `timeout`,
            `refused`, `reset`, `unreachable`, `blocked_address`, `too_large` and those of `read_whois`.
        """
        server = self.server_for(domain)
        if server is None:
            return Unavailable("no_server")
        if self._way_out.proxy_for(server.host) is not None:
            return Unavailable("proxy")
        ends = asyncio.get_running_loop().time() + self._deadline
        fact, text = await self._ask(server, domain, ends)
        if isinstance(fact, Unavailable) and fact.reason == "no_registration_date":
            named = _REFERRAL.search(text)
            registrar = self._by_host.get(named[1].lower()) if named else None
            if registrar is not None and registrar != server:
                further, _ = await self._ask(registrar, domain, ends)
                if isinstance(further, Known):
                    return further
        return fact

    async def _ask(self, server: WhoisServer, domain: str, ends: float) -> tuple[Fact[Registration], str]:
        turned_away = await self._limits.turned_away(server.name)
        if turned_away is not None:
            return turned_away, ""
        left = max(0.1, ends - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(left):
                text = await self._talk(server, domain)
        except TimeoutError:
            return self._failed(server, "timeout"), ""
        except WhoisError as error:
            return self._failed(server, error.reason), ""
        fact = read_whois(text, domain, self._clock.now(), day_first=server.day_first)
        if isinstance(fact, Unavailable) and fact.reason == "rate_limited":
            return Unavailable("rate_limited", self._limits.refused(server.name, None)), text
        self._limits.answered(server.name)
        return (self._unavailable(fact.reason) if isinstance(fact, Unavailable) else fact), text

    async def _talk(self, server: WhoisServer, domain: str) -> str:
        """One question, one answer, until the server closes."""
        address, family = await self._address(server)
        writer = None
        try:
            reader, writer = await asyncio.open_connection(address, server.port, family=family, limit=_MOST)
            writer.write(server.question.replace("%s", domain).encode() + b"\r\n")
            await writer.drain()
            body = bytearray()
            while chunk := await reader.read(8192):
                body += chunk
                if len(body) > _MOST:
                    raise WhoisError("too_large")
        except ConnectionRefusedError as error:
            raise WhoisError("refused") from error
        except ConnectionError as error:
            raise WhoisError("reset") from error
        except OSError as error:
            raise WhoisError("unreachable") from error
        finally:
            if writer is not None:
                writer.transport.abort()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        if not body.strip():
            raise WhoisError("reset")
        return _text(bytes(body))

    async def _address(self, server: WhoisServer) -> tuple[str, int]:
        """Where to connect; names are resolved here, so no second answer can slip past."""
        try:
            found = await self._resolver.resolve(server.host, server.port, socket.AF_UNSPEC)
        except OSError as error:
            raise WhoisError("unreachable") from error
        usable = [each for each in found if server.trusted or self._allowed(each["host"])]
        if not usable:
            raise WhoisError("blocked_address" if found else "unreachable")
        return usable[0]["host"], usable[0]["family"]

    def _failed(self, server: WhoisServer, reason: str) -> Unavailable:
        if reason in DOWN:
            self._limits.failed(server.name)
        else:
            self._limits.answered(server.name)
        return self._unavailable(reason)

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(reason, self._clock.now() + _PATIENCE.get(reason, _HOUR))


def _text(body: bytes) -> str:
    """An answer as text: UTF-8, else as the registry that is known to write otherwise, else byte by byte."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")
