"""Trains the small network over a label as a whole (core/network.py), both heads at once."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from firstsight.core.network import Network
from namelab.adam import Adam
from namelab.linear import HEADS, Floats

UNITS = 16
"""Hidden units: three times as many find hardly more, and each costs time for every new name."""

_EPOCHS = 5
_BATCH = 512
_RATE = 2e-3
_DECAY = 1e-2  # of weights, apart from the gradient (Loshchilov and Hutter, 2019)

Parameters: TypeAlias = list[Floats]
"""Weights and biases of the hidden layer, then those of the outer one."""


@dataclass(frozen=True, slots=True)
class Net:
    """A trained network; its inputs are brought to mean 0 and deviation 1 first.

    Attributes:
        parameters: (INPUTS, UNITS), (UNITS,), (UNITS, HEADS), (HEADS,).
        mean: of each input.
        deviation: of each input.
    """

    parameters: Parameters
    mean: Floats
    deviation: Floats

    def figures(self, inputs: Floats) -> Floats:
        """(labels, HEADS), log-odds before calibration."""
        return _forward(self.parameters, (inputs - self.mean) / self.deviation)[1]

    def shipped(self, share: Floats) -> tuple[Network, Floats]:
        """What is shipped, for inputs as they come, and the biases of its heads: outputs times the head's share."""
        into, biases, out, heads = self.parameters
        into = into / self.deviation[:, None]
        biases = biases - self.mean @ into
        out = out * share
        units, biases, random, words = (np.round(part.astype(float), 6) for part in (into.T, biases, *out.T))
        return Network(units.tolist(), biases.tolist(), random.tolist(), words.tolist()), heads * share


def fit(inputs: Floats, truth: Floats, weight: Floats, *, seed: int) -> Net:
    """Train, by Adam in small batches.

    Args:
        inputs: (labels, INPUTS).
        truth: (labels, HEADS), 0 or 1.
        weight: (labels, HEADS), what each counts.
        seed: of the first weights, and of the order in which labels come.
    """
    chance = np.random.default_rng(seed)
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0) + np.float32(1e-3)
    inputs = (inputs - mean) / deviation
    weight = weight / weight.mean(axis=0)
    labels, many = inputs.shape
    values: Parameters = [
        (chance.standard_normal((many, UNITS)) * np.sqrt(2 / many)).astype(np.float32),
        np.zeros(UNITS, dtype=np.float32),
        (chance.standard_normal((UNITS, HEADS)) * np.sqrt(0.2 / UNITS)).astype(np.float32),
        np.zeros(HEADS, dtype=np.float32),
    ]
    adams = [Adam(value.shape) for value in values]
    rounds = _EPOCHS * -(-labels // _BATCH)
    done = 0
    for _ in range(_EPOCHS):
        order = chance.permutation(labels)
        for first in range(0, labels, _BATCH):
            which = order[first : first + _BATCH]
            done += 1
            rate = _RATE * 0.5 * (1 + np.cos(np.pi * done / rounds))
            gradients = _gradients(values, inputs[which], truth[which], weight[which])
            for value, adam, gradient in zip(values, adams, gradients, strict=True):
                step = adam.step(gradient)
                if value.ndim > 1:  # biases are let alone
                    step += _DECAY * value
                np.subtract(value, rate * step, out=value)
    return Net(values, mean, deviation)


def _forward(parameters: Parameters, inputs: Floats) -> tuple[Floats, Floats]:
    """The hidden units' figures and the heads'."""
    into, biases, out, heads = parameters
    hidden = np.maximum(inputs @ into + biases, 0)
    return hidden, hidden @ out + heads


def _gradients(parameters: Parameters, inputs: Floats, truth: Floats, weight: Floats) -> Parameters:
    """Of the weighted log loss."""
    hidden, odds = _forward(parameters, inputs)
    error = (weight * (1 / (1 + np.exp(-odds)) - truth) / np.float32(len(truth))).astype(np.float32)
    back = (error @ parameters[2].T) * (hidden > 0)
    return [inputs.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
