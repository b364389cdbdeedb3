"""How many ordinary names hold a run: counted for training, packed for the shipped model (core/usual.py)."""

from collections.abc import Collection
from functools import cache

import numpy as np

from firstsight.core import usual
from firstsight.core.traits import bounded, hashes
from firstsight.core.usual import USUAL_RUNS, Held
from namelab.linear import Ints

_LEVELS = [usual.level(names) for names in range(1 << 8)]  # the last ones are all the highest


class Census:
    """Counts runs.

    Args:
        labels: ordinary labels, each once.
    """

    def __init__(self, labels: Collection[str]) -> None:
        self._labels = frozenset(labels)
        held = zip(*map(_counters, labels), strict=True)
        counted = [
            np.bincount(np.concatenate(runs), minlength=many) for (_, many), runs in zip(USUAL_RUNS, held, strict=True)
        ]
        self._counted = [np.minimum(counts, len(_LEVELS) - 1).tolist() for counts in counted]

    def held(self, label: str) -> list[Held]:
        """How usual a label's runs are; one that was counted itself is told as if it had not been."""
        own = 1 if label in self._labels else 0
        return [
            Held.of([_LEVELS[counts[run] - own] for run in runs])
            for counts, runs in zip(self._counted, _counters(label), strict=True)
        ]

    def packed(self) -> bytes:
        """The counters as the shipped model holds them."""
        levels = np.concatenate([np.array([_LEVELS[names] for names in counts], np.uint8) for counts in self._counted])
        return bytes(levels[::2] << 4 | levels[1::2])


@cache
def _counters(label: str) -> tuple[Ints, ...]:
    text = bounded(label)
    return tuple(np.array(runs, dtype=np.int32) for runs in usual.counters(text, hashes(text)))
