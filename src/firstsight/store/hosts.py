"""Host names under a domain: up to a bound, and every alerted one."""

import sqlite3
from collections.abc import Iterable

from firstsight.core.front import Front
from firstsight.store.carry import HOSTS_BOUND
from firstsight.store.domains import Domain


class Hosts:
    """Host names as prefixes: `www` of www.example.com. The domain itself is no host name of its own."""

    def __init__(self, connection: sqlite3.Connection, bound: int) -> None:
        self._connection = connection
        self._known: Front[str, bool] = Front(bound)
        self._dirty: dict[Domain, set[str]] = {}
        self._settling: dict[Domain, set[str]] = {}

    @property
    def young(self) -> dict[str, bool]:
        """Host names lately used, to be looked into only; until the next `tidy`."""
        return self._known.young

    def tidy(self) -> None:
        """Keep within the bound; between batches only."""
        self._known.tidy()

    def touch(self, domain: Domain, fqdn: str) -> None:
        """Note a host name of a sighted domain."""
        if fqdn == domain.name or domain.hosts > HOSTS_BOUND or self._known.get(fqdn):
            return
        self._known.put(fqdn, True)
        waiting = self._dirty.get(domain)
        if waiting is None:
            waiting = self._dirty[domain] = set()
        if len(waiting) <= HOSTS_BOUND:
            waiting.add(fqdn[: -len(domain.name) - 1])

    def rows(self) -> list[tuple[str, int, list[str]]]:
        """What may be new since the last flush: (domain name, domain id, prefixes)."""
        return [(domain.name, domain.id, sorted(waiting)) for domain, waiting in self._dirty.items()]

    def flushed(self) -> None:
        """What may be new is laid down, and settles."""
        self._settling, self._dirty = self._dirty, {}

    def settled(self) -> None:
        """It is in its rows."""
        self._settling = {}

    def keep(self, connection: sqlite3.Connection, alerted: Iterable[tuple[Domain, str]]) -> None:
        """Keep alerted host names whatever the bound; inside the caller's transaction."""
        connection.executemany(
            "INSERT OR IGNORE INTO host VALUES (?, ?)",
            [(domain.id, fqdn[: -len(domain.name) - 1]) for domain, fqdn in alerted if fqdn != domain.name],
        )

    def drop(self, names: Iterable[str]) -> None:
        """Their rows are gone."""
        for name in names:
            self._known.drop(name)

    def of(self, domain: Domain) -> tuple[list[str], bool]:
        """Host names of a domain, and whether there were more than are kept."""
        rows = self._connection.execute("SELECT prefix FROM host WHERE domain = ?", (domain.id,))
        prefixes = {prefix for (prefix,) in rows} | self._dirty.get(domain, set()) | self._settling.get(domain, set())
        return [f"{prefix}.{domain.name}" for prefix in sorted(prefixes)], domain.hosts > HOSTS_BOUND

    def forget(self) -> None:
        """Drop what is only in memory."""
        self._known.clear()
        self._dirty = {}
        self._settling = {}
