"""The usual detectors of a value that is not usual: each gives a score a row, the higher the stranger.

All learn on the first `split` rows; a row's score is made of what came before it, and of itself.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Detector = Callable[[list[datetime], Numbers, int], Numbers | None]


def mean_sigma(times: list[datetime], values: Numbers, split: int) -> Numbers:
    """How many standard deviations from the mean of the past; three of them is the textbook's line."""
    return np.abs(values - values[:split].mean()) / spread(values[:split])


def rolling_z(times: list[datetime], values: Numbers, split: int) -> Numbers:
    """The same from the mean and deviation of the day before the row."""
    day = max(12, round(86_400 / step(times)))
    total, square = (np.cumsum(np.concatenate([[0.0], each])) for each in (values, values**2))
    last = np.arange(len(values))
    first = np.maximum(0, last - day)
    count = np.maximum(last - first, 1)
    mean = (total[last] - total[first]) / count
    deviation = np.sqrt(np.maximum((square[last] - square[first]) / count - mean**2, 0))
    score = np.abs(values - mean) / np.maximum(deviation, 0.01 * spread(values[:split]))
    score[: day // 4] = 0.0
    return score


def seasonal_z(times: list[datetime], values: Numbers, split: int) -> Numbers:
    """From the median of this hour of the week (of the day, where that has under twelve values), in its 1.4826 MAD."""
    weekly = split >= 12 * 168 and (times[split - 1] - times[0]).total_seconds() >= 14 * 86_400
    slot = np.array([time.hour + 24 * time.weekday() * weekly for time in times])
    whole = spread(values[:split])
    centre, wide = np.full(168, np.median(values[:split])), np.full(168, whole)
    for each in np.unique(slot[:split]):
        own = values[:split][slot[:split] == each]
        centre[each] = np.median(own)
        wide[each] = max(1.4826 * np.median(np.abs(own - centre[each])), 0.1 * whole)
    return np.abs(values - centre[slot]) / wide[slot]


def half_space_trees(times: list[datetime], values: Numbers, split: int) -> Numbers | None:
    """river's HalfSpaceTrees behind its MinMaxScaler, as its documentation has them; None where river is not installed.

    It goes on learning, as it is meant to: each row is scored, then learnt.
    """
    try:
        from river import anomaly, compose, preprocessing
    except ImportError:
        return None
    model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=42))
    found = np.zeros(len(values))
    for row, value in enumerate(values.tolist()):
        found[row] = model.score_one({"value": value})
        model.learn_one({"value": value})
    return found


DETECTORS: dict[str, Detector] = {
    "mean and deviation": mean_sigma,
    "rolling z": rolling_z,
    "seasonal z": seasonal_z,
    "river HalfSpaceTrees": half_space_trees,
}


def step(times: list[datetime]) -> float:
    """The usual time between two rows, in seconds."""
    return float(np.median([(b - a).total_seconds() for a, b in pairwise(times)]))


def spread(values: Numbers) -> float:
    return float(values.std()) or 1.0


def episodes(score: Numbers, line: float) -> list[int]:
    """The rows at which the score rises above the line: an alert once an episode, armed again when it is below."""
    over = score > line
    return np.flatnonzero(over & ~np.concatenate([[False], over[:-1]])).tolist()


def line(score: Numbers, allowed: int) -> float:
    """The lowest line down to which none gave more alerts than are allowed on these rows."""
    best = float(score.max())
    for at in np.unique(score)[::-1].tolist():
        if len(episodes(score, at)) > allowed:
            break
        best = at
    return best
