"""Who may reach the service, and what they did: as it is kept. Each change is noted in the trail with it, or not made.

Any method may raise StoreError; then nothing of that call is recorded. Synchronous, one caller at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from firstsight.core.deeds import Deed, DeedFilter


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A machine's token as it is kept; times in seconds since the epoch.

    Attributes:
        name: unique.
        scopes: with commas, as in the token file.
        digest: SHA-256 of the token's bytes.
        made: when.
        expires: None: never.
        used: when it last opened something, to the minute or so; None: never.
    """

    name: str
    scopes: str
    digest: bytes
    made: float
    expires: float | None
    used: float | None = None


@dataclass(frozen=True, slots=True)
class KeptPerson:
    """A person; times in seconds since the epoch.

    Attributes:
        name: unique.
        role: what for.
        password: its hash with its parameters (access/passwords.py); empty for who comes by an identity provider.
        made: when.
        used: the last login; None: never.
        issuer: the identity provider; empty for who has a password.
        subject: who they are there, for ever; empty likewise.
    """

    name: str
    role: str
    password: str
    made: float
    used: float | None = None
    issuer: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session of a person; `digest` is SHA-256 of its secret."""

    digest: bytes
    person: str
    began: float
    used: float


class Trail(Protocol):
    """The audit trail: what is noted stays."""

    def note(self, deed: Deed) -> None:
        """Take a deed down, durably."""
        ...

    def deeds(self, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds in order, with their numbers: those behind a number."""
        ...


class TokenRegister(Protocol):
    """Machines' tokens."""

    def all(self) -> list[KeptToken]:
        """By name."""
        ...

    def add(self, token: KeptToken, deed: Deed) -> bool:
        """Keep one, durably; False where its name is taken."""
        ...

    def remove(self, name: str, deed: Deed) -> bool:
        """Forget one, durably; False where there is none."""
        ...

    def used(self, times: Mapping[str, float]) -> None:
        """When tokens were last used, by name."""
        ...


class PeopleRegister(Protocol):
    """People and their sessions."""

    def all(self) -> list[KeptPerson]:
        """By name."""
        ...

    def find(self, name: str) -> KeptPerson | None:
        """One of them."""
        ...

    def find_subject(self, issuer: str, subject: str) -> KeptPerson | None:
        """One who comes by an identity provider."""
        ...

    def add(self, person: KeptPerson, deed: Deed) -> bool:
        """Keep one, durably; False where the name, or the subject, is taken."""
        ...

    def set_password(self, name: str, password: str, deed: Deed) -> bool:
        """Keep another password's hash, and end all sessions, durably; False where nobody of that name has one."""
        ...

    def set_role(self, name: str, role: str, deed: Deed) -> bool:
        """Keep another role, and end all sessions, durably; False where there is nobody of that name."""
        ...

    def remove(self, name: str, deed: Deed) -> bool:
        """Forget one, and all sessions, durably; False where there is nobody of that name."""
        ...

    def session(self, digest: bytes) -> KeptSession | None:
        """A session, whether it has ended by age or not."""
        ...

    def begin(self, session: KeptSession, deed: Deed) -> None:
        """Keep a session, durably; its person has logged in."""
        ...

    def touch(self, digest: bytes, used: float) -> None:
        """A session was used."""
        ...

    def end(self, digest: bytes, deed: Deed | None = None) -> None:
        """End a session, durably."""
        ...

    def end_all(self, person: str | None, deed: Deed | None = None) -> None:
        """End all sessions of a person, or of everybody, durably."""
        ...

    def end_old(self, *, began_before: float, used_before: float) -> None:
        """Drop sessions that have ended by age."""
        ...
