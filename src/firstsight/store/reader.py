"""A second look into a store: reads what is committed, beside whoever writes it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from firstsight.core.alerts import Alert
from firstsight.core.deeds import Deed, DeedFilter
from firstsight.core.facts import Registration
from firstsight.core.verdict import Seen
from firstsight.ports import Answer
from firstsight.store.alerted import alerts_in_order, domains_of, number_since
from firstsight.store.beside import beside
from firstsight.store.questions import Questions
from firstsight.store.trail import read_deeds

_KNOWN = """
SELECT name, first, last, count, agents, looked_up FROM domain
WHERE name > ? AND coalesce(first, looked_up) IS NOT NULL ORDER BY name LIMIT ? OFFSET ?
"""


class Reader:
    """Domains, answers and alerts of a store; of one thread.

    Args:
        connection: made by `reading`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._questions = Questions(connection)

    def known(self, limit: int, *, after: str = "", offset: int = 0) -> list[tuple[str, Seen]]:
        """Domains that were seen or looked up, in order of name.

        Args:
            limit: how many at most.
            after: only those behind this name.
            offset: and behind so many of these. Costs a walk over them.
        """
        rows = self._connection.execute(_KNOWN, (after, limit, offset))
        return [(name, Seen(*rest)) for name, *rest in rows]

    def answers(self, registered: Sequence[str]) -> dict[str, Answer[Registration]]:
        """Stored answers, fresh or not, by registered domain."""
        return self._questions.answers(registered)

    def alerts(self, after: int, limit: int, domains: Sequence[str] | None) -> list[tuple[int, Alert]]:
        """See ports.Store.alerts."""
        return alerts_in_order(self._connection, after, limit, domains)

    def domains_of(self, pattern: str, most: int) -> list[str] | None:
        """See ports.Store.domains_of."""
        return domains_of(self._connection, pattern, most)

    def alerts_since(self, at: float) -> int:
        """See ports.Store.alerts_since."""
        return number_since(self._connection, at)

    def deeds(self, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
        """See ports.Trail.deeds."""
        return read_deeds(self._connection, wanted, after=after, limit=limit)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open a store for reading.

    Raises:
        StoreError: see `beside`.
    """
    with beside(path) as connection:
        yield Reader(connection)
