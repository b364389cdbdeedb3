"""People who may log in, what their roles open, and their sessions."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
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


BY_PROVIDER = "oidc:"
"""What the names of people begin with who come by an identity provider; those of `firstsight user add` can't."""

NamedDeed = Callable[[str, str, str], Deed]
"""Makes what is noted: of what (core/deeds.py), by whose name, to what."""


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


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody of whom an identity provider has said who they are.

    Attributes:
        issuer: the provider.
        subject: who they are there, for ever.
        name: what they are called there now; of letters, digits and `._@+-`.
        role: what for; None where it gives them none.
    """

    issuer: str
    subject: str
    name: str
    role: Role | None


class People:
    """People and sessions, always as the store has them: whoever is removed is out with the next request.

    Args:
        register: where they are kept.
        clock: the time.
        issuer: the identity provider whose people may come in; empty: none's.
        passwords: whether those with a password may.
    """

    def __init__(self, register: PeopleRegister, clock: Clock, *, issuer: str = "", passwords: bool = True) -> None:
        self._register = register
        self._clock = clock
        self._issuer = issuer
        self.passwords = passwords
        self._nobody: str | None = None
        self._count()

    def __len__(self) -> int:
        """How many may log in."""
        return self._number

    @property
    def shut_out(self) -> int:
        """How many are kept who may not, as the settings have it now."""
        return self._shut_out

    def _count(self) -> None:
        kept = self._register.all()
        self._number = sum(map(self._may_come, kept))
        self._shut_out = len(kept) - self._number

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
        known = person if person is not None and person.password else None
        return matches(password, self._nobody if known is None else known.password) and known is not None

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
        self._count()

    def set_password(self, name: str, password: str, deed: Deed) -> None:
        """Keep another password's hash; all sessions end.

        Raises:
            InputError: there is nobody of that name, or they have none here.
            StoreError: nothing was kept.
        """
        if not self._register.set_password(name, password, deed):
            person = self._register.find(name)
            if person is None:
                raise _unknown(name)
            raise InputError(f"{name} logs in by {person.issuer} and has no password here. It is changed there.")

    def set_role(self, name: str, role: Role, deed: Deed) -> None:
        """Let somebody do other things; all sessions end.

        Raises:
            InputError: there is nobody of that name, or an identity provider says what they may do.
            StoreError: nothing was changed.
        """
        person = self._register.find(name)
        if person is not None and person.issuer:
            raise InputError(
                f"{name} logs in by {person.issuer}, which says the role at each log-in. Change it there, or in "
                f"[oidc] roles."
            )
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
        self._count()

    def welcome(self, newcomer: Newcomer, role: Role, deed: NamedDeed) -> str:
        """Let somebody in whom an identity provider knows; the name that they have here.

        They are who the provider's subject says, whatever they are called there by now: the name is that of their
        first log-in, and nobody else gets it while they have it.

        Args:
            newcomer: who.
            role: what for, from now on.
            deed: makes what is noted.

        Raises:
            InputError: no name can be found for them.
            StoreError: nothing was kept.
        """
        person = self._register.find_subject(newcomer.issuer, newcomer.subject)
        if person is not None:
            if person.role != role:
                self._register.set_role(person.name, role, deed("user_role", person.name, f"{person.name} {role}"))
            return person.name
        told = f"{role} {newcomer.subject} {newcomer.issuer}"
        for name in _names(newcomer):
            kept = KeptPerson(name, role, "", self._clock.now(), None, newcomer.issuer, newcomer.subject)
            if self._register.add(kept, deed("user_added", name, f"{name} {told}")):
                self._count()
                return name
        raise InputError(f"All names that {newcomer.name} could have here are taken. `firstsight user list` has them.")

    def turn_away(self, newcomer: Newcomer, deed: NamedDeed) -> str:
        """Let somebody in no more whom an identity provider gives no role; all sessions end.

        Returns:
            The name that they had, or would have had.

        Raises:
            StoreError: nothing was changed.
        """
        person = self._register.find_subject(newcomer.issuer, newcomer.subject)
        if person is None:
            return _names(newcomer)[0]
        self.remove(person.name, deed("user_removed", person.name, person.name))
        return person.name

    def log_in(self, name: str, deed: Deed) -> str:
        """Begin a session of somebody who has shown who they are; its secret, new each time.

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
        if person is None or not self._may_come(person):
            return None
        if now - kept.used >= _TOUCH:
            with suppress(StoreError):  # while nothing can be written, people still read
                self._register.touch(digest, now)
        return Session(person.name, Role(person.role), hmac.digest(secret, b"csrf", "sha256").hex(), digest)

    def _may_come(self, person: KeptPerson) -> bool:
        """Whether people of this kind are let in: the settings may have changed since they were."""
        return person.issuer == self._issuer if person.issuer else self.passwords

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


def _names(newcomer: Newcomer) -> tuple[str, str]:
    """What somebody may be called here: as there; where another one is called so, with a mark of their own."""
    mark = hashlib.sha256(f"{newcomer.issuer} {newcomer.subject}".encode()).hexdigest()[:8]
    return f"{BY_PROVIDER}{newcomer.name}", f"{BY_PROVIDER}{newcomer.name}~{mark}"


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _unknown(name: str) -> InputError:
    return InputError(f"There is no user {name}; `firstsight user list` names them.")
