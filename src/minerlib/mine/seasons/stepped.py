"""Since when a series has had its level, where it stepped to it and stayed there."""

import numpy as np
import polars as pl

from minerlib.event.moment import DAY
from minerlib.mine.courses.changes import changes
from minerlib.mine.courses.swing import steadied

_STEPS = 240  # points that lasting steps are looked for in


def stepped(rows: pl.DataFrame, every: int) -> pl.DataFrame:
    """Since when each instance has had its level, where it stepped to it and stayed there for two days at least."""
    found: dict[int, int] = {}
    for (instance,), some in rows.group_by("instance", maintain_order=True):
        end, y = some["time"].dt.epoch("us").to_numpy(), some["value"].to_numpy()
        span = int(end[-1] - end[0])
        if span < 3 * DAY:
            continue
        parts = (n * every for n in range(1, DAY // every) if DAY % (n * every) == 0)
        wide = next((part for part in parts if span / part <= _STEPS), DAY)
        coarse = pl.DataFrame({"end": -(-end // wide) * wide, "y": y}).group_by("end", maintain_order=True)
        means = coarse.agg(pl.col("y").mean())
        end, steady = means["end"].to_numpy(), steadied(means["end"].to_numpy(), means["y"].to_numpy(), wide)[0]
        ends = [0, *changes((end - end[0]) / DAY, steady), len(end)]
        for before, at, after in zip(ends, ends[1:], ends[2:], strict=False):
            left, right = steady[before:at], steady[at:after]
            room = 3 * max(np.median(np.abs(part - np.median(part))) * 1.4826 for part in (left, right))
            if abs(np.median(right) - np.median(left)) > room and end[-1] - end[at] >= 2 * DAY:
                found[int(instance)] = int(end[at])  # pyright: ignore[reportArgumentType]
    return pl.DataFrame(
        {"instance": list(found), "stepped": list(found.values())}, {"instance": pl.Int64, "stepped": pl.Int64}
    ).with_columns(pl.col("stepped").cast(pl.Datetime("us", "UTC")))
