"""What outsiders know: every outside fact is Known, Absent or Unavailable. Unknown is not new, and not clean.

The three are msgspec Structs because they are stored as JSON, and a union needs its tag.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Known(Struct, Generic[T], frozen=True, tag="known"):
    """The outsider answered, and this is what it said."""

    value: T


class Absent(Struct, frozen=True, tag="absent"):
    """The outsider answered: there is no such thing. `checked`: when, seconds since the epoch."""

    checked: float


class Unavailable(Struct, frozen=True, tag="unavailable"):
    """Nobody could say.

    Attributes:
        reason: a short word from the public vocabulary (`pending`, `timeout`, `no_server`, …).
        retry_at: when it is worth asking again, seconds since the epoch; None where asking is not foreseen.
    """

    reason: str
    retry_at: float | None = None

    @property
    def may_still_come(self) -> bool:
        """Whether it may be known later: it is being asked for, or worth asking again."""
        return self.reason in {PENDING.reason, QUEUED.reason} or self.retry_at is not None


PENDING = Unavailable("pending")
"""Asked, and not answered yet."""

QUEUED = Unavailable("queued")
"""Not asked yet: its registry's queue is longer than anybody would wait."""

OFFLINE = Unavailable("offline")
"""Nobody outside may be asked."""

NOT_ASKED = Unavailable("not_asked")
"""It could be asked for, and was not."""

NOT_WANTED = Unavailable("not_wanted")
"""Nobody wants to know it here: the name is popular, doesn't resolve, or has no registry."""


Fact = Known[T] | Absent | Unavailable


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered domain's dates, seconds since the epoch, and who says so (`RDAP`)."""

    registered: float
    expires: float | None
    source: str
    checked: float

    def age_days(self, now: float) -> int:
        """Whole days since registration; never below 0 (registries' clocks run ahead too)."""
        return max(0, int((now - self.registered) // 86400))


@dataclass(frozen=True, slots=True)
class Popularity:
    """The name stands on a list of popular domains. `rank` is None where the list has none."""

    list: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """An OTX pulse that names the domain."""

    id: str
    name: str
    author: str


@dataclass(frozen=True, slots=True)
class Intel:
    """What threat intelligence says: `verdict` is none, low, medium or high."""

    verdict: str
    pulses: tuple[Pulse, ...] = ()
