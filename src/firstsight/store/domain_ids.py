"""Numbers for new domains."""

import sqlite3

_BLOCK = 1000


class DomainIds:
    """Ids come from blocks that are reserved in the database before their first use is committed.

    So a row of before a crash is never taken for another domain's, and none is looked for at the start.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Go back to what is stored."""
        self._block = iter(range(0))
        self._reserved: int | None = None
        self._reservation_written: int | None = None

    def next(self) -> int:
        """A number that no domain has had."""
        number = next(self._block, None)
        if number is not None:
            return number
        if self._reserved is None:
            row = self._connection.execute("SELECT value FROM meta WHERE key = 'next_domain'").fetchone()
            self._reserved = int(row[0]) if row else 1
        self._block = iter(range(self._reserved, self._reserved + _BLOCK))
        self._reserved += _BLOCK
        return next(self._block)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what is reserved; inside the transaction of the domains that it is for."""
        if self._reserved != self._reservation_written:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('next_domain', ?)", (str(self._reserved),))

    def written(self) -> None:
        """That is committed."""
        self._reservation_written = self._reserved
