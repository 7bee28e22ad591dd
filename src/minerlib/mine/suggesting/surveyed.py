"""What a look at the beginning of a field's history tells: how often it is told, and what kind of field it is."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from minerlib.errors import MineError
from minerlib.event.moment import SECOND, words
from minerlib.mine.given import Given, within
from minerlib.mine.series import cadence, nice
from minerlib.mine.suggesting.choose import limits, roundest
from minerlib.mine.suggesting.constants import CELLS, CUTS, EXCEEDS, SAMPLE, SLOW, TEXTS
from minerlib.mine.suggesting.tries import Context

Prepare = Callable[[pl.LazyFrame], pl.LazyFrame]


def surveyed(rows: Given, prepared: Prepare, context: Context, what: str) -> tuple[Context, int, int]:
    """What a look at the beginning tells: the kind of field, the pane, and about how many instances there are."""
    time = pl.col("time")
    if rows.dask is None:
        count, first, last = rows.rows.select(pl.len(), time.min(), time.max().alias("last")).collect().row(0)
        head = rows.rows
        if count > SAMPLE:
            head = head.filter(time <= first + (last - first) * (SAMPLE / count))
        sample = prepared(head).filter(~pl.col("late")).drop_nulls("value").collect()
        if not sample.height and count > SAMPLE:
            sample = prepared(rows.rows).filter(~pl.col("late")).drop_nulls("value").head(SAMPLE).collect()
    else:
        sample, count, first, last = _dask_sample(rows, prepared)
    if not sample.height:
        raise MineError(f"No rule can be suggested: {what} holds no {'value' if context.texts else 'number'} in this "
                        "history.")  # fmt: skip
    if sample.height == 1 and count <= SAMPLE:
        raise MineError(f"No rule can be suggested: {what} was told once; let it collect for a while.")
    keys = ["scope", "epoch", *(f"by.{name}" for name in context.by)]
    sample = sample.sort([*keys, "time"]).with_columns(pl.struct(keys).rle_id().cast(pl.Int64).alias("instance"))
    instances = sample["instance"].n_unique()
    if context.texts and instances > TEXTS * max(1, sample.select(keys[:-1]).n_unique()):
        raise MineError(f"No rule can be suggested: {what} holds {instances:,} different texts; counted by value they "
                        "are names, not states. Name what one instance is with by=, and another field.")  # fmt: skip
    step = cadence(sample, 0.5 if context.texts else SLOW)  # what happens now and then has no slower tenth
    pane = context.every or nice(step)
    if context.over is not None:
        pane = math.gcd(context.over, min(pane, context.over) if context.every is None else pane)
    span = (last - first) / timedelta(microseconds=1) if count else 0.0
    while context.every is None and context.over is None and instances * span / pane > CELLS:
        pane = nice(pane * 1.1)
    if span < (context.over or 3 * pane) + (context.wait or 0):
        raise MineError(
            f"No rule can be suggested: {context.field} of {context.kind} was told for "
            f"{words(int(span) // SECOND * SECOND)}, and a window of {words(context.over or 3 * pane)}"
            f"{f' held for {words(context.wait)}' if context.wait else ''} takes longer; let it collect for a while."
        )
    within(context.field, number_of(sample["value"].min()), number_of(sample["value"].max()))
    rises = not context.texts and _rises(sample, context.field)
    early = sample.filter(
        pl.col("time") <= number_of(sample["time"].min()) + CUTS[0] * span
    )  # what is measured is not looked at
    return replace(context, rises=rises, bars=_bars(early, context)), pane, instances


def _dask_sample(rows: Given, prepared: Prepare) -> tuple[pl.DataFrame, int, Any, Any]:
    """The same of a Dask frame: its partitions' sizes, and the rows of the first."""
    time = pl.col("time")
    sizes = rows.merged(lambda part: part.select(pl.len().alias("count"), time.min(), time.max().alias("last")), False)
    sizes = sizes.filter(pl.col("count") > 0)
    head = rows.rows.clear()
    for number in range(rows.dask.npartitions):
        head = pl.from_pandas(rows.dask.get_partition(number).compute()).lazy().head(SAMPLE)
        if head.select(pl.len()).collect().item():
            break
    sample = prepared(head).filter(~pl.col("late")).drop_nulls("value").collect()
    return sample, int(sizes["count"].sum()), sizes["time"].min(), sizes["last"].max()


def _rises(sample: pl.DataFrame, field: str) -> bool:
    """Whether it is a counter: it never falls, but to begin anew near nothing."""
    if limits(field, number_of(sample["value"].min()), number_of(sample["value"].max()))[1] is not None:
        return False
    before = pl.col("value").shift(1).over("instance")
    steps = sample.select(before.alias("before"), (pl.col("value") - before).alias("step")).drop_nulls()
    falls = steps.filter(pl.col("step") < 0)
    rising = steps.filter(pl.col("step") > 0).height
    anew = falls.filter(pl.col("before") + pl.col("step") <= 0.1 * pl.col("before")).height
    return (
        steps.height >= 20 and rising >= 0.5 * steps.height and falls.height <= 0.02 * steps.height
        and anew == falls.height and number_of(sample["value"].min()) >= 0
    )  # fmt: skip


def _bars(sample: pl.DataFrame, context: Context) -> tuple[float | None, float | None]:
    """Above and below what values are rare."""
    if context.texts:
        return None, None
    values = sample["value"]
    high, low = number_of(values.quantile(EXCEEDS)), number_of(values.quantile(1 - EXCEEDS))
    above = roundest(high, high + 0.05 * (high - low)) if number_of(values.max()) > high else None
    below = -roundest(-low, -low + 0.05 * (high - low)) if number_of(values.min()) < low else None
    return above, below


def number_of(value: Any) -> float:
    """What an aggregate gave as a float, 0 where it gave nothing."""
    return float(value) if isinstance(value, int | float) else 0.0
