"""People and their sessions on SQLite."""

from firstsight.core.deeds import Deed
from firstsight.ports import KeptPerson, KeptSession
from firstsight.store.database import Database
from firstsight.store.trail import write_deed

_PERSON = "SELECT name, role, password, made, used, issuer, subject FROM person"


class SqlitePeople:
    """ports.PeopleRegister.

    Args:
        database: an open store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[KeptPerson]:
        """By name."""
        with self._database.explain():
            return [KeptPerson(*row) for row in self._database.connection.execute(f"{_PERSON} ORDER BY name")]

    def find(self, name: str) -> KeptPerson | None:
        """One of them."""
        with self._database.explain():
            row = self._database.connection.execute(f"{_PERSON} WHERE name = ?", (name,)).fetchone()
        return KeptPerson(*row) if row else None

    def find_subject(self, issuer: str, subject: str) -> KeptPerson | None:
        """One who comes by an identity provider."""
        with self._database.explain():
            row = self._database.connection.execute(
                f"{_PERSON} WHERE issuer = ? AND subject = ? AND subject != ''", (issuer, subject)
            ).fetchone()
        return KeptPerson(*row) if row else None

    def add(self, person: KeptPerson, deed: Deed) -> bool:
        """Keep one, durably; False where the name, or the subject, is taken."""
        with self._database.transaction(durable=True) as connection:
            added = connection.execute(
                "INSERT INTO person (name, role, password, made, issuer, subject) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (person.name, person.role, person.password, person.made, person.issuer, person.subject),
            ).rowcount
            if added:
                write_deed(connection, deed)
        return bool(added)

    def set_password(self, name: str, password: str, deed: Deed) -> bool:
        """Keep another password's hash, and end all sessions, durably; False where nobody of that name has one."""
        return self._change("UPDATE person SET password = ?2 WHERE name = ?1 AND issuer = ''", (name, password), deed)

    def set_role(self, name: str, role: str, deed: Deed) -> bool:
        """Keep another role, and end all sessions, durably; False where there is nobody of that name."""
        return self._change("UPDATE person SET role = ?2 WHERE name = ?1", (name, role), deed)

    def remove(self, name: str, deed: Deed) -> bool:
        """Forget one, and all sessions, durably; False where there is nobody of that name."""
        return self._change("DELETE FROM person WHERE name = ?1", (name,), deed)

    def _change(self, statement: str, values: tuple[str, ...], deed: Deed) -> bool:
        with self._database.transaction(durable=True) as connection:
            changed = connection.execute(statement, values).rowcount
            if changed:
                connection.execute("DELETE FROM session WHERE person = ?", values[:1])
                write_deed(connection, deed)
        return bool(changed)

    def session(self, digest: bytes) -> KeptSession | None:
        """A session, whether it has ended by age or not."""
        with self._database.explain():
            row = self._database.connection.execute(
                "SELECT digest, person, began, used FROM session WHERE digest = ?", (digest,)
            ).fetchone()
        return KeptSession(*row) if row else None

    def begin(self, session: KeptSession, deed: Deed) -> None:
        """Keep a session, durably; its person has logged in."""
        with self._database.transaction(durable=True) as connection:
            row = (session.digest, session.person, session.began, session.used)
            connection.execute("INSERT INTO session (digest, person, began, used) VALUES (?, ?, ?, ?)", row)
            connection.execute("UPDATE person SET used = ? WHERE name = ?", (session.began, session.person))
            write_deed(connection, deed)

    def touch(self, digest: bytes, used: float) -> None:
        """A session was used."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE session SET used = ? WHERE digest = ?", (used, digest))

    def end(self, digest: bytes, deed: Deed | None = None) -> None:
        """End a session, durably."""
        with self._database.transaction(durable=True) as connection:
            connection.execute("DELETE FROM session WHERE digest = ?", (digest,))
            if deed is not None:
                write_deed(connection, deed)

    def end_all(self, person: str | None, deed: Deed | None = None) -> None:
        """End all sessions of a person, or of everybody, durably."""
        with self._database.transaction(durable=True) as connection:
            connection.execute("DELETE FROM session WHERE ?1 IS NULL OR person = ?1", (person,))
            if deed is not None:
                write_deed(connection, deed)

    def end_old(self, *, began_before: float, used_before: float) -> None:
        """Drop sessions that have ended by age."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM session WHERE began <= ? OR used <= ?", (began_before, used_before))
