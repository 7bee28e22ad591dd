"""What is new in each moment of a series: without its day, its memory and its slow drift.

Two series that each have a memory correlate by chance far more often than their number of values says (Yule 1926; two
random walks nearly always do). What each cannot be expected to say from its own past does not: residuals of
autoregressions of independent series have cross-correlations of variance 1/n, independent between lags (Haugh 1976,
doi:10.1080/01621459.1976.10480353).
"""

import math

import numpy as np

from minerlib.event.moment import DAY
from minerlib.mine.pairs.grid import Floats

WEEK = 7 * DAY
DAYS = 4  # of history, before a day is worth taking out
VALUES = 20  # that make one value of the usual day
REAL = 0.5  # correlation of the usual odd day with the usual even day, or there is none
MEMORY = 10  # buckets
LEAP = 5.0  # spreads; what is further off does not make the autoregression
CLIPPED = 3.0  # spreads, beyond which a value counts as so much for the slow drift


def deseasoned(values: Floats, every: int, start: int, period: int = DAY) -> Floats:
    """Each row less its usual day (UTC), or week, where there are four of them: the median over days at each time of
    day of what differs from the mean of the day around, smoothed to 20 values each; where odd days and even days agree
    on it."""
    length = period // every
    days = values.shape[1] // length if length else 0
    if length < 4 or days < DAYS or period % every:
        return values
    shift, half = (start % period) // every, length // 2
    padded = np.full((len(values), -(-(values.shape[1] + shift) // length) * length), np.nan)
    swing = values - moving(values, length | 1)  # or a trend would leap back at midnight
    padded[:, shift + half : shift + values.shape[1] - half] = swing[:, half:-half]
    by_day = padded.reshape(len(values), -1, length)
    wide = -(-VALUES // days) | 1
    usual, odd, even = (_circular(_median(some), wide) for some in (by_day, by_day[:, ::2], by_day[:, 1::2]))
    real = [np.corrcoef(one, other)[0, 1] > REAL if one.std() * other.std() > 0 else False for one, other in
            zip(odd, even, strict=True)]  # fmt: skip
    usual *= np.array(real)[:, None]
    return values - np.take(usual, (np.arange(values.shape[1]) + shift) % length, axis=1)


def innovations(values: Floats, slow: int) -> tuple[Floats, Floats]:
    """Each row less what its own last ten buckets say (an autoregression with a trend) and less the mean of `slow`
    buckets around, as what moves slower is not looked for; and the usual size of that (a standard deviation) around
    each bucket."""
    found = np.full_like(values, np.nan)
    for at, row in enumerate(values):
        found[at] = _residuals(row)
    spread = 1.4826 * np.nanmedian(np.abs(found), axis=1, keepdims=True)
    drift, noise = np.zeros_like(found), np.where(spread > 0, spread, np.inf)
    for _ in range(2):  # what leaps far casts no shadow: first by the row's spread, then by that around it
        held = np.clip(found - drift, -CLIPPED * noise, CLIPPED * noise)
        step = moving(held, slow | 1)
        drift, noise = drift + step, moving(np.abs(held - step), slow | 1) * math.sqrt(math.pi / 2)
    return found - drift, noise


def in_spreads(fresh: Floats, noise: Floats, least: float) -> Floats:
    """What is new in each moment, in spreads around that moment, of which none counts as less than `least` of the mean.

    Where two rows are noisy at the same hours they would else agree by chance more often than their number of values
    says.
    """
    floor = np.maximum(least * np.nanmean(noise, axis=1, keepdims=True), 1e-300)
    return fresh / np.maximum(noise, floor)


def moving(values: Floats, wide: int) -> Floats:
    """The mean of `wide` (odd) buckets around each, of those that hold something."""
    known = np.isfinite(values)
    half = wide // 2
    total = np.cumsum(np.pad(np.where(known, values, 0.0), ((0, 0), (half + 1, half)), mode="constant"), axis=1)
    count = np.cumsum(np.pad(known, ((0, 0), (half + 1, half)), mode="constant"), axis=1)
    some = count[:, wide:] - count[:, :-wide]
    return (total[:, wide:] - total[:, :-wide]) / np.maximum(some, 1)


def scores(values: Floats) -> Floats:
    """Each row as normal scores of its ranks (van der Waerden), of mean 0 and variance 1; nulls are 0, which says
    nothing. No outlier weighs more than that."""
    from scipy.stats import norm, rankdata

    found = np.zeros_like(values)
    for at, row in enumerate(values):
        known = np.isfinite(row)
        if not known.any():
            continue
        score = norm.ppf(rankdata(row[known]) / (known.sum() + 1))
        wide = score.std()
        found[at, known] = (score - score.mean()) / wide if wide > 0 else 0.0
    return found


def _residuals(row: Floats) -> Floats:
    """What an autoregression leaves; null where one of the values before is null.

    Fitted by least squares, and twice more without what it could not explain, or a few leaps would bend it.
    """
    scale = np.nanstd(row)
    order = min(MEMORY, int(np.isfinite(row).sum()) // 20)
    value = (row - np.nanmean(row)) / scale
    past = np.lib.stride_tricks.sliding_window_view(value, order + 1)
    whole = np.isfinite(past).all(axis=1)
    drift = np.linspace(-1, 1, len(past))
    known = np.column_stack([past[:, :order], np.ones(len(past)), drift])
    left = np.full(len(row), np.nan)
    if whole.sum() > 3 * (order + 2):
        known, now = known[whole], past[whole, order]
        fits, rest = np.ones(len(now), dtype=bool), now
        for _ in range(3):
            some = known[fits]
            rest = now - known @ np.linalg.lstsq(some.T @ some, some.T @ now[fits], rcond=None)[0]
            size = np.abs(rest)
            fits = size <= LEAP * 1.4826 * np.median(size)
            if fits.sum() <= 3 * (order + 2):
                break
        left[order:][whole] = rest
    return left


def _circular(days: Floats, wide: int) -> Floats:
    """Usual days, smoothed over so many (odd) buckets, past midnight too; what is not known is 0."""
    half, length = wide // 2, days.shape[1]
    turned = np.take(np.nan_to_num(days), np.arange(-half, length + half) % length, axis=1)
    return moving(turned, wide)[:, half : half + length]


def _median(values: Floats) -> Floats:
    """The median over the second axis of what is known; null where nothing is."""
    ordered = np.sort(values, axis=1)  # nulls last
    count = np.isfinite(values).sum(axis=1, keepdims=True)
    low, high = (
        np.take_along_axis(ordered, np.maximum(at, 0), 1) for at in ((count - 1) // 2, count // 2 - (count == 0))
    )
    return ((low + high) / 2)[:, 0]
