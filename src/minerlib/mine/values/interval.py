"""How sure a percentile is: order statistics, with no more observations than are independent of each other.

Neighbouring values of a series are alike, so a day of them tells less than as many thrown dice. The time is cut into
blocks; from how much the share above a threshold varies between them follows how many independent values would vary
as much (batch means). Only then is the interval that of order statistics, whatever the distribution.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from minerlib.mine.values.tally import at_rank

BLOCKS = 32  # of equal time, over the whole history
LEAST = 8  # blocks with values, below which each value counts as if independent

Numbers = npt.NDArray[np.float64]


def effective(count: Numbers, above: Numbers) -> float:
    """How many independent values tell the share above a threshold as well as these do.

    `count` and `above` are, block by block, how many values there were and how many lay above. With p their share, the
    variance of p is B/(B-1) sum (above - p count)^2 / n^2 (a ratio estimated from B clusters), and that of n
    independent values p (1 - p)/n. Never more than there are.
    """
    count, above = count[count > 0], above[count > 0]
    blocks, total = len(count), float(count.sum())
    share = float(above.sum()) / total if total else 0.0
    spread = float(((above - share * count) ** 2).sum())
    if blocks < LEAST or not 0 < share < 1 or not spread:
        return total
    variance = blocks / (blocks - 1) * spread / total**2
    return min(total, max(1.0, share * (1 - share) / variance))


def ranks(size: int, share: float, confidence: float) -> tuple[int | None, int | None]:
    """The ranks (from 1) of the order statistics between which a quantile lies with this confidence.

    Binomial, distribution-free (David and Nagaraja 2003, 7.1): None where not even the least, or the greatest, of so
    many values is outside it surely enough.

    >>> ranks(100, 0.5, 0.95), ranks(100, 0.99, 0.95)
    ((40, 61), (97, None))
    """
    miss = (1 - confidence) / 2
    low, high = _quantile(miss, size, share), _quantile(1 - miss, size, share) + 1
    return (low if low >= 1 else None), (high if high <= size else None)


def interval(counts: pl.DataFrame, share: float, size: float, confidence: float) -> tuple[float | None, float | None]:
    """The interval of a quantile of a tally (`value`, `count`, sorted), of whose values `size` are independent.

    The ranks among `size` values are taken to the same shares of the tally. None where the history does not say.
    """
    total = int(counts["count"].sum())
    many = max(1, round(size))
    bounds = ranks(many, share, confidence)
    low, high = (None if rank is None else at_rank(counts, _scaled(rank, many, total)) for rank in bounds)
    return low, high


def _scaled(rank: int, many: int, total: int) -> int:
    return rank if many == total else min(total, max(1, round(rank / many * total)))


def columns(shares: Sequence[float]) -> list[str]:
    """What percentiles are called in a frame: 0.95 is `p95`, 0.999 is `p99.9`."""
    return [f"p{round(100 * share, 6):g}" for share in shares]


def _quantile(q: float, size: int, share: float) -> int:
    """The least number that a binomial variable does not exceed with probability q."""
    from scipy.special import bdtr, bdtrik  # a tenth of the time that scipy.stats takes

    if float(bdtr(0, size, share)) >= q:
        return 0
    least = math.ceil(float(bdtrik(q, size, share)))
    return least - 1 if least and float(bdtr(least - 1, size, share)) >= q else least
