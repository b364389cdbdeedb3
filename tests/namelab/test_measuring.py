import numpy as np
import pytest

from namelab.corpus import FOLDS, Family, fold_of
from namelab.measuring import Found, Points, quantile, read_elsewhere

SMALL = Family("small", "random-char", ("abcdefgh", "xyz"), 0)
LARGE = Family("large", "random-char", ("abcdefgh",) * 8, 1)
WORDS = Family("words", "dictionary", ("merrowkestrel",), 2)
FIGURES = {
    "small": np.array([3.0, 1.0], dtype=np.float32),
    "large": np.full(8, 0.0, dtype=np.float32),
    "words": np.array([5.0], dtype=np.float32),
}
FOUND = Found((SMALL, LARGE, WORDS), FIGURES, Points(strong=2.0, weak=0.5), Points(strong=9.0, weak=4.0))


def test_a_family_weighs_as_much_as_another() -> None:
    assert FOUND.mean(("random-char",)) == (0.25, 0.5)  # a half and both of the small one, none of the large one
    assert FOUND.mean(("random-char",), 8) == (0.5, 0.5)
    assert FOUND.mean(("dictionary",)) == (0.0, 1.0)  # by the thresholds of the other head
    assert np.isnan(FOUND.mean(("pronounceable",))[0])


def test_a_name_that_is_not_scored_is_not_found() -> None:
    assert Points(2.0, 0.5).reached(np.array([-np.inf, 3.0], dtype=np.float32)) == (0.5, 0.5)


def test_a_threshold_is_what_a_share_reaches() -> None:
    assert quantile(np.arange(101, dtype=np.float32), 0.01) == 99


def test_thresholds_are_read_on_names_they_were_not_set_on() -> None:
    labels = [f"label{number}" for number in range(4000)]
    assert {fold_of(label) for label in labels} == set(range(FOLDS))
    figures = np.random.default_rng(1).standard_normal(len(labels)).astype(np.float32)
    assert read_elsewhere(labels, figures, 0.1) == pytest.approx(0.1, abs=0.02)
