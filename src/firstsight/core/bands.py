"""A label as a whole, as places in a table of weights: what runs of characters (core/traits.py) can't tell.

Two kinds of figures, in bands and most of them crossed with the label's length, so that a linear model judges a short
label by other signs than a long one. Its outline: how many vowels, digits, different letters, how long a run without a
vowel. How usual its runs are: how often ordinary names hold its runs of three, four and five characters, in the mean
and at the least. A run that no name of the training held has no weight of its own; that a label has many of them tells
most.
"""

from collections.abc import Iterable, Sequence
from math import log2
from operator import eq
from zlib import crc32

from firstsight.core.traits import BAND_PLACES, LONGEST, PLACES, bounded, runs

USUAL_RUNS = ((3, 1 << 15), (4, 1 << 17), (5, 1 << 17))
"""Lengths of runs, and how many counters the runs of a length share by their hash."""

MOST = 15
"""The highest level of a counter: it takes half a byte."""

PACKED = sum(many for _, many in USUAL_RUNS) // 2
"""How many bytes the counters take."""

_BANDS = PLACES - BAND_PLACES
_SELDOM = 3  # a level below it: fewer than two ordinary names hold a run
_FINE, _COARSE, _SHARE = 16, 24, 4  # below the first each length has its own bands; from there four share them

_VOWELS, _DIGITS = b"aeiou", b"0123456789"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_CONSONANTS = _LETTERS.translate(None, b"aeiouy")
_BYTES = bytes(range(256))
_HEXADECIMAL = b"0123456789abcdef"
_VALUES = bytes.maketrans(_HEXADECIMAL, bytes(range(16)))
_NO_LETTERS = _BYTES.translate(None, _LETTERS)


def _only(members: bytes) -> bytes:
    """A translation table: blanks take the place of all other characters."""
    return bytes(one if one in members else ord(" ") for one in _BYTES)


_ONLY_CONSONANTS, _ONLY_VOWELS, _ONLY_DIGITS = _only(_CONSONANTS), _only(_VOWELS + b"y"), _only(_DIGITS)


def outline(label: str) -> list[int]:
    """The places of a label's outline: as many for every label.

    Args:
        label: a lower-case label; any text will do.
    """
    text = label[:LONGEST].encode("ascii", "replace")
    length = _length(text)
    letters = text.translate(None, _NO_LETTERS)
    numbers = text.translate(_ONLY_DIGITS).split()
    digits = sum(map(len, numbers))
    vowels = len(text) - len(text.translate(None, _VOWELS))
    consonants_in_a_row, vowels_in_a_row = _longest(text, _ONLY_CONSONANTS), _longest(text, _ONLY_VOWELS)
    hyphens = text.count(b"-")
    kind = _kind(text, digits, hyphens)
    return _places(
        (
            b"kind %d %d" % (length, kind),
            b"vowels %d %d %d" % (length, vowels, kind),
            b"consonants in a row %d %d" % (length, consonants_in_a_row),
            b"vowels in a row %d %d" % (length, vowels_in_a_row),
            b"rows %d %d" % (consonants_in_a_row, vowels_in_a_row),
            b"different %d %d" % (length, len(set(text))),
            b"digits %d %d" % (length, digits),
            b"numbers %d %d" % (length, len(numbers)),
            b"digits of numbers %d %d" % (digits, len(numbers)),
            b"doubled %d %d" % (length, sum(map(eq, text, text[1:]))),
            b"span %d %d" % (length, (max(letters) - min(letters)) // 3 if letters else 0),
            b"hyphens %d %d" % (length, hyphens),
        )
    )


def usual(label: str, levels: Sequence[Sequence[int]]) -> list[int]:
    """The places of how usual a label's runs are: four for each length of runs.

    Args:
        label: a lower-case label; any text will do.
        levels: of each of its runs, for each of `USUAL_RUNS`: how many ordinary names hold it, as `level` puts it.
    """
    length = _length(label[:LONGEST])
    found: list[bytes] = []
    for (size, _), held in zip(USUAL_RUNS, levels, strict=True):
        if not held:
            continue
        # Two gratings, half a band apart: what lies beside a band's edge is told by the other.
        mean = 8 * sum(held) // len(held)
        found += (
            b"mean %d %d %d" % (size, length, mean >> 2),
            b"beside %d %d %d" % (size, length, (mean + 2) >> 2),
            b"seldom %d %d %d" % (size, length, sum(one < _SELDOM for one in held)),
            b"least %d %d %d" % (size, length, min(held)),
        )
    return _places(found)


def counters(label: str) -> list[list[int]]:
    """For each of `USUAL_RUNS`, the counters of a label's runs; none where it is too short."""
    text = bounded(label)
    return [[crc32(text[run]) % many for run in runs(len(text), size, size)] for size, many in USUAL_RUNS]


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

    def places(self, label: str) -> list[int]:
        """The places of how usual a label's runs are."""
        levels = [[table[at] for at in held] for table, held in zip(self._levels, counters(label), strict=True)]
        return usual(label, levels)


def _longest(text: bytes, only: bytes) -> int:
    """How many characters of a class stand in a row, at the most."""
    return max(map(len, text.translate(only).split()), default=0)


def _length(text: bytes | str) -> int:
    """A label's length, the great ones in bands."""
    return len(text) if len(text) < _FINE else min(_FINE + (len(text) - _FINE) // _SHARE, _COARSE)


def _kind(text: bytes, digits: int, hyphens: int) -> int:
    """What a label is written in: digits, hexadecimal, letters and digits, letters and hyphens, letters."""
    if digits:
        if digits == len(text):
            return 0
        return 2 if text.translate(None, _HEXADECIMAL) else 1
    return 3 if hyphens else 4


def _places(figures: Iterable[bytes]) -> list[int]:
    return [_BANDS + crc32(figure) % BAND_PLACES for figure in figures]
