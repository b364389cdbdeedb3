"""Host names under a domain: up to a bound, and every alerted one."""

import json
import sqlite3
from collections.abc import Iterable

from firstsight.core.front import Front
from firstsight.store.domains import Domain

HOSTS_BOUND = 100
"""Host names kept a domain; column `hosts` above it marks that there were more."""

_OF_DOMAINS = "SELECT h.domain, h.prefix FROM json_each(?) AS wanted JOIN host AS h ON h.domain = wanted.value"


class Hosts:
    """Host names as prefixes: `www` of www.example.com. The domain itself is no host name of its own.

    Args:
        connection: the database.
        bound: how many host names are kept at hand.
    """

    def __init__(self, connection: sqlite3.Connection, bound: int) -> None:
        self._connection = connection
        self._known: Front[str, bool] = Front(bound)
        self._dirty: dict[int, set[str]] = {}  # by id of the domain
        self._settling: dict[int, set[str]] = {}

    @property
    def young(self) -> dict[str, bool]:
        """Host names lately used, to be looked into only; until the next `tidy`."""
        return self._known.young

    def tidy(self) -> None:
        """Keep within the bound; between batches only."""
        self._known.tidy()

    def load(self, wanted: Iterable[tuple[Domain, str]]) -> None:
        """Find out which host names that are not at hand are stored, in one question.

        Args:
            wanted: stored domains, each with a host name under it.
        """
        at_hand = self._known.get
        missing = {
            (domain.id, _prefix(domain, fqdn)): fqdn
            for domain, fqdn in wanted
            if 0 < domain.hosts <= HOSTS_BOUND and fqdn != domain.name and not at_hand(fqdn)
        }
        if not missing:
            return
        # All of a domain's, by its id: nearly always a few, and a number is found sooner than a name.
        ids = json.dumps(list({number for number, _ in missing}))
        for stored in self._connection.execute(_OF_DOMAINS, (ids,)):
            fqdn = missing.get(stored)
            if fqdn is not None:
                self._known.put(fqdn, True)

    def touch(self, domain: Domain, fqdn: str) -> None:
        """Note a host name of a sighted domain, and count it where it is new. Call `load` for it before."""
        if fqdn == domain.name or domain.hosts > HOSTS_BOUND or self._known.get(fqdn):
            return
        self._known.put(fqdn, True)
        prefix = _prefix(domain, fqdn)
        if any(prefix in waiting.get(domain.id, ()) for waiting in (self._dirty, self._settling)):
            return
        domain.hosts += 1
        if domain.hosts <= HOSTS_BOUND:
            self._dirty.setdefault(domain.id, set()).add(prefix)

    def rows(self) -> list[tuple[int, str]]:
        """What is new since the last flush: (domain id, prefix), in order of key."""
        return sorted((number, prefix) for number, prefixes in self._dirty.items() for prefix in prefixes)

    def flushed(self) -> None:
        """What is new is laid down, and settles."""
        self._settling, self._dirty = self._dirty, {}

    def settled(self) -> None:
        """It is in its rows."""
        self._settling = {}

    def keep(self, connection: sqlite3.Connection, alerted: Iterable[tuple[Domain, str]]) -> None:
        """Keep alerted host names whatever the bound; inside the caller's transaction."""
        connection.executemany(
            "INSERT OR IGNORE INTO host VALUES (?, ?)",
            [(domain.id, _prefix(domain, fqdn)) for domain, fqdn in alerted if fqdn != domain.name],
        )

    def drop(self, domain: Domain | None, names: Iterable[str]) -> None:
        """Rows of a domain, in memory or not, are gone; what waits for its row still counts."""
        for name in names:
            self._known.drop(name)
        if domain is not None:
            domain.hosts = len(self._dirty.get(domain.id, ()))

    def of(self, domain: Domain) -> tuple[list[str], bool]:
        """Host names of a domain, and whether there were more than are kept."""
        rows = self._connection.execute("SELECT prefix FROM host WHERE domain = ?", (domain.id,))
        waiting = self._dirty.get(domain.id, set()) | self._settling.get(domain.id, set())
        prefixes = {prefix for (prefix,) in rows} | waiting
        return [f"{prefix}.{domain.name}" for prefix in sorted(prefixes)], domain.hosts > HOSTS_BOUND

    def forget(self) -> None:
        """Drop what is only in memory."""
        self._known.clear()
        self._dirty = {}
        self._settling = {}


def _prefix(domain: Domain, fqdn: str) -> str:
    return fqdn[: -len(domain.name) - 1]
