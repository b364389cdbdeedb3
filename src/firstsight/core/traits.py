"""What a label is made of, as places in a table of weights: the model's only view of it.

Three kinds of runs of neighbouring characters: the characters themselves; their shape (vowel, consonant, y, digit);
and their shape with the hexadecimal letters set apart. The first tell one language from noise. The second tell
pronounceable from mashed where the characters were never seen together, and lift what is found most; the third find
short hashes.
"""

from collections.abc import Iterable
from functools import cache
from math import sqrt
from zlib import crc32

PLACES = 1 << 18
"""How many places the table has; runs share them by their hash."""

CHARACTER_PLACES = 5 << 15
BAND_PLACES = 1 << 15
"""The first are those of characters, the last those of the label as a whole (core/bands.py), between them are those of
shapes: the kinds' weights are not mixed."""

LONGEST = 63  # RFC 1035 2.3.4; what is longer is no label, and is not read further

_SHAPES = PLACES - CHARACTER_PLACES - BAND_PLACES

_RUNS_A_CHARACTER = 5

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
    found += [CHARACTER_PLACES + crc32(shape[run]) % _SHAPES for run in runs(len(text), 3, 7)]
    found += [CHARACTER_PLACES + crc32(hex_shape[run]) % _SHAPES for run in runs(len(text), 4, 8)]
    return found


def character_places(label: str, shortest: int = 1) -> list[int]:
    """The places of runs of up to five characters alone, from a length on."""
    return [one % CHARACTER_PLACES for one in hashes(bounded(label), shortest)]


def hashes(text: bytes, shortest: int = 1) -> list[int]:
    """The hashes of a bounded label's runs of up to five characters, from a length on: the shorter ones first."""
    return [crc32(text[run]) for run in runs(len(text), shortest, _RUNS_A_CHARACTER)]


def root(label: str) -> float:
    """What the sum of a label's weights is divided by: the root of its number of runs of characters.

    A long label has more evidence than a short one, but not in proportion: neighbouring runs tell the same thing twice.
    """
    return sqrt(_RUNS_A_CHARACTER * min(max(1, len(label)), LONGEST))


def bounded(label: str) -> bytes:
    """A label between its ends, `^` and `$`."""
    return b"^%b$" % label[:LONGEST].encode("ascii", "replace").translate(_PLAIN)


@cache
def runs(length: int, shortest: int, longest: int) -> tuple[slice, ...]:
    """All runs of so many characters in a text of a length."""
    return tuple(
        slice(start, start + size) for size in range(shortest, longest + 1) for start in range(length - size + 1)
    )
