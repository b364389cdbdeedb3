"""A label as a whole, as places in a table of weights: what runs of characters (core/traits.py) can't tell.

Its outline and how usual its runs are, each figure in bands and most of them crossed with the label's length, so that a
linear model judges a short label by other signs than a long one.
"""

from collections.abc import Iterable, Sequence
from zlib import crc32

from firstsight.core.outline import Outline
from firstsight.core.traits import BAND_PLACES, PLACES
from firstsight.core.usual import USUAL_RUNS, Held

_BANDS = PLACES - BAND_PLACES
_FINE, _COARSE, _SHARE = 16, 24, 4  # below the first each length has its own bands; from there four share them


def outline_places(outline: Outline) -> list[int]:
    """The places of a label's outline: as many for every label."""
    length = _length(outline.length)
    return _places(
        (
            b"kind %d %d" % (length, outline.kind),
            b"vowels %d %d %d" % (length, outline.vowels, outline.kind),
            b"consonants in a row %d %d" % (length, outline.consonants_in_a_row),
            b"vowels in a row %d %d" % (length, outline.vowels_in_a_row),
            b"rows %d %d" % (outline.consonants_in_a_row, outline.vowels_in_a_row),
            b"different %d %d" % (length, outline.different),
            b"digits %d %d" % (length, outline.digits),
            b"numbers %d %d" % (length, outline.numbers),
            b"digits of numbers %d %d" % (outline.digits, outline.numbers),
            b"doubled %d %d" % (length, outline.doubled),
            b"span %d %d" % (length, outline.span),
            b"hyphens %d %d" % (length, outline.hyphens),
        )
    )


def usual_places(length: int, usual: Sequence[Held]) -> list[int]:
    """The places of how usual a label's runs are: four for each length of runs that it has.

    Args:
        length: of the label.
        usual: for each of `USUAL_RUNS`.
    """
    length = _length(length)
    found: list[bytes] = []
    for (size, _), held in zip(USUAL_RUNS, usual, strict=True):
        if not held.runs:
            continue
        # Two gratings, half a band apart: what lies beside a band's edge is told by the other.
        mean = 8 * held.total // held.runs
        found += (
            b"mean %d %d %d" % (size, length, mean >> 2),
            b"beside %d %d %d" % (size, length, (mean + 2) >> 2),
            b"seldom %d %d %d" % (size, length, held.seldom),
            b"least %d %d %d" % (size, length, held.least),
        )
    return _places(found)


def _length(length: int) -> int:
    """A label's length, the great ones in bands."""
    return length if length < _FINE else min(_FINE + (length - _FINE) // _SHARE, _COARSE)


def _places(figures: Iterable[bytes]) -> list[int]:
    return [_BANDS + crc32(figure) % BAND_PLACES for figure in figures]
