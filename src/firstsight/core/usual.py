"""How usual a label's runs are: how many ordinary names hold its runs of three, four and five characters.

A run that no name of the training held has no weight of its own; that a label has many of them tells most.
"""

from collections.abc import Sequence
from math import log2
from typing import NamedTuple

USUAL_RUNS = ((3, 1 << 16), (4, 1 << 20), (5, 1 << 20))
"""Lengths of runs, and how many counters the runs of a length share by their hash."""

MOST = 15
"""The highest level of a counter: it takes half a byte."""

PACKED = sum(many for _, many in USUAL_RUNS) // 2
"""How many bytes the counters take."""

_SELDOM = 3  # a level below it: fewer than two ordinary names hold a run

# In the hexadecimal digits of the packed counters, a digit is a level.
_VALUES = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))


class Held(NamedTuple):
    """How usual a label's runs of one length are; all 0 where it is too short for any.

    Attributes:
        runs: how many there are.
        total: the sum of their levels.
        least: the lowest level.
        seldom: how many of them hardly any ordinary name holds.
    """

    runs: int
    total: int
    least: int
    seldom: int

    @classmethod
    def of(cls, levels: list[int]) -> "Held":
        """Sum up the levels of a label's runs of a length."""
        if not levels:
            return _NONE
        return cls(len(levels), sum(levels), min(levels), sum(map(levels.count, range(_SELDOM))))


_NONE = Held(0, 0, 0, 0)


def counters(text: bytes, hashed: Sequence[int]) -> list[list[int]]:
    """For each of `USUAL_RUNS`, the counters of a label's runs; none where it is too short.

    Args:
        text: the label between its ends (`bounded`).
        hashed: the hashes of all its runs of characters (`hashes`).
    """
    found, start = [], sum(len(text) - size + 1 for size in range(1, USUAL_RUNS[0][0]))
    for size, many in USUAL_RUNS:
        end = start + max(0, len(text) - size + 1)
        found.append([one % many for one in hashed[start:end]])
        start = end
    return found


def level(names: int) -> int:
    """How many ordinary names hold a run, on a scale of 0 to `MOST`: two steps for each doubling."""
    return min(MOST, round(2 * log2(1 + names)))


class Usual:
    """How usual runs are among ordinary names.

    Args:
        packed: the counters' levels, two in a byte, the first in its higher half; those of the shortest runs first.
    """

    __slots__ = ("_levels",)

    def __init__(self, packed: bytes) -> None:
        self._levels: list[bytes] = []
        levels = packed.hex().encode().translate(_VALUES)
        start = 0
        for _, many in USUAL_RUNS:
            self._levels.append(levels[start : start + many])
            start += many

    def held(self, text: bytes, hashed: Sequence[int]) -> list[Held]:
        """How usual a label's runs are, for each of `USUAL_RUNS`; its arguments are those of `counters`."""
        return [
            Held.of([levels[at] for at in found])
            for levels, found in zip(self._levels, counters(text, hashed), strict=True)
        ]
