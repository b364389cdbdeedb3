"""How good figures are: thresholds set on ordinary names, and what they find and flag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namelab.corpus import FOLDS, Family, fold_of
from namelab.training import WORD_MADE, head_of

Figures = npt.NDArray[np.float32]
"""One head's figures of labels; -inf where a name is not scored."""

RANDOM_AND_HASH = ("random-char", "hash/hex/base")
LENGTHS = ((1, 5), (6, 7), (8, 9), (10, 11), (12, 13), (14, 63))


@dataclass(frozen=True, slots=True)
class Points:
    """Two thresholds of one head: the strong one and the weak one."""

    strong: float
    weak: float

    def reached(self, figures: Figures) -> tuple[float, float]:
        """Shares that reach them; nan where there is nothing."""
        if not len(figures):
            return float("nan"), float("nan")
        return float((figures >= self.strong).mean()), float((figures >= self.weak).mean())


def quantile(figures: Figures, share: float) -> float:
    """The figure that a share of names reaches."""
    return float(np.quantile(figures, 1 - share))


@dataclass(frozen=True, slots=True)
class Found:
    """What one method finds of each family.

    Attributes:
        families: the families.
        figures: family → its labels' figures, of the head that it belongs to.
        random: thresholds A and B.
        words: thresholds of the other head; None where the method has none.
    """

    families: Sequence[Family]
    figures: Mapping[str, Figures]
    random: Points
    words: Points | None = None

    def of(self, family: Family, shortest: int = 1, longest: int = 63) -> tuple[float, float]:
        """Shares found of a family's labels of some lengths; nan where it has none."""
        points = self.words if head_of(family.kind) == WORD_MADE else self.random
        if points is None:
            return float("nan"), float("nan")
        wanted = np.array([shortest <= len(label) <= longest for label in family.labels])
        return points.reached(self.figures[family.name][wanted])

    def mean(self, kinds: Sequence[str], shortest: int = 1, longest: int = 63) -> tuple[float, float]:
        """The mean over families of some kinds, each weighing the same."""
        rows = [self.of(family, shortest, longest) for family in self.families if family.kind in kinds]
        rows = [row for row in rows if not np.isnan(row[0])]
        strong, weak = np.mean(rows, axis=0) if rows else (np.nan, np.nan)
        return float(strong), float(weak)


def read_elsewhere(labels: Sequence[str], figures: Figures, share: float) -> float:
    """The share that a threshold, set on four fifths of the names, gives on the last fifth; the mean of all five."""
    folds = np.array([fold_of(label) for label in labels])
    return float(
        np.mean([(figures[folds == fold] >= quantile(figures[folds != fold], share)).mean() for fold in range(FOLDS)])
    )


def figures_of(labels: Sequence[str], score: Callable[[str], float]) -> Figures:
    """Figures by a function of one label; -inf where a name is not scored."""
    return np.array([score(label) if label else -np.inf for label in labels], dtype=np.float32)
