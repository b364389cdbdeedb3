"""A store with nothing in it but who may reach it, for tests of that."""

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

from alert_samples import AT, FakeClock
from firstsight.access.machines import Machines
from firstsight.access.passwords import Cost, hash_password
from firstsight.access.people import People
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import Tokens
from firstsight.core.deeds import EVERY_DEED, By, Deed
from firstsight.ports import KeptToken
from firstsight.store.database import Database
from firstsight.store.machines import SqliteTokens
from firstsight.store.people import SqlitePeople
from firstsight.store.trail import SqliteTrail

CHEAP = Cost(4, 1, 1)
"""For a password that is only compared: as a real one, without its work."""

ME = By("local:test")
"""Whose deeds those of tests are."""

PASSWORD = "seven words in a row do well"


class Registers:
    """An open store and what it keeps of access; `with` closes it."""

    def __init__(self, folder: Path, name: str = "store.db") -> None:
        self.clock = FakeClock()
        self.database = Database(folder / name)
        self.tokens = SqliteTokens(self.database)
        self.persons = SqlitePeople(self.database)
        self.trail = SqliteTrail(self.database)

    def machines(self, file: Renewed[Tokens] | None = None) -> Machines:
        return Machines(self.tokens, self.clock, file)

    def people(self) -> People:
        return People(self.persons, self.clock)

    def told(self) -> list[str]:
        """What was done, in order, and to what."""
        return [f"{deed.what} {deed.about}".strip() for _, deed in self.trail.deeds(EVERY_DEED, after=0, limit=1000)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()


def deed(what: str, about: str = "", at: float = AT) -> Deed:
    """Something that a test does."""
    return ME.deed(what, at, about)


def kept_token(name: str, secret: bytes, scopes: str = "read", expires: float | None = None) -> KeptToken:
    """A token as the store keeps it."""
    return KeptToken(name, scopes, hashlib.sha256(secret).digest(), AT, expires)


def cheap_password(password: str = PASSWORD) -> str:
    """The hash of a password, at next to no cost."""
    return hash_password(password, CHEAP)
