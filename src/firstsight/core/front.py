"""What was used lately, kept at hand: a bounded map in two generations."""

from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Front(Generic[K, V]):
    """A map that forgets what has not been used lately; one look-up a hit, no list to keep in order.

    Entries live in a young and an old generation. A hit in the old one moves up; when the young one is full, `tidy`
    makes it the old one, and the old one goes. So between `bound / 2` and `bound` of the latest entries are kept, and
    what a batch adds: nothing goes in the middle of one, where it was looked up at the start and is counted on later.

    Attributes:
        young: the young generation, to be read only: who asks once an event may look here first, without a call.
        turned: how often the young generation has become the old one, or all was forgotten.
    """

    __slots__ = ("_half", "_old", "turned", "young")

    def __init__(self, bound: int) -> None:
        self._half = max(1, bound // 2)
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self.turned = 0

    def get(self, key: K) -> V | None:
        """The entry, or None where it is not at hand (it may still be in the database)."""
        value = self.young.get(key)
        if value is None:
            value = self._old.pop(key, None)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep an entry, until `tidy` at least."""
        self.young[key] = value

    def drop(self, key: K) -> None:
        """Forget an entry, if it is at hand."""
        self.young.pop(key, None)
        self._old.pop(key, None)

    def tidy(self) -> None:
        """Let go of what is beyond the bound; called between batches."""
        if len(self.young) >= self._half:
            self._old = self.young
            self.young = {}
            self.turned += 1

    def clear(self) -> None:
        """Forget everything."""
        self.young = {}
        self._old = {}
        self.turned += 1

    def __len__(self) -> int:
        return len(self.young) + len(self._old)


@dataclass(frozen=True, slots=True)
class Fronts:
    """How much is kept at hand: entries of each kind."""

    domains: int = 200_000
    pairs: int = 400_000
    hosts: int = 200_000
