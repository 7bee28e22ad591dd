"""One grid of time for series of different cadence, and what is done to the rows on it before they are compared."""

import math
from typing import Any

import numpy as np
import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import SECOND, words
from minerlib.mine.series import nice

Floats = np.ndarray[Any, np.dtype[np.float64]]

BUCKETS = 50_000  # at most; a longer history is looked at in wider ones
COUNTED = 5_000  # buckets of counts alone, which have no cadence
BRIDGED = 2  # empty buckets in a row that a line is drawn across
FILLED = 0.5  # of its buckets that have to hold something
LEAST = 40  # buckets
WIDEST = 6  # times the slowest pace, to be a multiple of all of them


def step_of(known: pl.DataFrame, every: int | None) -> tuple[int, int, int]:
    """Begin, width and number of the buckets (µs) for series with `first`, `last`, `pace` and `field` ("" for counts).

    As wide as nine of ten series are told often, and a whole number of readings of each: buckets that hold now two
    readings and now three rise and fall together, whatever the readings do. Raises MineError where the time is too
    short for that.
    """
    first, last = known.select(pl.col("first").min(), pl.col("last").max()).row(0)
    if every is None:
        paces = known.filter(pl.col("field") != "")["pace"].drop_nulls()
        every = _whole(paces, (last - first) / BUCKETS) if len(paces) else nice((last - first) / COUNTED)
    begin = first // every * every
    buckets = (last - begin) // every + 1
    if buckets > 4 * BUCKETS:
        raise SettingError(f"every={words(every)} makes {buckets:,} buckets: write a longer one, or take less time.")
    if buckets < LEAST:
        raise MineError(
            f"This history holds {buckets} buckets of {words(every)}; it takes {LEAST} to tell what moves together. "
            f"Take more time, or a shorter every=."
        )
    return begin, every, buckets


def _whole(paces: pl.Series, least: float) -> int:
    """A width that is a multiple of the paces (µs) up to that of nine of ten, as far as there is one not too wide."""
    slow = int(paces.quantile(0.9, "higher") or 0)
    rounded = sorted({_plain(int(pace)) for pace in paces if pace <= slow}, reverse=True)
    every = rounded[0]
    for pace in rounded[1:]:
        both = math.lcm(every, pace)
        every = both if both <= WIDEST * rounded[0] else every
    return every * max(1, math.ceil(least / every))


def _plain(pace: int) -> int:
    """A pace as it was meant: the length a person would write, where it is that near, else whole seconds."""
    meant = nice(pace)
    return meant if abs(meant - pace) <= 0.02 * pace else max(1, round(pace / SECOND)) * SECOND


def tidied(values: Floats, counted: np.ndarray[Any, np.dtype[np.bool_]]) -> Floats:
    """The rows with short holes bridged, counts 0 where nothing was counted, and counters as what they rose by."""
    rows = values.copy()
    rows[counted] = np.nan_to_num(rows[counted])
    for at in np.flatnonzero(~counted):
        rows[at] = _bridged(_risen(rows[at]))
    return rows


def filled(values: Floats) -> Floats:
    """The share of each row's buckets that hold something."""
    return np.isfinite(values).mean(axis=1)


def _risen(row: Floats) -> Floats:
    """A counter's row as what it rose by in each bucket, null where it wrapped or was reset; others as they are.

    A counter is told by whole numbers that rise from most buckets to the next, and fall from one in a hundred at most.
    """
    known = np.flatnonzero(np.isfinite(row))
    some = row[known]
    steps = np.diff(some)
    if len(steps) < LEAST or (some < 0).any() or (some % 1).any():
        return row
    if (steps > 0).mean() < 0.5 or (steps < 0).mean() > 0.01:
        return row
    rose = np.full_like(row, np.nan)
    rose[known[1:]] = np.where(steps < 0, np.nan, steps / np.diff(known))
    return rose


def _bridged(row: Floats) -> Floats:
    """The row with a straight line across holes of at most two buckets."""
    known = np.flatnonzero(np.isfinite(row))
    if not len(known):
        return row
    at = np.arange(len(row))
    after = np.searchsorted(known, at)
    inside = (after > 0) & (after < len(known))
    width = np.where(inside, known[np.minimum(after, len(known) - 1)] - known[np.maximum(after - 1, 0)] - 1, len(row))
    hole = np.isnan(row) & inside & (width <= BRIDGED)
    return np.where(hole, np.interp(at, known, row[known]), row)
