"""Logistic regression over a label's places, two heads: random-looking and word-made."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firstsight.core.traits import PLACES, root
from namelab.adam import Adam

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

HEADS = 2
"""Random-looking, word-made."""

_EPOCHS = 5
_BATCH = 4096
_RATE = 0.15
_DECAY = 3e-7  # of a weight's square; chosen with families left out


@dataclass(frozen=True, slots=True)
class Runs:
    """Labels as their places, one label's behind another's.

    Attributes:
        places: of all runs.
        starts: where each label's begin.
        counts: how many each has.
        roots: what each label's sum is divided by.
    """

    places: Ints
    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    roots: Floats

    @classmethod
    def of(cls, labels: Sequence[str], places: Iterable[Sequence[int]]) -> "Runs":
        """Labels with the places of each."""
        flat = array("i")
        counts = np.empty(len(labels), dtype=np.int64)
        for at, found in enumerate(places):
            counts[at] = len(found)
            flat.extend(found)
        roots = np.array([root(label) for label in labels], dtype=np.float32)
        return cls(np.frombuffer(flat, dtype=np.int32), np.cumsum(counts) - counts, counts, roots)

    def take(self, which: npt.NDArray[np.int64]) -> "Runs":
        """Some of the labels."""
        counts = self.counts[which]
        starts = np.cumsum(counts) - counts
        where = np.repeat(self.starts[which] - starts, counts) + np.arange(counts.sum())
        return Runs(self.places[where], starts, counts, self.roots[which])


@dataclass(frozen=True, slots=True)
class Linear:
    """A trained model: a label's figure is the sum of its places' weights over its root, and a bias; for each head.

    Attributes:
        weights: (HEADS, places).
        biases: (HEADS,).
    """

    weights: Floats
    biases: Floats

    def figures(self, runs: Runs) -> Floats:
        """(labels, HEADS), log-odds before calibration."""
        sums = [np.add.reduceat(head[runs.places], runs.starts) for head in self.weights]
        return (np.stack(sums, axis=1) / runs.roots[:, None] + self.biases).astype(np.float32)


def fit(runs: Runs, truth: Floats, weight: Floats, *, seed: int) -> Linear:
    """Train both heads, by Adam in small batches.

    Args:
        runs: the labels.
        truth: (labels, HEADS), 0 or 1.
        weight: (labels, HEADS), what each counts; 0 leaves it out of a head.
        seed: of the order in which labels come.
    """
    labels = len(runs.counts)
    chance = np.random.default_rng(seed)
    weight = weight / weight.mean(axis=0)
    heads = [_Head(PLACES) for _ in range(HEADS)]
    rounds = _EPOCHS * -(-labels // _BATCH)
    done = 0
    for _ in range(_EPOCHS):
        order = chance.permutation(labels)
        for first in range(0, labels, _BATCH):
            which = np.sort(order[first : first + _BATCH])
            batch = runs.take(which)
            done += 1
            rate = _RATE * 0.5 * (1 + np.cos(np.pi * done / rounds))
            for number, head in enumerate(heads):
                head.step(batch, truth[which, number], weight[which, number], rate)
    return Linear(np.stack([head.values[:-1] for head in heads]), np.array([head.values[-1] for head in heads]))


class _Head:
    """One head's weights, its bias behind them."""

    def __init__(self, size: int) -> None:
        self.values = np.zeros(size + 1, dtype=np.float32)
        self._adam = Adam((size + 1,))

    def step(self, batch: Runs, truth: Floats, weight: Floats, rate: float) -> None:
        """Go a step down the gradient of the weighted log loss."""
        odds = np.add.reduceat(self.values[batch.places], batch.starts) / batch.roots + self.values[-1]
        error = weight * (1 / (1 + np.exp(-odds)) - truth) / len(truth)
        gradient = np.bincount(
            batch.places, np.repeat(error / batch.roots, batch.counts), minlength=len(self.values)
        ).astype(np.float32)
        gradient += _DECAY * self.values
        gradient[-1] = error.sum()
        self.values -= rate * self._adam.step(gradient)
