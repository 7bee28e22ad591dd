"""How long each instance usually keeps quiet: the frame of Gaps."""

import polars as pl

from minerlib.event.moment import SECOND
from minerlib.mine.silence.steps import quantile


def learned(runs: pl.DataFrame, said: pl.DataFrame, names: list[str], clock: int) -> pl.DataFrame:
    """What is usual for each instance, a row each; lengths in seconds."""
    frame = runs.rename({"begin": "first", "end": "last"})
    for share, name in ((0.5, "usual"), (0.99, "high")):
        step = quantile(said, names, share).rename({"step": name})
        frame = frame.join(step, names, how="left", maintain_order="left") if names else frame.join(step, how="cross")
    limit = pl.max_horizontal(3 * pl.col("usual"), 2 * pl.col("high"))
    return (
        frame.with_columns(limit.alias("limit"), silent=clock - pl.col("last"), end=pl.lit(clock))
        .with_columns(pl.col("usual", "high", "limit", "silent") / SECOND)
        .with_columns((pl.col("silent") > pl.col("limit")).fill_null(False).alias("silent_now"))
        .pipe(_counted, said, names)
        .sort("silent_now", "longest", *names, descending=[True, True, *(False for _ in names)], nulls_last=True)
    )


def _counted(frame: pl.DataFrame, said: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """How many silences were unusual, and how long the longest was."""
    length = (pl.col("end") - pl.col("begin")) / SECOND
    limits = frame.select(*names, "limit")
    long = said.drop_nulls("begin")
    long = long.join(limits, names) if names else long.join(limits, how="cross")
    group = long.group_by(names) if names else long.group_by(pl.lit(0).alias("all"))
    found = group.agg((length > pl.col("limit")).sum().alias("unusual"), length.max().alias("longest"))
    found = found.select(*names, "unusual", "longest")
    frame = frame.join(found, names, how="left", maintain_order="left") if names else frame.join(found, how="cross")
    return frame.with_columns(pl.col("unusual").fill_null(0))
