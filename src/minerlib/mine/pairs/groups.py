"""Pairs in concert as groups, and in each group who comes first."""

from typing import Any

import numpy as np
import polars as pl


def groups(pairs: pl.DataFrame, step: float) -> list[dict[str, Any]]:
    """What hangs together by pairs (`a`, `b`, `lag` in s, `strength`), largest group first.

    Each group has `members`, first come first, `after` (seconds behind the first, to a tenth of `step`, a bucket; by
    least squares over its pairs' lags, so that lags that contradict each other are evened out) and `leader`: the first
    one, or None where it is not ahead of the next by half a bucket, or follows one in a pair.
    """
    names = sorted({*pairs["a"], *pairs["b"]})
    place = {name: at for at, name in enumerate(names)}
    if not names:
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    a, b = (np.array([place[name] for name in pairs[column]]) for column in ("a", "b"))
    count, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(len(names),) * 2), directed=False)
    lag, weight = pairs["lag"].to_numpy(), np.sqrt(np.maximum(pairs["strength"].to_numpy(), 1e-3))
    found: list[dict[str, Any]] = []
    for group in range(count):
        inside, members = label[a] == group, np.flatnonzero(label == group)
        local = {member: at for at, member in enumerate(members)}
        lines = np.zeros((int(inside.sum()), len(members)))
        at = np.arange(len(lines))
        lines[at, [local[member] for member in b[inside]]] = weight[inside]
        lines[at, [local[member] for member in a[inside]]] = -weight[inside]
        behind = np.linalg.lstsq(lines, weight[inside] * lag[inside], rcond=None)[0]
        behind -= behind.min()
        order = np.lexsort(([names[member] for member in members], np.round(behind, 6)))
        after = [round(round(float(behind[place]) / step, 1) * step, 3) for place in order]
        told = [names[members[place]] for place in order]
        ahead = after[1] >= step / 2 and told[0] not in pairs.filter(pl.col("lag") > 0)["b"]
        found.append({"members": told, "after": after, "leader": told[0] if ahead else None})
    return sorted(found, key=lambda each: (-len(each["members"]), each["members"]))


def doubted(groups: list[dict[str, Any]], waves: list[list[list[str]]]) -> list[dict[str, Any]]:
    """The groups without leaders that were not the first in more than half of the group's `waves` (members, first come
    first); each with how often its first member was, `first_in`, of how many `waves`."""
    told: list[dict[str, Any]] = []
    for group, seen in zip(groups, waves, strict=True):
        first = sum(wave[0] == group["members"][0] for wave in seen)
        sure = not seen or 2 * first > len(seen)
        told.append({**group, "leader": group["leader"] if sure else None, "first_in": first, "waves": len(seen)})
    return told
