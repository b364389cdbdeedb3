"""Domains as the store holds them in memory: what is known of each, in front of the database."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from operator import itemgetter

from msgspec import Struct

from firstsight.core.front import Front
from firstsight.core.verdict import Seen

# Hundreds of thousands of these stay in memory: they are msgspec Structs so that the garbage collector, which can find
# nothing in them, does not walk through all of them again and again.


class Unresolved(Struct, gc=False):
    """What was asked in vain for a domain."""

    first: int
    last: int
    nxdomain: int = 0
    failed: int = 0
    agents: int = 0
    stored: bool = False


class Domain(Struct, eq=False, gc=False):
    """One registrable domain; the columns of table `domain`, counted on in memory until the next flush."""

    name: str
    id: int
    first: int | None = None
    last: int | None = None
    count: int = 0
    agents: int = 0
    hosts: int = 0
    told: int = 0
    looked_up: int | None = None
    unresolved: Unresolved | None = None
    stored: bool = False
    dirty: bool = False  # is in `Domains.dirty`: cheaper to look at here, as this is at hand already

    def seen(self) -> Seen:
        """As the rest of the house sees it."""
        agents = self.agents
        if self.first is None and self.unresolved is not None:
            agents = self.unresolved.agents
        return Seen(first=self.first, last=self.last, count=self.count, agents=agents, looked_up=self.looked_up)


Who = tuple[int | None, int | None, int | None]
"""Who asked first: numbers of the agent, the program, and the user; None where that is not known, or not kept."""

_Counts = tuple[int | None, int | None, int, int, int, str]
_InVain = tuple[int, int, int, int, int, int]

_LOAD = """
SELECT d.name, d.id, d.first, d.last, d.count, d.agents, d.hosts, d.told, d.looked_up,
       u.first, u.last, u.nxdomain, u.failed, u.agents
FROM json_each(?) AS wanted JOIN domain AS d ON d.name = wanted.value LEFT JOIN unresolved AS u ON u.domain = d.id
"""


class Domains:
    """Domains by name: in memory those lately used or changed, behind them the database.

    Attributes:
        dirty: counted on since the last flush.
        settling: flushed, but not all in their rows yet: what the database says of them may be old.
    """

    def __init__(self, connection: sqlite3.Connection, bound: int) -> None:
        self._connection = connection
        self._front: Front[str, Domain] = Front(bound)
        self.dirty: dict[str, Domain] = {}
        self.settling: dict[str, Domain] = {}

    @property
    def young(self) -> dict[str, Domain]:
        """Domains lately used, to be looked into only; until the next `tidy`."""
        return self._front.young

    @property
    def turned(self) -> int:
        """How often they have grown old: a domain that was asked for since the last time is in memory still."""
        return self._front.turned

    def tidy(self) -> None:
        """Keep within the bound; between batches only."""
        self._front.tidy()

    def at_hand(self, name: str) -> Domain | None:
        """The domain, if it is in memory; from now on as one lately used."""
        domain = self._front.get(name)
        if domain is None:
            domain = self.dirty.get(name) or self.settling.get(name)
            if domain is not None:
                self._front.put(name, domain)
        return domain

    def counted(self, domain: Domain) -> None:
        """Note that a domain is counted on; where it is `dirty`, that is known."""
        domain.dirty = True
        self.dirty[domain.name] = domain

    def flushed(self) -> None:
        """What is counted is laid down, and settles."""
        for domain in self.dirty.values():
            domain.dirty = False
        self.settling, self.dirty = self.dirty, {}

    def add(self, domain: Domain) -> None:
        """Keep a domain in memory."""
        self._front.put(domain.name, domain)

    def load(self, names: Collection[str]) -> dict[str, Domain]:
        """Bring domains that are not at hand into memory, in one question; those never heard of are left out."""
        loaded: dict[str, Domain] = {}
        if names:
            for row in self._connection.execute(_LOAD, (json.dumps(list(names)),)):
                domain = _from_row(row)
                loaded[domain.name] = domain
                self.add(domain)
        return loaded

    def find(self, names: Iterable[str]) -> dict[str, Domain]:
        """Domains by name, from memory or the database; those never heard of are left out."""
        self.tidy()  # what a batch is counting on is dirty, and stays
        found: dict[str, Domain] = {}
        missing = []
        for name in names:
            domain = self.at_hand(name)
            if domain is None:
                missing.append(name)
            else:
                found[name] = domain
        return found | self.load(missing)

    def rows(self) -> tuple[list[_Counts], list[_InVain]]:
        """What has changed since the last flush: figures of domains and of what was asked in vain, as rows lie.

        Domains lie all over memory: one pass over them, and what is sorted is what was read there.
        """
        counts: list[_Counts] = []
        in_vain: list[_InVain] = []
        for domain in self.dirty.values():
            counts.append((domain.first, domain.last, domain.count, domain.agents, domain.hosts, domain.name))
            vain = domain.unresolved
            if vain is not None:
                in_vain.append((vain.first, vain.last, vain.nxdomain, vain.failed, vain.agents, domain.id))
        return sorted(counts, key=itemgetter(5)), sorted(in_vain, key=itemgetter(5))

    def page(self, after: str, limit: int) -> list[tuple[str, Seen]]:
        """Sighted domains in order of name, as stored."""
        rows = self._connection.execute(
            "SELECT name, first, last, count, agents, looked_up FROM domain "
            "WHERE name > ? AND first IS NOT NULL ORDER BY name LIMIT ?",
            (after, limit),
        )
        return [(name, Seen(*rest)) for name, *rest in rows]

    def forget(self) -> None:
        """Drop what is only in memory."""
        self._front.clear()
        self.dirty = {}
        self.settling = {}


def _from_row(
    row: tuple[str, int, int | None, int | None, int, int, int, int, int | None, int, int, int, int, int],
) -> Domain:
    unresolved = None
    if row[9] is not None:
        unresolved = Unresolved(*row[9:14], stored=True)
    return Domain(*row[:9], unresolved, stored=True)


def write_rows(connection: sqlite3.Connection, rows: Iterable[tuple[Domain, Who]]) -> None:
    """Write domains that are new, sighted for the first time or after a silence, or told of; inside a transaction.

    Their counts follow with the next flush.
    """
    new, known, in_vain = [], [], []
    for domain, who in rows:
        figures = domain.first, domain.last, domain.told, domain.looked_up, *who
        if domain.stored:
            known.append((*figures, domain.name))
        else:
            new.append((domain.name, domain.id, *figures))
        vain = domain.unresolved
        if vain is not None and not vain.stored:
            in_vain.append((domain.id, vain.first, vain.last))
    connection.executemany(
        "INSERT INTO domain (name, id, first, last, count, agents, hosts, told, looked_up, agent, process, account) "
        "VALUES (?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?)",
        new,
    )
    connection.executemany(
        "UPDATE domain SET first = ?, last = ?, told = ?, looked_up = ?, agent = coalesce(?, agent), "
        "process = coalesce(?, process), account = coalesce(?, account) WHERE name = ?",
        known,
    )
    connection.executemany("INSERT INTO unresolved VALUES (?, ?, ?, 0, 0, 0)", in_vain)
