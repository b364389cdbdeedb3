"""What outsiders know: every outside fact is Known, Absent or Unavailable. Unknown is not new, and not clean.

The three are msgspec Structs because they are stored as JSON, and a union needs its tag.
"""

from dataclasses import dataclass
from enum import StrEnum
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


OFF = Unavailable("off")
"""Nobody is set who could be asked."""

PENDING = Unavailable("pending")
"""Asked, and not answered yet."""

QUEUED = Unavailable("queued")
"""Not asked yet: its registry's queue is longer than anybody would wait."""

OFFLINE = Unavailable("offline")
"""Nobody outside may be asked."""

NOT_ASKED = Unavailable("not_asked")
"""It could be asked for, and was not."""

NOT_WANTED = Unavailable("not_wanted")
"""Nobody wants to know it here: the name is popular, doesn't resolve, has no registry, or gives no cause to ask."""


Fact = Known[T] | Absent | Unavailable


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered domain's dates, seconds since the epoch, and who says so (core/evidence.py).

    Attributes:
        registered: when.
        expires: until when; None where that is not known.
        source: who says so.
        checked: when it said so.
        at_least: the domain existed by then, and may be older: `registered` is the latest day that it can be.
    """

    registered: float
    expires: float | None
    source: str
    checked: float
    at_least: bool = False

    def age_days(self, now: float) -> int:
        """Whole days since registration; never below 0 (registries' clocks run ahead too)."""
        return max(0, int((now - self.registered) // 86400))


@dataclass(frozen=True, slots=True)
class Popularity:
    """The name stands on a list of popular domains. `rank` is None where the list has none."""

    list: str
    rank: int | None = None


class Threat(StrEnum):
    """How much threat intelligence has against a name; see core/indicators.py."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Pulse:
    """An OTX pulse that names the domain, or a host name under it. Empty or None: it says nothing of that.

    Attributes:
        id: OTX' number.
        name: its title.
        author: who published it.
        created: when, seconds since the epoch.
        modified: when it was last changed, likewise.
        tags: words that the author gave it.
        adversary: who is behind it.
        malware_families: names.
        attack: MITRE ATT&CK technique ids.
        tlp: white, green, amber or red.
        indicators: how many indicators it holds.
    """

    id: str
    name: str
    author: str = ""
    created: float | None = None
    modified: float | None = None
    tags: tuple[str, ...] = ()
    adversary: str = ""
    malware_families: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    tlp: str = ""
    indicators: int | None = None

    @property
    def url(self) -> str:
        """Where a person reads it."""
        return f"https://otx.alienvault.com/pulse/{self.id}"


@dataclass(frozen=True, slots=True)
class Intel:
    """What threat intelligence says of a name.

    Attributes:
        verdict: how much that is.
        pulses: those that count, the newest first.
        checked: when it was asked, seconds since the epoch.
        others: how many further pulses there are, whose authors don't count.
        overruled: who says that the name is harmless (OTX' `validation`), so that the pulses don't count.
    """

    verdict: Threat
    pulses: tuple[Pulse, ...] = ()
    checked: float = 0.0
    others: int = 0
    overruled: tuple[str, ...] = ()
