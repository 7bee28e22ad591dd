"""The shape of a distribution: skewness, kurtosis, and how heavy its upper tail is."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

SHARE = 0.05  # of the values, that are the tail
LEAST = 100  # values above the threshold, below which nothing is said of the tail

Numbers = npt.NDArray[np.float64]


class Moments(NamedTuple):
    """Skewness and excess kurtosis (0 for a normal distribution), population's; None where all values are alike."""

    mean: float
    std: float
    skewness: float | None
    kurtosis: float | None


class Tail(NamedTuple):
    """The upper tail as a generalised Pareto distribution beyond `threshold`, where `values` lie.

    `shape` (xi) is above 0 where it is heavy, falling as a power 1/xi of the value; about 0 for exponential and normal
    tails; below 0 where there is an end. `error` is its standard error, were the values independent of each other.
    """

    threshold: float
    values: int
    shape: float
    error: float

    @property
    def heavy(self) -> bool:
        return self.shape > 0.1 and self.shape > 3 * self.error


def moments(counts: pl.DataFrame) -> Moments:
    """Of a tally (`value`, `count`)."""
    value, count = _arrays(counts)
    total = float(count.sum())
    mean = float((value * count).sum() / total)
    apart = value - mean
    variance = float((apart**2 * count).sum() / total)
    if not variance > 0 or math.sqrt(variance) <= 1e-12 * abs(mean):
        return Moments(mean, 0.0, None, None)
    third, fourth = (float((apart**power * count).sum() / total) for power in (3, 4))
    return Moments(
        mean, math.sqrt(variance * total / max(total - 1, 1)), third / variance**1.5, fourth / variance**2 - 3
    )


def tail(counts: pl.DataFrame) -> Tail | None:
    """The upper twentieth of a tally; None where that is fewer than a hundred values, or one value alone.

    By probability-weighted moments of the excesses (Hosking and Wallis 1987): with b0 their mean and b1 the mean of
    excess times the share that exceeds it, xi = 2 - b0/(b0 - 2 b1). Its asymptotic variance is theirs, at xi below 1/2.
    """
    value, count = _arrays(counts)
    total = count.sum()
    above = count[::-1].cumsum()[::-1]
    place = int(np.searchsorted(-above, -SHARE * total, side="left"))
    if place >= len(value) or place == 0:
        return None
    threshold = (value[place - 1] + value[place]) / 2  # half way: values that were rounded lie around what they say
    excess, weight = value[place:] - threshold, count[place:]
    size = float(weight.sum())
    if size < LEAST or len(excess) < 3:
        return None
    beyond = weight[::-1].cumsum()[::-1] - (weight + 1) / 2  # how many exceed each one, in the mean of those alike
    b0 = float((excess * weight).sum() / size)
    b1 = float((excess * weight * beyond).sum() / (size * (size - 1)))
    shape = 2 - b0 / (b0 - 2 * b1)
    xi = min(max(shape, -2.0), 0.45)
    variance = (1 - xi) * (2 - xi) ** 2 * (1 - xi + 2 * xi**2) / ((1 - 2 * xi) * (3 - 2 * xi))
    return Tail(float(threshold), int(size), float(shape), math.sqrt(variance / size))


def _arrays(counts: pl.DataFrame) -> tuple[Numbers, Numbers]:
    return counts["value"].to_numpy(), counts["count"].cast(pl.Float64).to_numpy()
