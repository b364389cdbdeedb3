"""Made-up families for training: what algorithms of malware do in general.

So the model does not learn the few families that were at hand.
"""

import string
from collections.abc import Callable, Sequence
from random import Random

_LETTERS = string.ascii_lowercase
_DIGITS = string.digits
_VOWELS = "aeiou"
_CONSONANTS = "".join(sorted(set(_LETTERS) - set(_VOWELS)))
_BASE32 = _LETTERS + "234567"


def random_looking(rng: Random, count: int) -> dict[str, list[str]]:
    """Families of names that no word is in, pronounceable ones among them: name → labels.

    Args:
        rng: where chance comes from.
        count: labels of a family.
    """
    return {name: [make(rng) for _ in range(count)] for name, make in _RANDOM.items()}


def word_made(rng: Random, count: int, words: Sequence[str]) -> dict[str, list[str]]:
    """Families of names that are put together of words: name → labels.

    Args:
        rng: where chance comes from.
        count: labels of a family.
        words: words to draw from, as dictionaries have them; their other forms are made here.
    """
    forms = sorted({form for word in words for form in _forms(word)})
    return _put_together(rng, count, words) | {
        f"{name}, in other forms": labels for name, labels in _put_together(rng, count, forms).items()
    }


def _put_together(rng: Random, count: int, words: Sequence[str]) -> dict[str, list[str]]:
    makers: dict[str, Callable[[], str]] = {
        "two words": lambda: "".join(rng.sample(words, 2)),
        "two words, a hyphen": lambda: "-".join(rng.sample(words, 2)),
        "three words": lambda: "".join(rng.sample(words, 3)),
        "three words, hyphens": lambda: "-".join(rng.sample(words, 3)),
        "words up to a length": lambda: _up_to(rng, words, rng.randint(14, 26)),
        "words, cut": lambda: "".join(word[: rng.randint(3, 7)] for word in rng.sample(words, 4))[
            : rng.randint(12, 24)
        ],
    }
    return {name: [make() for _ in range(count)] for name, make in makers.items()}


def uniform(rng: Random, shortest: int, longest: int) -> str:
    """Letters, all as likely as one another."""
    return "".join(rng.choices(_LETTERS, k=rng.randint(shortest, longest)))


def _forms(word: str) -> tuple[str, ...]:
    """A word with the usual beginnings and ends of English; not all of them are words, few look otherwise."""
    bare = word.removesuffix("e")
    plural = f"{word[:-1]}ie" if word.endswith("y") else word
    ends = (f"{plural}s", f"{bare}ed", f"{bare}ing", f"{bare}er", f"{word}ly", f"{word}ness", f"{bare}ation")
    return (word, *ends, f"re{word}", f"un{word}", f"over{word}")


def _up_to(rng: Random, words: Sequence[str], length: int) -> str:
    label = ""
    while len(label) < length:
        label += rng.choice(words)
    return label


def _some_letters(rng: Random) -> str:
    """Letters of a narrow alphabet, as generators with few states make them."""
    return "".join(rng.choices(rng.sample(_LETTERS, rng.randint(6, 24)), k=rng.randint(7, 20)))


def _letters_and_digits(rng: Random) -> str:
    return "".join(rng.choices(_LETTERS + _DIGITS, k=rng.randint(7, 28)))


def _some_digits(rng: Random) -> str:
    """Mostly letters, a few digits."""
    return "".join(rng.choices(_LETTERS * 3 + _DIGITS, k=rng.randint(7, 20)))


def _hexadecimal(*lengths: int) -> Callable[[Random], str]:
    """Digits of a hash, cut to one of some lengths: short ones are a question of their own."""
    return lambda rng: "".join(rng.choices("0123456789abcdef", k=rng.choice(lengths)))


def _base32(rng: Random) -> str:
    return "".join(rng.choices(_BASE32, k=rng.randint(8, 26)))


def _base36(rng: Random) -> str:
    return "".join(rng.choices(_LETTERS + _DIGITS, k=rng.randint(6, 12)))


def _neighbouring_letters(rng: Random) -> str:
    """A stretch of the alphabet, as sums of small numbers make it."""
    many = rng.randint(8, 16)
    first = rng.randint(0, len(_LETTERS) - many)
    return "".join(rng.choices(_LETTERS[first : first + many], k=rng.randint(8, 18)))


def _few_letters(rng: Random) -> str:
    return "".join(rng.choices(rng.sample(_LETTERS, rng.randint(6, 12)), k=rng.randint(8, 12)))


def _letters_of_a_hash(rng: Random) -> str:
    """Hexadecimal digits moved into the alphabet: sixteen letters only."""
    first = rng.randint(0, 10)
    return "".join(rng.choices(_LETTERS[first : first + 16], k=rng.randint(8, 20)))


def _prefixed(rng: Random) -> str:
    """A constant piece, then chance; or the other way round."""
    piece = rng.choice(("app", "cdn", "srv", "web", "ns", "x", "dl", "go", "my", "api"))
    label = uniform(rng, 7, 14)
    return piece + label if rng.random() < 0.5 else label + piece


def _syllables(rng: Random) -> str:
    """Consonant and vowel in turn."""
    length = rng.randint(7, 14)
    first = rng.randint(0, 1)
    return "".join(rng.choice(_VOWELS if (at + first) % 2 else _CONSONANTS) for at in range(length))


def _loose_syllables(rng: Random) -> str:
    """Syllables of two or three letters, as several families build them."""
    label = ""
    while len(label) < rng.randint(7, 13):
        label += rng.choice(_CONSONANTS) + rng.choice(_VOWELS) + (rng.choice(_CONSONANTS) if rng.random() < 0.4 else "")
    return label


def _half_vowels(rng: Random) -> str:
    """Vowels as often as in a language, and no order."""
    return "".join(rng.choice(_VOWELS if rng.random() < 0.4 else _CONSONANTS) for _ in range(rng.randint(7, 14)))


def _mostly_vowels(rng: Random) -> str:
    share = rng.choice((0.5, 0.6, 0.7))
    return "".join(rng.choice(_VOWELS if rng.random() < share else _CONSONANTS) for _ in range(rng.randint(8, 12)))


def _turned_pairs(rng: Random) -> str:
    """Consonant and vowel, or vowel and consonant."""
    pairs = (rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(rng.randint(4, 6)))
    return "".join(pair if rng.random() < 0.5 else pair[::-1] for pair in pairs)


_RANDOM: dict[str, Callable[[Random], str]] = {
    "letters, few": lambda rng: uniform(rng, 5, 8),
    "letters, short": lambda rng: uniform(rng, 6, 10),
    "letters": lambda rng: uniform(rng, 9, 16),
    "letters, long": lambda rng: uniform(rng, 14, 28),
    "some letters": _some_letters,
    "letters and digits": _letters_and_digits,
    "some digits": _some_digits,
    "hexadecimal, short": _hexadecimal(8),
    "hexadecimal": _hexadecimal(10, 12, 16),
    "hexadecimal, long": _hexadecimal(20, 24, 32),
    "base36": _base36,
    "base32": _base32,
    "few letters": _few_letters,
    "letters of a hash": _letters_of_a_hash,
    "neighbouring letters": _neighbouring_letters,
    "prefixed": _prefixed,
    "syllables": _syllables,
    "loose syllables": _loose_syllables,
    "half vowels": _half_vowels,
    "mostly vowels": _mostly_vowels,
    "turned pairs": _turned_pairs,
}
