"""Which buckets of time hold far more than is usual for their source at that hour."""

from typing import Any

import numpy as np
import polars as pl

from minerlib.event.moment import DAY, HOUR, SECOND

SPANS = (60, 300, 600, 900, 1800, 3600)  # seconds, of a bucket
_WEAK = 1e-3  # what a burst goes on with, once it has a bucket beyond chance
_ROUNDS = 6
_SHRINK = 20.0  # events that pull an hour of the day towards the average hour


def bucket(events: float, sources: int, span: int) -> int:
    """How long a bucket is, µs: such that a source has an event in each on average, and there are fifty of them."""
    rate = events / max(sources, 1) / max(span, 1)
    width = next((s * SECOND for s in SPANS if rate * s * SECOND >= 1), SPANS[-1] * SECOND)
    while width > SECOND and span / width < 50:
        width = max(width // 5, SECOND)
    return width


def unusual(counts: pl.DataFrame, first: int, last: int, over: int, chance: float) -> pl.DataFrame:
    """`counts` (`instance`, `bucket`, `x`; empty buckets left out) with `expected`, `strong` and `weak`.

    What is expected is the source's mean times the hour's of the day, over all sources (from three days on). Counts
    that scatter more than Poisson's are negative binomial, with their variance over mean (Pearson's), so that a busy
    source's noise is no burst. Buckets that are unlikely are left out and all is estimated again, six times. `strong`
    is less likely than `chance` over the number of all buckets of all sources, so that `chance` is how many false
    bursts are to be expected in the whole history.
    """
    from scipy.stats import nbinom

    rows = counts.sort("instance", "bucket")
    who, when = rows["instance"].to_numpy(), rows["bucket"].to_numpy()
    x = rows["x"].to_numpy().astype(float)
    many, buckets = int(who.max()) + 1, last - first + 1
    hours = max(1, min(24, DAY // max(over, HOUR)))
    seasonal = hours > 1 and buckets * over >= 3 * DAY

    def hour(at: Any) -> Any:
        return (at * over % DAY) * hours // DAY

    each = np.bincount(hour(np.arange(first, last + 1)), minlength=hours).astype(float)
    at = hour(when)
    middle = pl.col("x").median().over("instance")
    tenth = pl.col("x").rank("ordinal", descending=True).over("instance") <= 0.1 * buckets
    highest = rows.select(pl.col("x").filter(~tenth).max().over("instance").fill_null(0).alias("most")).to_series()
    left = rows.select(pl.col("x") > pl.max_horizontal(pl.lit(highest), middle + 3)).to_series().to_numpy()
    # Begun without the highest tenth, so that what is usual is not learnt from bursts; what is likely comes back.
    season = np.ones(hours)
    mean = scatter = np.ones(many)
    tail = np.ones_like(x)
    for _ in range(_ROUNDS):
        kept = ~left
        for _ in range(3 if seasonal else 1):
            weight = (season * each).sum() - np.bincount(who[left], season[at[left]], many)
            mean = (np.bincount(who[kept], x[kept], many) + 0.5) / np.maximum(weight, 0.5)
            if seasonal:
                there = mean.sum() * each - np.bincount(at[left], mean[who[left]], hours)
                season = (np.bincount(at[kept], x[kept], hours) + _SHRINK) / (there + _SHRINK)
        mu = mean[who] * season[at]
        empty = mean * ((season * each).sum() - np.bincount(who[left], season[at[left]], many))
        pearson = np.bincount(who[kept], ((x - mu) ** 2 / mu - mu)[kept], many) + empty
        scatter = np.maximum(pearson / np.maximum(buckets - np.bincount(who[left], minlength=many), 1), 1.001)
        spread = scatter[who]
        far = x > mu + 2 * np.sqrt(mu * spread)  # nearer than that nothing is unlikely
        tail = np.ones_like(x)
        tail[far] = nbinom.sf(np.ceil(x[far]) - 1, mu[far] / (spread[far] - 1), 1 / spread[far])
        again = tail < 1e-4
        if (again == left).all():
            break
        left = again
    above = x > mean[who] * season[at]
    return rows.with_columns(
        pl.Series("expected", mean[who] * season[at]),
        pl.Series("strong", above & (tail < chance / (many * buckets))),
        pl.Series("weak", above & (tail < _WEAK)),
    )
