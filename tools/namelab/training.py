"""What a model is trained on, and how it is held out: ordinary names and families, a fold at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from firstsight.core.traits import character_places, places
from namelab import synthetic
from namelab.corpus import CLEAN, CRUX, FOLDS, TRANCO, Corpus, Family, fold_of
from namelab.linear import HEADS, Linear, Places, Runs, fit

SEED = 20261124
MADE_UP = 2000  # labels of each made-up family
NOBODY = -1
"""No fold: everything is trained on."""

WORDS = Path(__file__).with_name("words.txt")

RANDOM, WORD_MADE = 0, 1
"""The heads."""

VIEWS: tuple[Places, ...] = (character_places, places)
"""What the shipped model is the mean of. Shapes find more random names; characters alone more pronounceable ones, as
syllables have an ordinary shape. The mean is nearly as good as the better one at both.
"""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything there is to train on.

    Attributes:
        benign: ordinary labels, each once.
        families: real families.
    """

    benign: Sequence[str]
    families: Sequence[Family]

    @classmethod
    def read(cls, corpus: Corpus) -> "Material":
        """Take it from a corpus."""
        labels = {*corpus.domains(TRANCO), *corpus.domains(CLEAN), *corpus.domains(CRUX)} - {""}
        return cls(sorted(labels), corpus.families())


def head_of(kind: str) -> int:
    """The head that a kind of family belongs to."""
    return WORD_MADE if kind == "dictionary" else RANDOM


def train(material: Material, without: int, views: Sequence[Places]) -> Linear:
    """A model that has seen nothing of a fold: neither its families nor its ordinary labels.

    Args:
        material: what there is.
        without: the fold, or `NOBODY`.
        views: what of a label a model is trained on; of several, the mean of their models.
    """
    benign = [label for label in material.benign if fold_of(label) != without]
    groups = [(head_of(f.kind), [label for label in f.labels if label]) for f in material.families if f.fold != without]
    chance = Random(SEED)
    groups += [(RANDOM, labels) for labels in synthetic.random_looking(chance, MADE_UP).values()]
    words = sorted({*WORDS.read_text("utf-8").split(), *_hyphened(groups)})
    groups += [(WORD_MADE, labels) for labels in synthetic.word_made(chance, MADE_UP, words).values()]

    labels = [*benign, *(label for _, group in groups for label in group)]
    truth = np.zeros((len(labels), HEADS), dtype=np.float32)
    weight = np.zeros((len(labels), HEADS), dtype=np.float32)
    weight[: len(benign)] = 1 / len(benign)
    families = Counter(head for head, _ in groups)
    at = len(benign)
    for head, group in groups:
        # Each family weighs the same, and all of a head together as much as all ordinary names.
        truth[at : at + len(group), head] = 1
        weight[at : at + len(group), head] = 1 / (families[head] * len(group))
        at += len(group)
    return Linear.mean([fit(Runs.of(labels, view), truth, weight, seed=SEED) for view in views])


def _hyphened(groups: Iterable[tuple[int, Sequence[str]]]) -> Iterator[str]:
    """Words that word-made families put hyphens between."""
    for head, labels in groups:
        if head == WORD_MADE:
            parts = Counter(part for label in labels if "-" in label for part in label.split("-"))
            yield from (part for part, count in parts.items() if count > 1 and part.isalpha() and len(part) > 2)


@dataclass
class HeldOut:
    """Figures of labels, each by the model that has not seen it.

    Attributes:
        benign: label → (HEADS,) figures.
        families: family → (labels, HEADS); -inf where a name is not scored.
    """

    benign: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    families: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def list(self, labels: Sequence[str]) -> npt.NDArray[np.float32]:
        """Figures of a list's labels; -inf where a name is not scored."""
        nothing = np.full(HEADS, -np.inf, dtype=np.float32)
        return np.stack([self.benign.get(label, nothing) for label in labels])


def hold_out(material: Material, extra: Iterable[str], views: Sequence[Places]) -> HeldOut:
    """Train once a fold, and score what each model has not seen.

    Args:
        material: what is trained on and scored.
        extra: more ordinary labels to score: of lists that are not trained on.
        views: see `train`.
    """
    held = HeldOut()
    everything = sorted({*material.benign, *extra} - {""})
    for fold in range(FOLDS):
        model = train(material, fold, views)
        unseen = [label for label in everything if fold_of(label) == fold]
        held.benign.update(zip(unseen, model.figures(Runs.of(unseen, places)), strict=True))
        for family in material.families:
            if family.fold == fold:
                held.families[family.name] = figures(model, family.labels)
    return held


def figures(model: Linear, labels: Sequence[str]) -> npt.NDArray[np.float32]:
    """(labels, HEADS); -inf where a label is empty."""
    out = np.full((len(labels), HEADS), -np.inf, dtype=np.float32)
    scored = [at for at, label in enumerate(labels) if label]
    if scored:
        out[scored] = model.figures(Runs.of([labels[at] for at in scored], places))
    return out
