import numpy as np

from firstsight.core.traits import PLACES, places
from namelab.linear import Linear, Runs, fit

ORDINARY = [f"merrow{end}" for end in ("dale", "vale", "wood", "field")] * 40
MASHED = [f"xqzk{end}" for end in ("wvj", "jqx", "zzk", "vkq")] * 40


def test_it_learns_what_two_heads_are_asked() -> None:
    labels = [*ORDINARY, *MASHED]
    runs = Runs.of(labels, map(places, labels))
    random = np.array([0.0] * len(ORDINARY) + [1.0] * len(MASHED), dtype=np.float32)
    truth = np.stack([random, 1 - random], axis=1)
    model = fit(runs, truth, np.ones_like(truth), seed=1)

    figures = model.figures(runs)
    assert (figures[: len(ORDINARY)] * [-1, 1] > 0).all()
    assert (figures[len(ORDINARY) :] * [1, -1] > 0).all()
    again = fit(runs, truth, np.ones_like(truth), seed=1)
    assert np.array_equal(model.weights, again.weights)


def test_what_weighs_nothing_teaches_nothing() -> None:
    labels = [*ORDINARY, *MASHED]
    runs = Runs.of(labels, map(places, labels))
    truth = np.zeros((len(labels), 2), dtype=np.float32)
    truth[len(ORDINARY) :] = 1
    weight = np.ones_like(truth)
    weight[len(ORDINARY) :, 1] = 0
    figures = fit(runs, truth, weight, seed=1).figures(runs)
    assert (figures[len(ORDINARY) :, 0] > 0).all()
    assert (figures[len(ORDINARY) :, 1] < 0).all()


def test_some_of_the_labels_are_scored_as_all_are() -> None:
    runs = Runs.of(["kestrel", "ab", "merrow"], map(places, ["kestrel", "ab", "merrow"]))
    model = Linear(np.random.default_rng(1).random((2, PLACES), dtype=np.float32), np.zeros(2, dtype=np.float32))
    assert np.allclose(model.figures(runs.take(np.array([2, 0]))), model.figures(runs)[[2, 0]])
