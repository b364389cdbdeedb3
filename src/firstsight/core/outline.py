"""A label's outline: how many vowels, digits and different letters it has, and how long its rows are.

The model's two voters read it: in bands (core/bands.py), and as numbers (core/network.py).
"""

from operator import eq
from typing import NamedTuple

from firstsight.core.traits import LONGEST

DIGITS_ONLY, HEXADECIMAL, WITH_DIGITS, HYPHENED, LETTERS = range(5)
"""What a label is written in."""

KINDS = 5

_SPAN_STEP = 3

_VOWELS, _DIGITS = b"aeiou", b"0123456789"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_CONSONANTS = _LETTERS.translate(None, b"aeiouy")
_BYTES = bytes(range(256))
_HEXADECIMAL = b"0123456789abcdef"
_NO_LETTERS = _BYTES.translate(None, _LETTERS)


def _only(members: bytes) -> bytes:
    """A translation table: blanks take the place of all other characters."""
    return bytes(one if one in members else ord(" ") for one in _BYTES)


_ONLY_CONSONANTS, _ONLY_VOWELS, _ONLY_DIGITS = _only(_CONSONANTS), _only(_VOWELS + b"y"), _only(_DIGITS)


class Outline(NamedTuple):
    """A label's outline.

    Attributes:
        length: characters, `LONGEST` at the most.
        kind: what it is written in.
        vowels: a, e, i, o, u.
        consonants_in_a_row: the longest row; y is none.
        vowels_in_a_row: the longest row; y is one.
        different: how many different characters.
        digits: how many.
        numbers: how many rows of digits.
        doubled: characters that are like the one before.
        span: how far its first and last letter of the alphabet are apart, in steps of three.
        hyphens: how many.
    """

    length: int
    kind: int
    vowels: int
    consonants_in_a_row: int
    vowels_in_a_row: int
    different: int
    digits: int
    numbers: int
    doubled: int
    span: int
    hyphens: int


def outline(label: str) -> Outline:
    """The outline of a label: lower case; any text will do."""
    text = label[:LONGEST].encode("ascii", "replace")
    letters = text.translate(None, _NO_LETTERS)
    numbers = text.translate(_ONLY_DIGITS).split()
    digits = sum(map(len, numbers))
    hyphens = text.count(b"-")
    return Outline(
        length=len(text),
        kind=_kind(text, digits, hyphens),
        vowels=len(text) - len(text.translate(None, _VOWELS)),
        consonants_in_a_row=_longest(text, _ONLY_CONSONANTS),
        vowels_in_a_row=_longest(text, _ONLY_VOWELS),
        different=len(set(text)),
        digits=digits,
        numbers=len(numbers),
        doubled=sum(map(eq, text, text[1:])),
        span=(max(letters) - min(letters)) // _SPAN_STEP if letters else 0,
        hyphens=hyphens,
    )


def _longest(text: bytes, only: bytes) -> int:
    """How many characters of a class stand in a row, at the most."""
    return max(map(len, text.translate(only).split()), default=0)


def _kind(text: bytes, digits: int, hyphens: int) -> int:
    if digits:
        if digits == len(text):
            return DIGITS_ONLY
        return WITH_DIGITS if text.translate(None, _HEXADECIMAL) else HEXADECIMAL
    return HYPHENED if hyphens else LETTERS
