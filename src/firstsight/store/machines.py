"""Machines' tokens on SQLite."""

from collections.abc import Mapping

from firstsight.core.deeds import Deed
from firstsight.ports import KeptToken
from firstsight.store.database import Database
from firstsight.store.trail import write_deed


class SqliteTokens:
    """ports.TokenRegister.

    Args:
        database: an open store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[KeptToken]:
        """By name."""
        with self._database.explain():
            rows = self._database.connection.execute(
                "SELECT name, scopes, digest, made, expires, used FROM token ORDER BY name"
            )
            return [KeptToken(*row) for row in rows]

    def add(self, token: KeptToken, deed: Deed) -> bool:
        """Keep one, durably; False where its name is taken."""
        with self._database.transaction(durable=True) as connection:
            row = (token.name, token.scopes, token.digest, token.made, token.expires, token.used)
            added = connection.execute(
                "INSERT INTO token (name, scopes, digest, made, expires, used) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (name) DO NOTHING",
                row,
            ).rowcount
            if added:
                write_deed(connection, deed)
        return bool(added)

    def remove(self, name: str, deed: Deed) -> bool:
        """Forget one, durably; False where there is none."""
        with self._database.transaction(durable=True) as connection:
            removed = connection.execute("DELETE FROM token WHERE name = ?", (name,)).rowcount
            if removed:
                write_deed(connection, deed)
        return bool(removed)

    def used(self, times: Mapping[str, float]) -> None:
        """When tokens were last used, by name."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE token SET used = ? WHERE name = ?", [(at, name) for name, at in times.items()]
            )
