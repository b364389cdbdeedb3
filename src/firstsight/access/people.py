"""People who may log in, what their roles open, and their sessions."""

import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from firstsight.access.passwords import hash_password, matches
from firstsight.access.tokens import EVERYTHING, Scopes, TokenScope
from firstsight.core.deeds import Deed
from firstsight.core.errors import InputError, StoreError
from firstsight.ports import Clock, KeptPerson, KeptSession, PeopleRegister

IDLE, LONGEST = 3600.0, 12 * 3600.0
"""Seconds until a session ends that is not used, and that is."""

_TOUCH = 60.0  # seconds between two notes that a session is in use


class Role(StrEnum):
    """What a person is here for."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


OPENS: dict[Role, Scopes] = {
    Role.VIEWER: frozenset({TokenScope.READ, TokenScope.INTEL}),
    Role.ANALYST: frozenset({TokenScope.READ, TokenScope.INTEL, TokenScope.REVIEW}),
    Role.ADMIN: EVERYTHING,
}
"""What each role opens."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in. `csrf` must come with whatever changes something; `digest` names the session in the store."""

    person: str
    role: Role
    csrf: str
    digest: bytes

    @property
    def scopes(self) -> Scopes:
        """What it opens."""
        return OPENS[self.role]


class People:
    """People and sessions, always as the store has them: whoever is removed is out with the next request.

    Args:
        register: where they are kept.
        clock: the time.
    """

    def __init__(self, register: PeopleRegister, clock: Clock) -> None:
        self._register = register
        self._clock = clock
        self._number = len(register.all())
        self._nobody: str | None = None

    def __len__(self) -> int:
        return self._number

    def all(self) -> list[KeptPerson]:
        """By name."""
        return self._register.all()

    def find(self, name: str) -> KeptPerson | None:
        """Somebody by name."""
        return self._register.find(name)

    def right(self, password: str, person: KeptPerson | None) -> bool:
        """Whether a password is somebody's; never where there is nobody. May be called in another thread.

        Takes a good part of a second. Whoever gives a name that nobody has costs the same work as whoever gives a
        wrong password: it is compared with what nobody knows.
        """
        if self._nobody is None:
            self._nobody = hash_password(secrets.token_urlsafe(32))
        return matches(password, self._nobody if person is None else person.password) and person is not None

    def add(self, name: str, role: Role, password: str, deed: Deed) -> None:
        """Let somebody log in.

        Args:
            name: unique.
            role: what for.
            password: its hash.
            deed: how it is noted.

        Raises:
            InputError: the name is taken.
            StoreError: nothing was kept.
        """
        if not self._register.add(KeptPerson(name, role, password, self._clock.now()), deed):
            raise InputError(f"There is a user {name} already. `firstsight user passwd {name}` gives a new password.")
        self._number = len(self._register.all())

    def set_password(self, name: str, password: str, deed: Deed) -> None:
        """Keep another password's hash; all sessions end.

        Raises:
            InputError: there is nobody of that name.
            StoreError: nothing was kept.
        """
        if not self._register.set_password(name, password, deed):
            raise _unknown(name)

    def set_role(self, name: str, role: Role, deed: Deed) -> None:
        """Let somebody do other things; all sessions end.

        Raises:
            InputError: there is nobody of that name.
            StoreError: nothing was changed.
        """
        if not self._register.set_role(name, role, deed):
            raise _unknown(name)

    def remove(self, name: str, deed: Deed) -> None:
        """Let somebody in no more; all sessions end.

        Raises:
            InputError: there is nobody of that name.
            StoreError: nothing was changed.
        """
        if not self._register.remove(name, deed):
            raise _unknown(name)
        self._number = len(self._register.all())

    def log_in(self, name: str, deed: Deed) -> str:
        """Begin a session of somebody whose password was right; its secret, new each time.

        Raises:
            StoreError: nothing was kept.
        """
        secret = secrets.token_urlsafe(32)
        now = self._clock.now()
        self._register.end_old(began_before=now - LONGEST, used_before=now - IDLE)
        self._register.begin(KeptSession(_digest(secret.encode()), name, now, now), deed)
        return secret

    def session(self, secret: bytes) -> Session | None:
        """The session of this secret, while it lasts.

        Raises:
            StoreError: it can't be looked for.
        """
        digest, now = _digest(secret), self._clock.now()
        kept = self._register.session(digest)
        if kept is None or now - kept.began >= LONGEST or now - kept.used >= IDLE:
            return None
        person = self._register.find(kept.person)
        if person is None:
            return None
        if now - kept.used >= _TOUCH:
            with suppress(StoreError):  # while nothing can be written, people still read
                self._register.touch(digest, now)
        return Session(person.name, Role(person.role), hmac.digest(secret, b"csrf", "sha256").hex(), digest)

    def log_out(self, session: Session, deed: Deed, *, everywhere: bool = False) -> None:
        """End a session, or all of its person.

        Raises:
            StoreError: none has ended.
        """
        if everywhere:
            self._register.end_all(session.person, deed)
        else:
            self._register.end(session.digest, deed)

    def log_out_all(self) -> None:
        """End everybody's sessions: a copy of the store brings those of its day along."""
        self._register.end_all(None)


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _unknown(name: str) -> InputError:
    return InputError(f"There is no user {name}; `firstsight user list` names them.")
