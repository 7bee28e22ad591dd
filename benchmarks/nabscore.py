"""NAB's own scoring (Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms, 2015), in its own terms."""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Weights(NamedTuple):
    """What a caught window, a false detection and a missed window are worth."""

    tp: float
    fp: float
    fn: float


PROFILES = {"standard": Weights(1, 0.11, 1), "low-FP": Weights(1, 0.22, 1), "low-FN": Weights(1, 0.11, 2)}


@dataclass(frozen=True)
class Series:
    """One file: its name (`category/file.csv`), its rows, and its labelled windows past the probation, as (first, last)
    row."""

    name: str
    times: list[str]
    values: list[float]
    windows: list[tuple[int, int]]

    @property
    def category(self) -> str:
        return self.name.split("/")[0]

    @property
    def probation(self) -> int:
        """How many rows come first that are not scored."""
        return probation(len(self.values))


def probation(rows: int) -> int:
    return min(math.floor(0.15 * rows), 750)


def read(folder: Path) -> list[Series]:
    """All series of a NAB folder: as in its repository, or `data/` beside `combined_windows.json`."""
    labels = next(
        path for path in (folder / "combined_windows.json", folder / "labels/combined_windows.json") if path.exists()
    )
    windows = json.loads(labels.read_text())
    found = []
    for path in sorted(folder.glob("data/*/*.csv")):
        name = f"{path.parent.name}/{path.name}"
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        times = [row["timestamp"] for row in rows]
        spans = []
        for begin, end in windows.get(name, []):
            inside = [n for n, time in enumerate(times) if begin[:19] <= time <= end[:19]]
            if inside and inside[0] >= probation(len(rows)):
                spans.append((inside[0], inside[-1]))
        found.append(Series(name, times, [float(row["value"]) for row in rows], spans))
    return found


def sigmoid(y: float) -> float:
    return -1.0 if y > 3 else 2 / (1 + math.exp(5 * y)) - 1


def costs(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """For each row the window it is in (-1: none), and what a detection there is worth: in (0, 1] within a window, a
    share of the false positive's weight in [-1, 0] outside."""
    count = len(series.values)
    place, worth = np.full(count, -1), np.full(count, -1.0)
    last = None
    for number, (first, right) in enumerate(series.windows):
        if last is not None:
            worth[last[1] + 1 : first] = [_behind(row, last) for row in range(last[1] + 1, first)]
        width = right - first + 1
        place[first : right + 1] = number
        worth[first : right + 1] = [
            sigmoid(-(right - row + 1) / width) / sigmoid(-1) for row in range(first, right + 1)
        ]
        last = (first, right)
    if last is not None:
        worth[last[1] + 1 :] = [_behind(row, last) for row in range(last[1] + 1, count)]
    return place, worth


def _behind(row: int, window: tuple[int, int]) -> float:
    width = window[1] - window[0] + 1
    return sigmoid((row - window[1]) / max(1, width - 1))


def raw(series: Series, detected: Iterable[int], weights: Weights) -> float:
    """The sum of one file, given the rows detected."""
    place, worth = costs(series)
    best: dict[int, float] = {}
    total = 0.0
    for row in detected:
        if row < series.probation:
            continue
        if place[row] < 0:
            total += weights.fp * worth[row]
        else:
            best[int(place[row])] = max(best.get(int(place[row]), 0.0), float(worth[row]))
    return total + weights.tp * sum(best.values()) - weights.fn * (len(series.windows) - len(best))


def score(series: Sequence[Series], detected: Mapping[str, Iterable[int]], profile: str = "standard") -> float:
    """NAB's score of detections (rows by file name): 100 is perfect, 0 is a detector that says nothing."""
    weights = PROFILES[profile]
    windows = sum(len(each.windows) for each in series)
    null = -weights.fn * windows
    total = sum(raw(each, detected.get(each.name, ()), weights) for each in series)
    return 100 * (total - null) / (windows * weights.tp - null)


def optimised(
    series: Sequence[Series], scores: Mapping[str, Sequence[float]], profile: str = "standard"
) -> tuple[float, float]:
    """The best score that one threshold for all files gives, and that threshold: what NAB publishes."""
    weights = PROFILES[profile]
    rows: list[tuple[float, int, int, float]] = []  # score, file, window (-1 none), worth
    for number, each in enumerate(series):
        place, worth = costs(each)
        for row in range(each.probation, len(each.values)):
            rows.append((float(scores[each.name][row]), number, int(place[row]), float(worth[row])))
    rows.sort(key=lambda row: -row[0])
    windows = sum(len(each.windows) for each in series)
    null = total = -weights.fn * windows
    best, threshold = total, math.inf
    caught: dict[tuple[int, int], float] = {}
    for at, (level, number, window, worth) in enumerate(rows):
        if window < 0:
            total += weights.fp * worth
        else:
            had = caught.get((number, window))
            if had is None:
                total += weights.fn + weights.tp * worth
                caught[number, window] = worth
            elif worth > had:
                total += weights.tp * (worth - had)
                caught[number, window] = worth
        if (at + 1 == len(rows) or rows[at + 1][0] < level) and total > best:
            best, threshold = total, level
    return 100 * (best - null) / (windows * weights.tp - null), threshold
