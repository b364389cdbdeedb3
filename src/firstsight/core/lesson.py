"""What a site's own ordinary names teach: runs of characters that its false alarms share weigh less from then on.

A lesson only ever lowers scores, so no name of anybody becomes an alarm by it. What it could do is hide machine-made
names; therefore it is measured on such names, and weakened until it costs next to none of them.
"""

import string
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from firstsight.core.namemodel import STRONG, WEAK, ModelTable, NameModel
from firstsight.core.traits import character_places

ENOUGH = 100
"""Distinct labels that a site must have to teach anything."""

COST = 0.005
"""The share of machine-made names that a lesson may cost at most."""

_ROUNDS = 12
_STEP = 0.25  # taken off the weight of a run in one round; the table's weights reach to about ten
_LABELS = 3  # of a run that fewer labels share nothing is learnt: it may be one product's name
_SHORTEST = 3  # characters; shorter runs are everybody's
_CHANCES = 3000
_HALVINGS = 6

_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Flagged:
    """Shares of names, 0 to 1, that reach the two thresholds the model is shipped with."""

    strong: float
    weak: float


def learn(table: ModelTable, labels: Collection[str]) -> dict[int, float]:
    """Learn from ordinary labels: place → what is taken off its weight. Empty where there is nothing to learn.

    Args:
        table: the shipped model.
        labels: what this site holds for ordinary.
    """
    labels = sorted(set(labels))
    held = Counter(place for label in labels for place in set(character_places(label, _SHORTEST)))
    shipped = NameModel(table)
    suspects = {
        label: [place for place in character_places(label, _SHORTEST) if held[place] >= _LABELS]
        for label in labels
        if shipped.scores(label)[0] >= WEAK
    }
    taken: dict[int, float] = {}
    for _ in range(_ROUNDS):
        model = NameModel(table, taken)
        wrong = [label for label in suspects if model.scores(label)[0] >= WEAK]
        for place in {place for label in wrong for place in suspects[label]}:
            taken[place] = taken.get(place, 0.0) + _STEP
    return _affordable(table, taken)


def flagged(model: NameModel, labels: Sequence[str]) -> Flagged:
    """How many of some labels look machine-made."""
    scores = [model.scores(label)[0] for label in labels]
    total = max(1, len(scores))
    return Flagged(sum(score >= STRONG for score in scores) / total, sum(score >= WEAK for score in scores) / total)


def made_up() -> list[str]:
    """Machine-made labels of the usual kinds, always the same: letters, letters and digits, hexadecimal, syllables."""
    chance = Random(1)  # noqa: S311  # lifelike, not secret
    kinds = (string.ascii_lowercase, string.ascii_lowercase + string.digits, "0123456789abcdef")
    labels = ["".join(chance.choices(kinds[at % 3], k=chance.randint(9, 20))) for at in range(_CHANCES)]
    syllables = (
        "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(chance.randint(4, 6)))
        for _ in range(_CHANCES // 3)
    )
    return [*labels, *syllables]


def _affordable(table: ModelTable, taken: dict[int, float]) -> dict[int, float]:
    """The lesson, halved until it costs little; nothing where that does not help."""
    machine_made = made_up()
    before = flagged(NameModel(table), machine_made)
    for _ in range(_HALVINGS):
        if not taken:
            break
        after = flagged(NameModel(table, taken), machine_made)
        if before.strong - after.strong <= COST and before.weak - after.weak <= COST:
            return taken
        taken = {place: less / 2 for place, less in taken.items()}
    return {}
