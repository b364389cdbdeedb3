"""What a label is made of, as places in a table of weights: the model's only view of it.

Three kinds of runs of neighbouring characters: the characters themselves; their shape (vowel, consonant, y, digit);
and their shape with the hexadecimal letters set apart. The first tell one language from noise. The second tell
pronounceable from mashed where the characters were never seen together, and lift what is found most; the third find
short hashes.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from math import sqrt
from zlib import crc32

CHARACTER_PLACES = 1 << 19
_SHAPE_PLACES = 1 << 16
BAND_PLACES = 1 << 15
"""The first places are those of characters, the last those of the label as a whole (core/bands.py), between them are
those of shapes: the kinds' weights are not mixed."""

PLACES = CHARACTER_PLACES + _SHAPE_PLACES + BAND_PLACES
"""How many places the table has; runs share them by their hash."""

LONGEST = 63  # RFC 1035 2.3.4; what is longer is no label, and is not read further

_CHARACTER_RUNS, _SHAPE_RUNS, _HEX_RUNS = range(1, 8), (3, 5, 7), (4, 6, 8)
"""Lengths of runs of each kind. A shape of a length between tells nothing that its neighbours don't."""

_SCALE = 5  # of what a sum is divided by; training was tuned with it

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"


def _classes(**letters: bytes) -> bytes:
    """A translation table: each character becomes the letter of its class, the label's ends stay, the rest is `-`."""
    table = bytearray(b"-" * 256)
    for mark in b"^$":
        table[mark] = mark
    for letter, members in letters.items():
        for member in members:
            table[member] = ord(letter)
    return bytes(table)


_SHAPE = _classes(C=_LETTERS, V=b"aeiou", Y=b"y", D=_DIGITS)
_HEX_SHAPE = _classes(N=_LETTERS, B=b"bcdf", A=b"aeiou", E=_DIGITS)

# The label's own marks must not be taken for its ends.
_PLAIN = bytes.maketrans(b"^$", b"??")


def places(label: str) -> list[int]:
    """The places of a label's runs; never fewer than three, never raises.

    Args:
        label: a lower-case label; any text will do.
    """
    text = bounded(label)
    return places_of(text, hashes(text))


def places_of(text: bytes, hashed: Iterable[int]) -> list[int]:
    """The same, of a label that is bounded and its runs of characters hashed already."""
    found = [one % CHARACTER_PLACES for one in hashed]
    shape, hex_shape = text.translate(_SHAPE), text.translate(_HEX_SHAPE)
    found += [CHARACTER_PLACES + crc32(shape[run]) % _SHAPE_PLACES for run in runs(len(text), _SHAPE_RUNS)]
    found += [CHARACTER_PLACES + crc32(hex_shape[run]) % _SHAPE_PLACES for run in runs(len(text), _HEX_RUNS)]
    return found


def character_places(label: str, shortest: int = 1) -> list[int]:
    """The places of runs of characters alone, from a length on."""
    return [one % CHARACTER_PLACES for one in hashes(bounded(label), shortest)]


def hashes(text: bytes, shortest: int = 1) -> list[int]:
    """The hashes of a bounded label's runs of up to seven characters, from a length on: the shorter ones first."""
    return [crc32(text[run]) for run in runs(len(text), _CHARACTER_RUNS[shortest - 1 :])]


def root(label: str) -> float:
    """What the sum of a label's weights is divided by: the root of its length, scaled.

    A long label has more evidence than a short one, but not in proportion: neighbouring runs tell the same thing twice.
    """
    return sqrt(_SCALE * min(max(1, len(label)), LONGEST))


def bounded(label: str) -> bytes:
    """A label between its ends, `^` and `$`."""
    return b"^%b$" % label[:LONGEST].encode("ascii", "replace").translate(_PLAIN)


@cache
def runs(length: int, sizes: Sequence[int]) -> tuple[slice, ...]:
    """All runs of some lengths in a text of a length."""
    return tuple(slice(start, start + size) for size in sizes for start in range(length - size + 1))
