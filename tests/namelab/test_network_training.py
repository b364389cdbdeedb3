import numpy as np
import pytest

from firstsight.core.network import INPUTS
from namelab.linear import Floats
from namelab.network import fit


def taught() -> tuple[Floats, Floats]:
    """The first input decides: for the first head by its size, which no line tells, for the second by its sign."""
    inputs = np.random.default_rng(1).standard_normal((60_000, INPUTS)).astype(np.float32)
    truth = np.stack([abs(inputs[:, 0]) > 0.67, inputs[:, 0] > 0], axis=1).astype(np.float32)
    return inputs, truth


def test_it_learns_more_than_a_line_can() -> None:
    inputs, truth = taught()
    net = fit(inputs, truth, np.ones_like(truth), seed=1)
    right = ((net.figures(inputs) > 0) == (truth > 0)).mean(axis=0)
    assert right[0] > 0.65  # a line: 0.5
    assert right[1] > 0.9


def test_what_is_shipped_says_the_same() -> None:
    inputs, truth = taught()
    net = fit(inputs * 5 + 3, truth, np.ones_like(truth), seed=1)
    network, biases = net.shipped(np.array([0.5, 0.25], dtype=np.float32))

    assert network.fits()
    for row, figures in zip(inputs[:20] * 5 + 3, net.figures(inputs[:20] * 5 + 3), strict=True):
        assert np.add(network.figures(row.tolist()), biases) == pytest.approx(figures * [0.5, 0.25], abs=1e-3)
