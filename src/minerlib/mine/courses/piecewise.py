"""What a straight line leaves over of any stretch of a series."""

from typing import Any

import numpy as np
from ruptures.base import BaseCost


class Lines(BaseCost):
    """The squares that a straight line in x leaves, of any stretch at the same cost, for ruptures.

    The first value of a stretch is left out, but for the first stretch of all: where the series was made of
    differences, it holds a step and nothing of the line behind it.
    """

    min_size = 4
    model: Any = "lines"  # pyright: ignore[reportIncompatibleMethodOverride]

    def __init__(self, x: Any) -> None:
        self.x = (x - x.mean()) / (x.std() or 1.0)

    def fit(self, signal: Any) -> "Lines":  # pyright: ignore[reportIncompatibleMethodOverride]
        """Running sums of what is asked for later."""
        y = (signal - np.mean(signal)).ravel()
        sums = np.cumsum([np.ones_like(y), self.x, self.x**2, y, self.x * y, y**2], axis=1)
        self.sums = np.hstack([np.zeros((6, 1)), sums]).T.tolist()
        self.signal = signal
        return self

    def error(self, start: int, end: int) -> float:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Of the stretch [start, end)."""
        low = self.sums[start + 1 if start else 0]
        n, x, xx, y, xy, yy = (b - a for a, b in zip(low, self.sums[end], strict=True))
        across, along = xx - x * x / n, xy - x * y / n
        return max(0.0, yy - y * y / n - (along * along / across if across > 0 else 0.0))
