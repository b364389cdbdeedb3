"""Counts on their way into their rows: written down at once and whole, moved to their places part by part.

Tens of thousands of rows are too many for one turn of the event loop, and counts must not be half written when the
process dies. So a flush writes them in one small transaction, in order and together with the position they reach
to, as parts (table `carry`); each later turn moves one part to its rows. After a crash the parts still lying there
are moved first. Every figure is absolute, so moving a part is the same whenever it happens.
"""

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from firstsight.core.errors import StoreError

T = TypeVar("T")

_TURNS = 50  # a flush is moved in about so many turns, however large it is


class Part(msgspec.Struct, array_like=True):
    """Some rows.

    Attributes:
        domains: (first, last, count, agents, hosts, name).
        unresolved: (first, last, nxdomain, failed, agents, domain id).
        pairs: (domain id, agent id, first day, last day).
        vain_pairs: (domain id, agent id).
        hosts: (domain id, prefix).
        windows: (agent id, computer, highest record, when it was written, the bits of those below).
    """

    domains: Sequence[tuple[int | None, int | None, int, int, int, str]] = ()
    unresolved: Sequence[tuple[int, int, int, int, int, int]] = ()
    pairs: Sequence[tuple[int, int, int, int]] = ()
    vain_pairs: Sequence[tuple[int, int]] = ()
    hosts: Sequence[tuple[int, str]] = ()
    windows: Sequence[tuple[int, str, int, float, bytes]] = ()


def parts_of(whole: Part, least: int) -> list[Part]:
    """Cut a flush into parts of at least so many rows; empty where there is nothing to move."""
    kinds = (whole.domains, whole.unresolved, whole.pairs, whole.vain_pairs, whole.hosts, whole.windows)
    rows = sum(map(len, kinds))
    if rows <= least:
        return [whole] if rows else []
    size = max(least, rows // _TURNS)
    return [
        *(Part(domains=rows) for rows in _cut(whole.domains, size)),
        *(Part(unresolved=rows) for rows in _cut(whole.unresolved, size)),
        *(Part(pairs=rows) for rows in _cut(whole.pairs, size)),
        *(Part(vain_pairs=rows) for rows in _cut(whole.vain_pairs, size)),
        *(Part(hosts=rows) for rows in _cut(whole.hosts, size)),
        *(Part(windows=rows) for rows in _cut(whole.windows, size)),
    ]


def _cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Part).decode


class Carry:
    """The parts that lie there, in order."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.reload()

    def reload(self) -> None:
        """Find what lies there, from before a crash or before memory was forgotten.

        Raises:
            StoreError: another version laid it down, in other columns.
        """
        rows = self._connection.execute("SELECT part, body FROM carry ORDER BY part")
        try:
            self._parts = deque((number, _decode(body)) for number, body in rows)
        except msgspec.DecodeError as error:
            raise StoreError(
                f"Another version of firstsight wrote counts down and died before all were in their rows; this one "
                f"can't read them ({error}). Nothing is lost. Start the version that wrote them once, stop it, and "
                f"start this one."
            ) from error

    def __len__(self) -> int:
        return len(self._parts)

    def write(self, connection: sqlite3.Connection, parts: Iterable[Part]) -> list[tuple[int, Part]]:
        """Lay parts down; inside the caller's transaction. Call `laid` with what is returned once it is committed."""
        return [
            (
                connection.execute("INSERT INTO carry (body) VALUES (?) RETURNING part", (_encode(part),)).fetchone()[
                    0
                ],
                part,
            )
            for part in parts
        ]

    def laid(self, parts: Iterable[tuple[int, Part]]) -> None:
        """They are committed."""
        self._parts.extend(parts)

    def move_next(self, connection: sqlite3.Connection) -> None:
        """Move the next part to its rows; inside the caller's transaction. Call `moved` once it is committed."""
        number, part = self._parts[0]
        move(connection, part)
        connection.execute("DELETE FROM carry WHERE part = ?", (number,))

    def moved(self) -> None:
        """That is committed."""
        self._parts.popleft()


def move(connection: sqlite3.Connection, part: Part) -> None:
    """Move a part's figures to their rows; inside the caller's transaction."""
    if part.domains:
        connection.executemany(
            # A decision may have written a first sighting, or one after a silence, since these were laid down.
            "UPDATE domain SET first = min(coalesce(first, ?1), coalesce(?1, first)), "
            "last = max(coalesce(last, ?2), coalesce(?2, last)), count = ?3, agents = ?4, hosts = ?5 WHERE name = ?6",
            part.domains,
        )
    if part.unresolved:
        connection.executemany(
            "UPDATE unresolved SET first = ?, last = ?, nxdomain = ?, failed = ?, agents = ? WHERE domain = ?",
            part.unresolved,
        )
    if part.pairs:
        connection.executemany(
            "INSERT INTO sighting (domain, agent, first_day, last_day) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (domain, agent) DO UPDATE SET first_day = min(first_day, excluded.first_day), "
            "last_day = max(last_day, excluded.last_day)",
            part.pairs,
        )
    if part.vain_pairs:
        connection.executemany("INSERT OR IGNORE INTO unresolved_agent (domain, agent) VALUES (?, ?)", part.vain_pairs)
    if part.windows:
        connection.executemany("INSERT OR REPLACE INTO record_window VALUES (?, ?, ?, ?, ?)", part.windows)
    if part.hosts:
        connection.executemany("INSERT OR IGNORE INTO host VALUES (?, ?)", part.hosts)  # some are kept for an alert
