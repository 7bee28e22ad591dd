"""When series leave what is usual for them all at once, and which of them do so at the same times."""

from collections.abc import Sequence

import numpy as np

from minerlib.event.moment import DAY
from minerlib.mine.pairs.grid import Floats
from minerlib.mine.pairs.lagged import Pairs

SPREADS = 5.0  # of what is new in a moment (1.4826 MAD), to be a jump
SHARE = 0.05  # of the buckets that may jump, at most


def jumps(values: Floats, fresh: Floats, within: int) -> Floats:
    """1 (up) or -1 (down) in the bucket where a row leaves its usual level, else 0.

    A jump is more than five spreads that its own past did not say (`fresh`), or any change in a row that mostly stands
    still. It counts where it leads away from the row's median, and where none came in the `within` buckets before.
    """
    found = np.zeros_like(values)
    for at, (row, new) in enumerate(zip(values, fresh, strict=True)):
        known = row[np.isfinite(row)]
        usual = float(np.median(known))
        still = float((known == usual).mean()) > 0.5
        moved = row - usual if still else new
        size = np.abs(np.nan_to_num(moved))
        line = 0.0 if still else SPREADS * 1.4826 * float(np.nanmedian(np.abs(new)))
        line = max(line, float(np.quantile(size, 1 - SHARE)))
        last = -within - 1
        for bucket in np.flatnonzero(size > line).tolist():
            if bucket - last > within and (still or _leaves(row, bucket, usual)):
                found[at, bucket] = np.sign(moved[bucket])
            last = bucket
    return found


def coincident(found: Floats, within: int, every: int, start: int) -> Pairs:
    """For each pair how many jumps of the one lie within `within` buckets of one of the other's.

    By chance that number is Poisson's, of the mean given by how much of the time lies that near to a jump, at that time
    of day on other days above all, so that what both do at three each night is no finding. Of
    both directions the lower count and the higher mean hold. `lag` is the median delay, 0 where fewer than three of
    four agree on who is first; `strength` the share of the jumps of the one that has fewer, signed by whether they go
    the same way; `n` the number that coincide.
    """
    from scipy.special import gammainc

    at = np.abs(found)
    near = _near(at, within)
    chance = _chance(near, every, start)
    hits, mean = near @ at.T, chance @ at.T
    a, b = np.triu_indices(len(found), 1)
    count = np.minimum(hits[a, b], hits[b, a])
    expected = np.maximum(mean[a, b], mean[b, a])
    p = np.where(count > 0, gammainc(np.maximum(count, 1), expected), 1.0)  # P(Poisson(mean) >= count)
    lag, strength = np.zeros(len(a)), np.zeros(len(a))
    places = [np.flatnonzero(row) for row in at]
    for pair in np.flatnonzero(count):
        one, other = places[a[pair]], places[b[pair]]
        nearest = other[np.abs(other[None, :] - one[:, None]).argmin(axis=1)]
        apart = nearest - one
        close = np.abs(apart) <= within
        alike = np.sign((found[a[pair], one] * found[b[pair], nearest])[close].sum()) or 1.0
        ahead = np.sign(apart[close]).sum()
        lag[pair] = np.median(apart[close]) if 2 * abs(ahead) >= close.sum() else 0.0
        strength[pair] = alike * min(1.0, count[pair] / min(len(one), len(other)))
    return Pairs(a, b, lag, strength, p, count.astype(np.int64))


def waves(found: Floats, members: Sequence[int], within: int) -> list[list[tuple[int, int]]]:
    """The times when several of `members` jump, none more than `within` buckets after the one before: for each such
    wave (bucket, row), first come first, each row once."""
    told = sorted((int(bucket), row) for row in members for bucket in np.flatnonzero(found[row]))
    found_waves: list[list[tuple[int, int]]] = []
    last = -within - 1
    for bucket, row in told:
        if bucket - last > within:
            found_waves.append([])
        last = bucket
        if row not in [each for _, each in found_waves[-1]]:
            found_waves[-1].append((bucket, row))
    return [wave for wave in found_waves if len(wave) > 1]


def _leaves(row: Floats, bucket: int, usual: float) -> bool:
    """Whether the three buckets from here are farther from usual than the three before."""
    before, after = row[max(0, bucket - 3) : bucket], row[bucket : bucket + 3]
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    return not len(before) or abs(after.mean() - usual) > abs(before.mean() - usual)


def _near(at: Floats, within: int) -> Floats:
    """1 where a row has a 1 within so many buckets either way."""
    total = np.cumsum(np.pad(at, ((0, 0), (within + 1, within))), axis=1)
    return (total[:, 2 * within + 1 :] - total[:, : -2 * within - 1] > 0).astype(np.float64)


def _chance(near: Floats, every: int, start: int) -> Floats:
    """For each bucket how likely it is near: the share of the other days on which this time of day was, the share of
    all time counted as one day more; that alone where there are fewer than three days."""
    usual = np.repeat(near.mean(axis=1, keepdims=True), near.shape[1], axis=1)
    length = DAY // every
    if DAY % every or near.shape[1] < 3 * length:
        return usual
    phase = (np.arange(near.shape[1]) + start % DAY // every) % length
    total = np.zeros((length, len(near)))
    np.add.at(total, phase, near.T)
    return (total[phase].T - near + usual) / np.bincount(phase, minlength=length)[phase]
