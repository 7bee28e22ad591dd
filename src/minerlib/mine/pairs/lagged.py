"""Which pairs of series move together, and at which lag: all pairs and all lags as products of two matrices."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from minerlib.mine.pairs.grid import Floats
from minerlib.mine.progress import Progress, told

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Pairs:
    """One test a pair: `a`, `b` (rows), `lag` (buckets by which b follows a, of either sign), `strength` (-1 to 1), `p`
    (for the whole pair, the lags tried counted), `n` (values, or coincidences)."""

    a: Ints
    b: Ints
    lag: Floats
    strength: Floats
    p: Floats
    n: Ints


def lagged(scores: Floats, most: int, progress: Progress = None) -> Pairs:
    """The lag within `most` buckets either way at which each pair correlates most, and how likely that is by chance.

    `scores` are series × buckets of mean 0 and variance 1, nulls as 0. The correlation's z is Fisher's, at the
    effective number of values of Bartlett (1946), n / (1 + 2 sum r_a(k) r_b(k)), never more than n: that is for the
    memory which is left. For the best of 2 `most` + 1 lags Šidák's correction holds, as they are about independent.
    """
    from scipy.stats import norm

    many, length = scores.shape
    known = (scores != 0).astype(np.float64)
    whole = bool((known.mean(axis=1) > 0.999).all())
    factor = _memory(scores, most)
    best = np.full((many, many), -1.0)
    lag, strength, count = np.zeros((many, many)), np.zeros((many, many)), np.full((many, many), float(length))
    with told(progress, most + 1) as tell:
        for k in range(most + 1):
            product = scores[:, : length - k] @ scores[:, k:].T
            shared = np.full((many, many), float(length - k)) if whole else known[:, : length - k] @ known[:, k:].T
            r = np.clip(product / np.maximum(shared, 1.0), -1, 1)
            z = np.abs(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))) * np.sqrt(np.maximum(shared / factor - 3, 0))
            better = z > best
            best[better], lag[better], strength[better], count[better] = z[better], k, r[better], shared[better]
            tell(k + 1)
    a, b = np.triu_indices(many, 1)
    turned = best[b, a] > best[a, b]  # then a follows b
    first, second = np.where(turned, b, a), np.where(turned, a, b)
    one = 2 * norm.sf(best[first, second])
    p = -np.expm1((2 * most + 1) * np.log1p(-np.minimum(one, 1 - 1e-16)))
    signed = np.where(turned, -lag[first, second], lag[first, second])
    return Pairs(a, b, signed, strength[first, second], p, count[first, second].astype(np.int64))


def _memory(scores: Floats, most: int) -> Floats:
    """Bartlett's factor for each pair: 1 + 2 sum over k of r_a(k) r_b(k), at least 1."""
    length = scores.shape[1]
    lags = range(1, min(most, length // 4) + 1)
    own = np.array([(scores[:, : length - k] * scores[:, k:]).sum(axis=1) / length for k in lags])
    return np.maximum(1.0, 1 + 2 * own.T @ own)
