"""Adam (Kingma and Ba, 2015): where to step next, by what the gradients have been."""

import numpy as np
import numpy.typing as npt

_MEAN, _SQUARE = 0.9, 0.999
_TINY = 1e-9


class Adam:
    """Remembers the gradients of one array of weights.

    Args:
        shape: of the weights.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._mean = np.zeros(shape, dtype=np.float32)
        self._square = np.zeros(shape, dtype=np.float32)
        self._steps = 0

    def step(self, gradient: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """What to take off the weights, for a rate of 1: it has the size of the weights."""
        self._steps += 1
        self._mean += (1 - _MEAN) * (gradient - self._mean)
        self._square += (1 - _SQUARE) * (gradient * gradient - self._square)
        mean = self._mean / (1 - _MEAN**self._steps)
        square = self._square / (1 - _SQUARE**self._steps)
        step: npt.NDArray[np.float32] = mean / (np.sqrt(square) + _TINY)
        return step
