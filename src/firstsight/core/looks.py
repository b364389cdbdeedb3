"""What is unlike ordinary names in a label, in words that an analyst can check by looking at it."""

import re

from firstsight.core.letterpairs import LetterPairs

# Below each of these are at most a few of a hundred clean ordinary names (tools/evaluate_randomness.py counts them).
_RARE = 1.5  # percent: how often the second letter follows the first
_RARE_PAIRS = 2
_RUN = 5
_LONG = 20
_DIGITS = 3

_SHOWN = 4

_consonants = re.compile(r"[bcdfghjklmnpqrstvwxz]+").findall
_letter_pair = re.compile(r"[a-z]{2}").fullmatch
_hexadecimal = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{8,}").fullmatch


def rare_pairs(label: str, pairs: LetterPairs) -> list[str]:
    """A label's letter pairs that ordinary names hardly hold, the rarest first, each once."""
    found = {label[at : at + 2] for at in range(len(label) - 1)}
    likely = {pair: pairs.likely(pair) for pair in found if _letter_pair(pair)}
    return sorted((pair for pair in likely if likely[pair] < _RARE), key=lambda pair: (likely[pair], pair))


def signs(label: str, pairs: LetterPairs) -> list[str]:
    """What is unlike ordinary names in a label, the most telling first; empty where nothing stands out.

    Args:
        label: a lower-case label.
        pairs: the letter-pair scorer.
    """
    found = []
    if _hexadecimal(label):
        found.append(f"{len(label)} hexadecimal digits")
    rare = rare_pairs(label, pairs)
    if len(rare) >= _RARE_PAIRS:
        more = f" and {len(rare) - _SHOWN} more" if len(rare) > _SHOWN else ""
        found.append(f"rare letter pairs ({', '.join(rare[:_SHOWN])}{more})")
    letters = [character for character in label if character.isalpha()]
    longest = max(map(len, _consonants(label)), default=0)
    if len(letters) >= _RUN and not set(letters) & set("aeiouy"):
        found.append(f"{len(letters)} letters without a vowel")
    elif longest >= _RUN:
        found.append(f"{longest} consonants in a row")
    digits = sum(character.isdigit() for character in label)
    if digits >= _DIGITS and letters:
        found.append(f"{digits} digits among its letters")
    if len(label) >= _LONG:
        found.append(f"a length of {len(label)}")
    return found
