"""What a label is made of, as places in a table of weights: the model's only view of it.

Three kinds of runs of neighbouring characters: the characters themselves; their shape (vowel, consonant, y, digit);
and their shape with the hexadecimal letters set apart. The first tell one language from noise. The second tell
pronounceable from mashed where the characters were never seen together, and lift what is found most; the third find
short hashes.
"""

from functools import cache
from zlib import crc32

BITS = 18
"""The table has 2**BITS places; runs share them by their hash."""

LONGEST = 63  # RFC 1035 2.3.4; what is longer is no label, and is not read further

_MASK = (1 << BITS) - 1

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
    """The places of a label's runs; never empty, never raises.

    Args:
        label: a lower-case label; any text will do.
    """
    text = _bounded(label)
    shape, hex_shape = text.translate(_SHAPE), text.translate(_HEX_SHAPE)
    found = [crc32(text[run]) & _MASK for run in _runs(len(text), 1, 5)]
    found += [crc32(shape[run]) & _MASK for run in _runs(len(text), 3, 7)]
    found += [crc32(hex_shape[run]) & _MASK for run in _runs(len(text), 4, 8)]
    return found


def character_places(label: str) -> list[int]:
    """The places of runs of three to five characters alone: what tells one name's pieces from another's."""
    text = _bounded(label)
    return [crc32(text[run]) & _MASK for run in _runs(len(text), 3, 5)]


def _bounded(label: str) -> bytes:
    """A label between its ends, `^` and `$`."""
    return b"^%b$" % label[:LONGEST].encode("ascii", "replace").translate(_PLAIN)


@cache
def _runs(length: int, shortest: int, longest: int) -> tuple[slice, ...]:
    """All runs of so many characters in a text of a length."""
    return tuple(
        slice(start, start + size) for size in range(shortest, longest + 1) for start in range(length - size + 1)
    )
