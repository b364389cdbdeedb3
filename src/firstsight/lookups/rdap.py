"""When a domain was registered, by RDAP (RFC 7480, 9082, 9083): one question, one honest fact."""

import asyncio
import re
from typing import Final
from urllib.parse import urlsplit

from firstsight.core.facts import Absent, Fact, Known, Registration, Unavailable
from firstsight.core.rdap_answer import read_answer, related_links, says_not_found
from firstsight.lookups.bootstrap import Bootstrap, Server, host_of
from firstsight.lookups.http import DOWN, HttpClient, HttpError, Reply
from firstsight.lookups.polite import Limits
from firstsight.ports import Clock

_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,62}")
_HEADERS: Final = {"Accept": "application/rdap+json"}

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_PATIENCE: Final = {  # seconds until a reason may have passed; what is not here: an hour
    "timeout": _MINUTE,
    "reset": _MINUTE,
    "refused": 5 * _MINUTE,
    "unreachable": 5 * _MINUTE,
    "proxy": 5 * _MINUTE,
    "server_error": 5 * _MINUTE,
    "bad_date": _DAY,
    "blocked_address": _DAY,
    "too_large": _DAY,
    "above": 6 * _HOUR,  # or the registry lags behind a new name
    "unsupported": 7 * _DAY,
    "no_registration_date": 7 * _DAY,  # this registry doesn't tell
}

_OK, _NOT_FOUND, _TOO_MANY, _NOT_IMPLEMENTED, _BUSY = 200, 404, 429, 501, 503
_BARRED: Final = {401, 403}  # whatever the name: who is banned is told so
_ERRORS: Final = 500

_PARENTS: Final = 1024  # of deeper names, remembered


class Rdap:
    """The registries, as `ports.Registry`.

    Args:
        bootstrap: which server knows a TLD.
        http: the client; closed with this object.
        clock: the time.
        limits: the pace of each server.
        deadline: seconds for an answer, the registrar's included; waiting for a turn is bounded by `limits`.
    """

    def __init__(
        self, bootstrap: Bootstrap, http: HttpClient, clock: Clock, limits: Limits, deadline: float = 5.0
    ) -> None:
        self.bootstrap = bootstrap
        self._http = http
        self._clock = clock
        self._limits = limits
        self._deadline = deadline
        self._parents: dict[str, bool] = {}  # parent of a name that its registry doesn't know → whether it knows that

    def take(self, bootstrap: Bootstrap) -> None:
        """Go by a newer table from now on."""
        self.bootstrap = bootstrap

    def server(self, domain: str) -> str:
        """Host of the server that a domain is asked of; empty where nobody is."""
        server = self.bootstrap.server_for(domain)
        return "" if server is None else host_of(server.url)

    def servers(self, root: str) -> set[str]:
        """Hosts of the servers that know domains under a top-level domain; an empty one where there is none."""
        return self.bootstrap.hosts_under(root) or {""}

    async def ask(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain.

        Args:
            domain: lower-case A-labels without a trailing dot. Anything else is `bad_name`, and nobody is asked.

        Returns:
            Known; Absent where the registry knows no such domain; or Unavailable for the reason `bad_name`,
            `no_server`, `rate_limited` (by the server, or by our own pace), `paused` (the server is down), `above`
            (the registry knows the name above it only), `server_error`, `rejected` (4xx), `unsupported` (501), those
            of `read_answer` and those of `HttpError`.
        """
        if not _DOMAIN.fullmatch(domain):
            return Unavailable("bad_name")
        server = self.bootstrap.server_for(domain)
        if server is None:
            return Unavailable("no_server")
        fact = await self._fact_of(domain, server)
        parent = domain.partition(".")[2]
        if isinstance(fact, Absent) and "." in parent and await self._knows(parent, server):
            # It registers `gov.uk`, and who holds that gives the names under it away: so this one's age is not known,
            # and the parent's is no stand-in (`new.co.uk`, not in the registry yet, is not as old as `co.uk`).
            return self._unavailable("above")
        return fact

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _knows(self, parent: str, server: Server) -> bool:
        """Whether a registry knows the name above one that it doesn't know; each is asked for once."""
        known = self._parents.get(parent)
        if known is None:
            if self.bootstrap.server_for(parent) != server:
                return False
            fact = await self._fact_of(parent, server)
            known = isinstance(fact, Known) or (isinstance(fact, Unavailable) and fact.reason == "no_registration_date")
            if known or isinstance(fact, Absent):
                if len(self._parents) >= _PARENTS:
                    self._parents.clear()
                self._parents[parent] = known
        return known

    async def _fact_of(self, domain: str, server: Server) -> Fact[Registration]:
        """Ask a server for a name, and the registrar where the registry has no date."""
        host = host_of(server.url)
        turned_away = await self._limits.turned_away(host)
        if turned_away is not None:
            return turned_away
        ends = asyncio.get_running_loop().time() + self._deadline
        try:
            reply = await self._http.get(
                f"{server.url}domain/{domain}",
                deadline=self._deadline,
                headers=_HEADERS,
                trusted=server.trusted,
            )
        except HttpError as error:
            self._note(host, usable=error.reason not in DOWN)
            return self._unavailable(error.reason)
        fact = self._fact(reply, domain, server)
        if isinstance(fact, Unavailable) and fact.reason == "no_registration_date":
            return await self._ask_registrar(reply, domain, ends) or fact
        return fact

    def _fact(self, reply: Reply, domain: str, server: Server) -> Fact[Registration]:
        """What a reply says, of the domain and of its server."""
        status, host = reply.status, host_of(server.url)
        if status in {_TOO_MANY, _BUSY}:
            until = self._limits.refused(host, reply.headers.get("Retry-After"))
            return Unavailable("rate_limited" if status == _TOO_MANY else "server_error", until)
        self._note(host, usable=status not in _BARRED and (status < _ERRORS or status == _NOT_IMPLEMENTED))
        if status == _OK:
            fact = read_answer(reply.body, domain, self._clock.now())
            return fact if isinstance(fact, Known) else self._unavailable(fact.reason)
        if status == _NOT_FOUND:
            return Absent(self._clock.now()) if _is_absence(reply, server) else self._unavailable("bad_answer")
        if status == _NOT_IMPLEMENTED:
            return self._unavailable("unsupported")
        if status >= _ERRORS:
            return self._unavailable("server_error")
        return self._unavailable("bad_answer" if status < 300 else "rejected")  # noqa: PLR2004  # 2xx

    def _note(self, host: str, *, usable: bool) -> None:
        """Tell the pace of a server how it went."""
        if usable:
            self._limits.answered(host)
        else:
            self._limits.failed(host)

    async def _ask_registrar(self, reply: Reply, domain: str, ends: float) -> Known[Registration] | None:
        """Ask the registrar a registry without dates names: one hop, in what is left of the time."""
        asked = urlsplit(reply.url)
        loop = asyncio.get_running_loop()
        for link in related_links(reply.body):
            host = host_of(link)
            if host == host_of(reply.url) or (asked.scheme == "https" and not link.startswith("https:")):
                continue
            if await self._limits.acquire(host, max(0.0, ends - loop.time())) is not None:
                return None
            try:
                answer = await self._http.get(link, deadline=ends - loop.time(), headers=_HEADERS)
            except HttpError as error:
                self._note(host, usable=error.reason not in DOWN)
                return None
            if answer.status in {_TOO_MANY, _BUSY}:
                self._limits.refused(host, answer.headers.get("Retry-After"))
            else:
                self._note(host, usable=answer.status < _ERRORS)
            fact = read_answer(answer.body, domain, self._clock.now()) if answer.status == _OK else None
            return fact if isinstance(fact, Known) else None
        return None

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(reason, self._clock.now() + _PATIENCE.get(reason, _HOUR))


def _is_absence(reply: Reply, server: Server) -> bool:
    """Whether a 404 means that there is no such domain.

    RFC 7480 §5.3 asks for no body, so from the TLD's own server any body will do, except a web page: that is what a
    moved or misconfigured server sends for everything. From elsewhere (a redirect) only RDAP's own word counts.
    """
    if says_not_found(reply.body):
        return True
    is_page = "html" in reply.headers.get("Content-Type", "").lower() or reply.body.lstrip().startswith(b"<")
    return host_of(reply.url) == host_of(server.url) and not is_page
