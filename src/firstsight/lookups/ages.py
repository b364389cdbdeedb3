"""Whom to ask for a domain's age, in order: its registry by RDAP, then by WHOIS, then SANS ISC."""

from firstsight.core.facts import Absent, Fact, Known, Registration, Unavailable
from firstsight.lookups.isc import Isc
from firstsight.lookups.rdap import Rdap
from firstsight.lookups.whois import Whois

_NO_HELP = frozenset({"no_server", "no_registration_date", "unsupported", "bad_date"})
"""RDAP can't tell, and won't tomorrow: somebody else may."""


class Ages:
    """All who are asked, as `ports.Registry`.

    Args:
        rdap: the registries.
        whois: asked where RDAP can't tell; None: nobody is.
        isc: asked where neither can; None: nobody is.
    """

    def __init__(self, rdap: Rdap, whois: Whois | None, isc: Isc | None) -> None:
        self._rdap = rdap
        self._whois = whois
        self._isc = isc

    def server(self, domain: str) -> str:
        """Who is asked first; empty where nobody is."""
        asked = self._rdap.server(domain)
        if asked:
            return asked
        server = None if self._whois is None else self._whois.server_for(domain)
        if server is not None:
            return server.name
        return "" if self._isc is None else self._isc.name

    def servers(self, root: str) -> set[str]:
        """Those who may be asked first for domains under a top-level domain; an empty one where nobody may be."""
        found = self._rdap.servers(root) - {""}
        if self._whois is not None:
            found |= self._whois.hosts_under(root)
        if self._isc is not None:
            found.add(self._isc.name)
        return found or {""}

    async def ask(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain: of each in order, until one knows.

        Returns:
            As `Rdap.ask`; where nobody knows, why the first who was asked does not.
        """
        fact = await self._rdap.ask(domain)
        if not isinstance(fact, Unavailable) or fact.reason not in _NO_HELP:
            return fact
        first: Fact[Registration] | None = None if fact.reason == "no_server" else fact
        for other in (self._whois, self._isc):
            if other is None:
                continue
            further = await other.ask(domain)
            if isinstance(further, Known) or (isinstance(further, Absent) and other is self._whois):
                return further
            if first is None and further != Unavailable("no_server") and not isinstance(further, Absent):
                first = further
        return first or fact

    async def close(self) -> None:
        """Let go of connections."""
        await self._rdap.close()
