"""A robust straight line through values that remember the ones before."""

from typing import Any, NamedTuple

import numpy as np

MOST = 0.98  # of a correlation from one value to the next: above, nothing is left to tell a trend by
_PAIRS = 600  # points at most: every pair of them has a slope


class Line(NamedTuple):
    """`slope` a unit of x with its interval `low` to `high`, and `level` at `at`, give or take `give`.

    `phi` is how much of a residual is left in the next one; `effective` how many independent points all are worth.
    """

    slope: float
    low: float
    high: float
    at: float
    level: float
    give: float
    phi: float
    effective: float

    def value(self, x: float) -> float:
        return self.level + self.slope * (x - self.at)


def line(x: Any, y: Any, confidence: float = 0.95) -> Line:
    """The line of Theil (1950) and Sen (1968): the median of the slopes of all pairs, through the medians.

    Up to 29 % of the points may be anything. The interval is Sen's, by Kendall's tau, which takes residuals to be
    independent; it is widened by sqrt((1 + phi) / (1 - phi)), as residuals correlated from one to the next by phi are
    worth n (1 - phi) / (1 + phi) independent ones (Bayley and Hammersley 1946). phi is the residuals' own correlation,
    what fitting a line takes from it put back, by (2 + 4 phi) / n (Marriott and Pope 1954). That assumes points evenly
    spaced, noise like an AR(1), and one straight line all along. Wants three points; fewer give an unbounded interval.
    """
    from scipy import stats

    x, y = np.asarray(x, float), np.asarray(y, float)
    keep = slice(None, None, -(-len(x) // _PAIRS))
    x, y = x[keep], y[keep]
    if len(x) < 2:
        return Line(0.0, -np.inf, np.inf, float(x[0]), float(y[0]), np.inf, 0.0, float(len(x)))
    told: Any = stats.theilslopes(y, x, confidence)
    slope, low, high = float(told[0]), float(told[2]), float(told[3])
    at = float(np.median(x))
    level = float(np.median(y - slope * (x - at)))
    off = y - level - slope * (x - at)
    phi = correlation(off)
    phi = min(MOST, max(0.0, phi + (2 + 4 * phi) / len(x)))
    if len(x) < 3 or not np.isfinite([low, high]).all():
        low, high = -np.inf, np.inf
    wider = ((1 + phi) / (1 - phi)) ** 0.5
    low, high = slope - wider * (slope - low), slope + wider * (high - slope)
    quantile = float(stats.norm.ppf((1 + confidence) / 2))
    give = (
        quantile * 1.2533 * float(np.std(off)) * wider / len(x) ** 0.5
    )  # a median's error is sqrt(pi / 2) of a mean's
    return Line(slope, low, high, at, level, give, phi, len(x) * (1 - phi) / (1 + phi))


def correlation(off: Any) -> float:
    """From one residual to the next, about a mean of 0; 0 where there is nothing left."""
    squares = float(np.dot(off, off))
    return float(np.dot(off[1:], off[:-1])) / squares if squares > 0 else 0.0
