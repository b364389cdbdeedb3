"""The letter-pair score of Domain Stats: how usual a text's neighbouring letters are.

Two figures in percent. *average* is the mean of P(second letter | first letter) over all neighbouring pairs;
*word* is the sum of the pairs' counts over the sum of their first letters' counts, so that common letters weigh
more. Usual text scores high, mashed keys score low. Domain Stats 1.0.1 calls them `freq_score`; with its table
these figures are the same to the last digit.
"""

from collections.abc import Mapping

from msgspec import DecodeError, Struct, json

from firstsight.core.errors import InputError

IGNORED = "\n\t~`!@#$%^&*()_+-"
"""A pair of two of these is skipped; as a second letter they are left out of the average's denominator."""

ORIGINAL_LOW = (5.0, 4.0)
"""Below these (average, word) Domain Stats raises SUSPECT-FREQ-SCORE (one of them) or LOW-FREQ-SCORES (both)."""

_Weight = tuple[float, int, int, int]  # P(second | first) in percent, pairs, first letters, 1 (0: skipped)


class _Weights(dict[str, _Weight]):
    """Pairs with their weights. A pair never seen weighs its first letter only: it is unlikely, not ignored."""

    def __init__(self, counts: Mapping[str, int], ignored: str) -> None:
        self.firsts: dict[str, int] = {}
        usable: dict[str, int] = {}
        for pair, count in counts.items():
            first, second = pair[0], pair[1]
            self.firsts[first] = self.firsts.get(first, 0) + count
            usable[first] = usable.get(first, 0) + (0 if second in ignored else count)
        for pair, count in counts.items():
            of = usable[pair[0]]
            self[pair] = (100 * count / of if of else 0.0, count, self.firsts[pair[0]], 1)
        self.update({first + second: (0.0, 0, 0, 0) for first in ignored for second in ignored})

    def __missing__(self, pair: str) -> _Weight:
        return 0.0, 0, self.firsts.get(pair[0], 0), 1


class LetterPairs:
    """Scores texts by a table of letter pairs. About 3 µs a name.

    Args:
        counts: how often each two-letter string was seen.
        ignored: letters that tell nothing, see `IGNORED`.
        ignore_case: `Ab`, `aB` and `AB` count as `ab`.
    """

    __slots__ = ("_ignore_case", "_weights")

    def __init__(self, counts: Mapping[str, int], *, ignored: str = IGNORED, ignore_case: bool = True) -> None:
        merged: dict[str, int] = {}
        for pair, count in counts.items():
            if len(pair) != 2 or count < 0:  # noqa: PLR2004  # a pair is two
                raise InputError(
                    f"The letter-pair table holds {pair!r}: {count}; "
                    "each entry must be two letters with a count of 0 or more. Make the table anew."
                )
            # A letter whose lower case is two letters (İ) would no longer be a pair.
            key = pair.lower() if ignore_case and len(pair.lower()) == len(pair) else pair
            merged[key] = merged.get(key, 0) + count
        self._weights = _Weights(merged, ignored)
        self._ignore_case = ignore_case

    def scores(self, text: str) -> tuple[float, float]:
        """(average, word) of a text in percent, rounded to 4 places; (0.0, 0.0) where it holds no pair."""
        if self._ignore_case:
            text = text.lower()
        weights = self._weights
        average = 0.0
        pairs = seconds = firsts = 0
        last = len(text) - 1
        # Even places before odd ones, as the original adds them up: its floating-point sum, to the last bit.
        for start in (0, 1):
            for at in range(start, last, 2):
                likely, together, first, counted = weights[text[at : at + 2]]
                average += likely
                seconds += together
                firsts += first
                pairs += counted
        return (
            round(average / pairs, 4) if pairs else 0.0,
            round(seconds / firsts * 100, 4) if firsts else 0.0,
        )

    def likely(self, pair: str) -> float:
        """How often the second letter of a pair follows the first, in percent."""
        return self._weights[pair][0]


class LetterPairTable(Struct, frozen=True, forbid_unknown_fields=True):
    """A table as firstsight ships it (`data/letter_pairs.json`).

    Attributes:
        source: what the pairs were counted in.
        made: day of making, YYYY-MM-DD.
        how: how counts came about.
        counts: two-letter string → weight.
    """

    source: str
    made: str
    how: str
    counts: dict[str, int]


def parse_letter_pairs(raw: bytes) -> LetterPairs:
    """Read firstsight's own table."""
    try:
        table = json.decode(raw, type=LetterPairTable)
    except (DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The letter-pair table can't be read: {error}. Install firstsight anew.") from error
    return LetterPairs(table.counts)


def parse_freq_table(raw: bytes) -> LetterPairs:
    """Read a table of the original (`freqtable2018.freq`, or one a site has trained with its tool).

    It is JSON: `[ignore case?, ignored letters, [[first, [[second, count], …]], …]]`.
    """
    try:
        ignore_case, ignored, rows = json.decode(raw, type=tuple[bool, str, list[tuple[str, list[tuple[str, int]]]]])
    except (DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"The frequency table can't be read: {error}. Give a .freq file as Domain Stats writes it."
        ) from error
    counts = {first + second: count for first, seconds in rows for second, count in seconds}
    return LetterPairs(counts, ignored=ignored, ignore_case=ignore_case)
