"""A small network over a label as a whole: the model's second voter.

It reads the figures that the first one reads in bands (core/bands.py), as numbers: so it goes on where no label of the
training was, and weighs several of them together. One hidden layer, few enough units to be summed without numpy.
"""

from collections.abc import Sequence
from math import log, sqrt
from operator import mul

from msgspec import Struct

from firstsight.core.outline import KINDS, Outline
from firstsight.core.usual import USUAL_RUNS, Held

_LONG = 40  # characters; how much longer a label is tells nothing more

INPUTS = 14 + KINDS + 5 * len(USUAL_RUNS)
"""How many figures the network reads."""

_KINDS = tuple(tuple(float(kind == other) for other in range(KINDS)) for kind in range(KINDS))


class Network(Struct, frozen=True, forbid_unknown_fields=True):
    """The network's weights.

    Attributes:
        units: for each hidden unit, `INPUTS` weights.
        biases: one for each hidden unit.
        random: for each hidden unit, its weight in the head `random`.
        words: the same for the head `words`.
    """

    units: list[list[float]]
    biases: list[float]
    random: list[float]
    words: list[float]

    def fits(self) -> bool:
        """Whether its parts fit one another."""
        many = len(self.units)
        return many == len(self.biases) == len(self.random) == len(self.words) and all(
            len(unit) == INPUTS for unit in self.units
        )

    def figures(self, seen: Sequence[float]) -> tuple[float, float]:
        """What is added to the raw figures of both heads.

        Args:
            seen: `INPUTS` numbers (`inputs`).
        """
        hidden = [
            max(0.0, bias + sum(map(mul, unit, seen))) for unit, bias in zip(self.units, self.biases, strict=True)
        ]
        return sum(map(mul, hidden, self.random)), sum(map(mul, hidden, self.words))


def inputs(outline: Outline, usual: Sequence[Held]) -> list[float]:
    """A label as the network reads it: `INPUTS` numbers.

    Args:
        outline: of the label.
        usual: how usual its runs are, for each of `USUAL_RUNS`.
    """
    length = max(1, outline.length)
    root = sqrt(length)
    share = 1 / length
    found = [
        min(length, _LONG),
        log(length),
        outline.vowels,
        outline.vowels * share,
        outline.digits,
        outline.digits * share,
        outline.different,
        outline.different * share,
        outline.doubled * share,
        outline.hyphens * share,
        outline.numbers * share,
        outline.consonants_in_a_row,
        outline.vowels_in_a_row,
        outline.span,
        *_KINDS[outline.kind],
    ]
    for held in usual:
        mean = held.total / held.runs if held.runs else 0.0
        found += (mean, mean * root, held.least, held.seldom, held.seldom * share)
    return found
