"""What a model is trained on, and how it is held out: ordinary names and families, a fold at a time."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from firstsight.core.bands import outline
from firstsight.core.traits import places
from namelab import synthetic
from namelab.census import Census
from namelab.corpus import CLEAN, CRUX, FOLDS, TRANCO, Corpus, Family, fold_of
from namelab.linear import HEADS, Linear, Places, Runs, fit

SEED = 20261124
MADE_UP = 2000  # labels of each made-up family
NOBODY = -1
"""No fold: everything is trained on."""

WORDS = Path(__file__).with_name("words.txt")

RANDOM, WORD_MADE = 0, 1
"""The heads."""

RUNS, WHOLE, PURGED = "runs", "whole", "purged"
"""What is trained: runs alone; runs and the label as a whole; these without the ordinary names that look most random to
it. What is shipped is their mean, as each orders other names best.
"""

_NOISE = 0.007  # share of ordinary names that really are random: hashes, mashed keys, consonants


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


@dataclass(frozen=True, slots=True)
class Trained:
    """A fold's models with the census that they were trained by.

    Attributes:
        models: `RUNS`, `WHOLE`, `PURGED` → model.
        census: of the ordinary labels.
    """

    models: Mapping[str, Linear]
    census: Census

    def mean(self) -> Linear:
        """The model that is shipped."""
        return Linear.mean([*self.models.values()])

    def figures(self, labels: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Model → (labels, HEADS) figures; -inf where a label is empty."""
        scored = [at for at, label in enumerate(labels) if label]
        out = {name: np.full((len(labels), HEADS), -np.inf, dtype=np.float32) for name in self.models}
        if scored:
            runs = Runs.of([labels[at] for at in scored], whole(self.census))
            for name, model in self.models.items():
                out[name][scored] = model.figures(runs)
        return out


def train(material: Material, without: int) -> Trained:
    """Models that have seen nothing of a fold: neither its families nor its ordinary labels.

    Args:
        material: what there is.
        without: the fold, or `NOBODY`.
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
    census = Census(benign)
    runs = Runs.of(labels, whole(census))
    models = {
        RUNS: fit(Runs.of(labels, runs_of), truth, weight, seed=SEED),
        WHOLE: fit(runs, truth, weight, seed=SEED),
    }
    looks = models[WHOLE].figures(runs)[: len(benign), RANDOM]
    weight[: len(benign)][looks > np.quantile(looks, 1 - _NOISE)] = 0
    models[PURGED] = fit(runs, truth, weight, seed=SEED)
    return Trained(models, census)


def whole(census: Census) -> Places:
    """The places of a label's runs and of the label as a whole."""
    return lambda label: [*runs_of(label), *outline_of(label), *census.places(label)]


@cache
def runs_of(label: str) -> Sequence[int]:
    """The places of a label's runs: the same in every fold."""
    return array("i", places(label))


@cache
def outline_of(label: str) -> Sequence[int]:
    """The places of a label's outline: the same in every fold."""
    return array("i", outline(label))


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

    @classmethod
    def mean(cls, several: Sequence["HeldOut"]) -> "HeldOut":
        """What the mean of several models says: they were held out alike."""
        first = several[0]
        return cls(
            {label: _mean([one.benign[label] for one in several]) for label in first.benign},
            {family: _mean([one.families[family] for one in several]) for family in first.families},
        )

    def list(self, labels: Sequence[str]) -> npt.NDArray[np.float32]:
        """Figures of a list's labels; -inf where a name is not scored."""
        nothing = np.full(HEADS, -np.inf, dtype=np.float32)
        return np.stack([self.benign.get(label, nothing) for label in labels])


def _mean(figures: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    mean: npt.NDArray[np.float32] = np.stack(figures).mean(axis=0, dtype=np.float32)
    return mean


def hold_out(material: Material, extra: Iterable[str]) -> dict[str, HeldOut]:
    """Train once a fold, and score what its models have not seen: `RUNS`, `WHOLE`, `PURGED` → figures.

    Args:
        material: what is trained on and scored.
        extra: more labels to score, dealt into folds as ordinary ones are: of lists that are not trained on.
    """
    held = {name: HeldOut() for name in (RUNS, WHOLE, PURGED)}
    everything = sorted({*material.benign, *extra} - {""})
    for fold in range(FOLDS):
        trained = train(material, fold)
        unseen = [label for label in everything if fold_of(label) == fold]
        for name, figures in trained.figures(unseen).items():
            held[name].benign.update(zip(unseen, figures, strict=True))
        for family in material.families:
            if family.fold == fold:
                for name, figures in trained.figures(family.labels).items():
                    held[name].families[family.name] = figures
    return held
