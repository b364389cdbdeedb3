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

from firstsight.core.bands import outline_places, usual_places
from firstsight.core.network import INPUTS, inputs
from firstsight.core.outline import Outline, outline
from firstsight.core.traits import places
from namelab import linear, network, synthetic
from namelab.census import Census
from namelab.corpus import CLEAN, CRUX, FOLDS, TRANCO, Corpus, Family, fold_of
from namelab.linear import HEADS, Floats, Linear, Runs
from namelab.network import Net

SEED = 20261124
MADE_UP = 2000  # labels of each made-up family
MADE_OF_WORDS = 6000  # the same of words: there are so many that few labels would leave most of them out
NOBODY = -1
"""No fold: everything is trained on."""

WORDS = Path(__file__).with_name("words.txt")

RANDOM, WORD_MADE = 0, 1
"""The heads."""

LINEAR, NETWORK = "linear", "network"
"""The two voters: each orders other names best."""

NETWORKS_SHARE = np.array([0.4, 0.1], dtype=np.float32)
"""What the network's figure weighs in each head, the other voter's weighing the rest; chosen with families left out. Of
names made of words it knows less, as it sees no run."""


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
class Seen:
    """Labels as the voters see them.

    Attributes:
        runs: places, for the linear one.
        inputs: (labels, INPUTS), for the network.
    """

    runs: Runs
    inputs: Floats

    @classmethod
    def of(cls, labels: Sequence[str], census: Census) -> "Seen":
        """Look at labels, each not empty."""
        usual = [census.held(label) for label in labels]
        read = np.empty((len(labels), INPUTS), dtype=np.float32)
        for at, (label, held) in enumerate(zip(labels, usual, strict=True)):
            read[at] = inputs(_outline(label), held)
        places_of = (
            [*_fixed(label), *usual_places(len(label), held)] for label, held in zip(labels, usual, strict=True)
        )
        return cls(Runs.of(labels, places_of), read)


@dataclass(frozen=True, slots=True)
class Trained:
    """A fold's voters with the census that they were trained by."""

    linear: Linear
    net: Net
    census: Census

    def figures(self, labels: Sequence[str]) -> dict[str, Floats]:
        """`LINEAR`, `NETWORK` → (labels, HEADS) figures; -inf where a label is empty."""
        scored = [at for at, label in enumerate(labels) if label]
        out = {name: np.full((len(labels), HEADS), -np.inf, dtype=np.float32) for name in (LINEAR, NETWORK)}
        if scored:
            seen = Seen.of([labels[at] for at in scored], self.census)
            out[LINEAR][scored] = self.linear.figures(seen.runs)
            out[NETWORK][scored] = self.net.figures(seen.inputs)
        return out


def train(material: Material, without: int) -> Trained:
    """Voters that have seen nothing of a fold: neither its families nor its ordinary labels.

    Args:
        material: what there is.
        without: the fold, or `NOBODY`.
    """
    benign = [label for label in material.benign if fold_of(label) != without]
    groups = [(head_of(f.kind), [label for label in f.labels if label]) for f in material.families if f.fold != without]
    chance = Random(SEED)
    groups += [(RANDOM, labels) for labels in synthetic.random_looking(chance, MADE_UP).values()]
    words = sorted({*WORDS.read_text("utf-8").split(), *_hyphened(groups)})
    groups += [(WORD_MADE, labels) for labels in synthetic.word_made(chance, MADE_OF_WORDS, words).values()]

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
    seen = Seen.of(labels, census)
    return Trained(
        linear.fit(seen.runs, truth, weight, seed=SEED), network.fit(seen.inputs, truth, weight, seed=SEED), census
    )


@cache
def _fixed(label: str) -> Sequence[int]:
    """The places of a label's runs and of its outline: the same in every fold."""
    return array("i", [*places(label), *outline_places(_outline(label))])


@cache
def _outline(label: str) -> Outline:
    return outline(label)


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
    def together(cls, voters: Mapping[str, "HeldOut"]) -> "HeldOut":
        """What both voters say together: they were held out alike."""
        one, other = voters[LINEAR], voters[NETWORK]
        return cls(
            {label: _together(one.benign[label], other.benign[label]) for label in one.benign},
            {family: _together(one.families[family], other.families[family]) for family in one.families},
        )

    def list(self, labels: Sequence[str]) -> npt.NDArray[np.float32]:
        """Figures of a list's labels; -inf where a name is not scored."""
        nothing = np.full(HEADS, -np.inf, dtype=np.float32)
        return np.stack([self.benign.get(label, nothing) for label in labels])


def _together(of_linear: Floats, of_network: Floats) -> Floats:
    return of_linear * (1 - NETWORKS_SHARE) + of_network * NETWORKS_SHARE


def hold_out(material: Material, extra: Iterable[str]) -> dict[str, HeldOut]:
    """Train once a fold, and score what its voters have not seen: `LINEAR`, `NETWORK` → figures.

    Args:
        material: what is trained on and scored.
        extra: more labels to score, dealt into folds as ordinary ones are: of lists that are not trained on.
    """
    held = {name: HeldOut() for name in (LINEAR, NETWORK)}
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
