"""Host names under a domain: up to a bound, and every alerted one."""

import json
import sqlite3

from firstsight.store.domains import Domain
from firstsight.store.front import Front

BOUND = 100
"""Host names kept a domain; `Domain.hosts` above it marks that there were more."""


class Hosts:
    """Host names as prefixes: `www` of www.example.com. The domain itself is no host name of its own."""

    def __init__(self, connection: sqlite3.Connection, bound: int) -> None:
        self._connection = connection
        self._known: Front[str, bool] = Front(bound)
        self._dirty: dict[Domain, set[str]] = {}

    def tidy(self) -> None:
        """Keep within the bound; between batches only."""
        self._known.tidy()

    def touch(self, domain: Domain, fqdn: str) -> None:
        """Note a host name of a sighted domain."""
        if fqdn in self._known.young or domain.hosts > BOUND or fqdn == domain.name or self._known.get(fqdn):
            return
        self._known.put(fqdn, True)
        waiting = self._dirty.setdefault(domain, set())
        if len(waiting) <= BOUND:
            waiting.add(fqdn[: -len(domain.name) - 1])

    def flush(self, connection: sqlite3.Connection) -> None:
        """Write what is new and count it on its domain; inside the caller's transaction, before the domains."""
        stored = self._stored(connection)
        rows: list[tuple[int, str]] = []
        for domain, prefixes in self._dirty.items():
            new = [prefix for prefix in prefixes if (domain.id, prefix) not in stored]
            rows += [(domain.id, prefix) for prefix in sorted(new)[: max(0, BOUND - domain.hosts)]]
            domain.hosts = min(domain.hosts + len(new), BOUND + 1)
        connection.executemany("INSERT OR IGNORE INTO host VALUES (?, ?)", sorted(rows))

    def _stored(self, connection: sqlite3.Connection) -> set[tuple[int, str]]:
        """What of the waiting host names is stored already, in one question; a domain without any needs none."""
        asked = [(domain.id, prefix) for domain, waiting in self._dirty.items() if domain.hosts for prefix in waiting]
        if not asked:
            return set()
        return set(
            connection.execute(
                "SELECT h.domain, h.prefix FROM json_each(?) AS wanted "
                "JOIN host AS h ON h.domain = wanted.value ->> 0 AND h.prefix = wanted.value ->> 1",
                (json.dumps(asked),),
            )
        )

    def flushed(self) -> None:
        """What was flushed is committed."""
        self._dirty = {}

    def keep(self, connection: sqlite3.Connection, domain: Domain, fqdn: str) -> None:
        """Keep an alerted host name whatever the bound; inside the caller's transaction."""
        if fqdn != domain.name:
            connection.execute("INSERT OR IGNORE INTO host VALUES (?, ?)", (domain.id, fqdn[: -len(domain.name) - 1]))

    def of(self, domain: Domain) -> tuple[list[str], bool]:
        """Host names of a domain, and whether there were more than are kept."""
        rows = self._connection.execute("SELECT prefix FROM host WHERE domain = ?", (domain.id,))
        prefixes = {prefix for (prefix,) in rows} | self._dirty.get(domain, set())
        return [f"{prefix}.{domain.name}" for prefix in sorted(prefixes)], domain.hosts > BOUND

    def forget(self) -> None:
        """Drop what is only in memory."""
        self._known.clear()
        self._dirty = {}
