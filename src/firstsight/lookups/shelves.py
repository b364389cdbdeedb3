"""Where the answers about a topic are kept, and how long they stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from firstsight.core.facts import Absent, Fact, Intel, Known, Registration, Unavailable
from firstsight.core.indicators import is_bad
from firstsight.ports import ABSENT_AGAIN, Answer, Changes, Store, Topic

T = TypeVar("T")

_DAY = 86400.0
_BACK_OFF = 60.0
_BACK_OFF_MOST = 6 * 3600.0

_NEW = 30 * _DAY  # a young domain's day is looked at again when it is young no more: the name may have changed hands

Stands = Callable[[Known[T] | Absent, float, float], float]
"""Until when an answer that came now stands; and since when it was asked for. Seconds since the epoch, all three."""


@dataclass(frozen=True, slots=True)
class Shelf(Generic[T]):
    """The answers about one topic.

    Attributes:
        topic: what about.
        stored: those of names that the store holds, fresh or not.
        kept_in: the list that takes new ones, of a decision's changes.
        stands: for how long they do.
        counted: the total that says how many questions are open.
        outlives: whether an answer stands, however old, as long as asking anew fails.
    """

    topic: Topic
    stored: Callable[[Sequence[str]], Mapping[str, Answer[T]]]
    kept_in: Callable[[Changes], list[Answer[T]]]
    stands: Stands[T]
    counted: str
    outlives: Callable[[Fact[T]], bool] = lambda _: False


def registrations(store: Store) -> Shelf[Registration]:
    """What registries answer."""
    return Shelf(Topic.REGISTRATION, store.answers, lambda changes: changes.answers, registration_stands, "questions")


def intelligence(store: Store, *, known: float = _DAY, absent: float = _DAY) -> Shelf[Intel]:
    """What threat intelligence answers.

    Args:
        store: the store.
        known: seconds that an answer stands.
        absent: likewise, where nothing is known of the name.
    """

    def stands(fact: Known[Intel] | Absent, now: float, _since: float) -> float:
        return now + (known if isinstance(fact, Known) else absent)

    # What was bad stays bad until it is said otherwise: a dead server makes nothing clean.
    return Shelf(Topic.INTEL, store.intel, lambda changes: changes.intel, stands, "intel_questions", is_bad)


def registration_stands(fact: Known[Registration] | Absent, now: float, since: float) -> float:
    """Until when a registration stands.

    Known: 30 days, or until it expires or is no longer a new one if that is sooner, at least a day. Absent: six hours,
    as a name may be registered at any time, and then a day.
    """
    if isinstance(fact, Absent):
        return now + (ABSENT_AGAIN if now - since < ABSENT_AGAIN else _DAY)
    ends = [now + 30 * _DAY]
    if fact.value.expires is not None:
        ends.append(fact.value.expires)
    if fact.value.registered + _NEW > now:
        ends.append(fact.value.registered + _NEW)
    return max(now + _DAY, min(ends))


def fresh_until(fact: Fact[T], now: float, tries: int, since: float, stands: Stands[T]) -> float:
    """Until when any fact stands.

    Unavailable: until it is worth asking again, at least a minute, doubling with each try up to six hours; where
    asking is not foreseen, a day: a server may be named meanwhile.
    """
    if not isinstance(fact, Unavailable):
        return stands(fact, now, since)
    if fact.retry_at is None:
        return now + _DAY
    return max(fact.retry_at, now + min(_BACK_OFF * 2.0 ** min(tries, 10), _BACK_OFF_MOST))
