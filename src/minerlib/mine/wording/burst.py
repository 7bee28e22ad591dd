"""Which templates are new, which burst, which have gone: the last span beside those before."""

from datetime import datetime

import polars as pl

STATES = ("new", "bursting", "vanished")
CHANCE = 0.01  # that one of all templates is called bursting by chance
LEAST = 5  # lines that may be called a burst
WANTED = 3  # lines to be expected, none of which came


def judged(counted: pl.DataFrame, texts: pl.DataFrame, spans: int, cut: datetime) -> pl.DataFrame:
    """By template, the most frequent first: count, first, last, sources, recent, usual, state.

    `counted` has counts by template, keys and age (0 is the last span), `spans` is how many whole spans lie before it.
    A burst is more than in any of these, and so much that the next count of a Poisson process would reach it with a
    chance below CHANCE over the number of templates: the predictive distribution is negative binomial, and counts that
    scatter more than Poisson's are divided by how much more (variance over mean).
    """
    from scipy.stats import nbinom

    keys = [name for name in counted.columns if name.startswith("by.")]
    ages = counted.group_by("template", "age").agg(pl.col("count").sum())
    before = ages.filter(pl.col("age").is_between(1, spans))
    n = max(spans, 1)
    past = before.group_by("template").agg(
        (pl.col("count").sum() / n).alias("mean"),
        pl.col("count").max().alias("most"),
        (pl.col("count").pow(2).sum() / n - (pl.col("count").sum() / n).pow(2)).alias("variance"),
        pl.col("count").alias("counts"),
    )
    found = (
        texts.group_by("template")
        .agg(pl.col("count").sum(), pl.col("first").min(), pl.col("last").max())
        .join(counted.select("template", *keys).unique().group_by("template").len("sources"), "template", how="left")
        .join(
            ages.filter(pl.col("age") == 0).select("template", pl.col("count").alias("recent")), "template", how="left"
        )
        .join(past, "template", how="left")
        .with_columns(pl.col("recent", "mean", "most", "variance").fill_null(0))
        .sort("count", "template", descending=[True, False])
    )
    usual = [_median(counts, spans) for counts in found["counts"]]
    scatter = (found["variance"] / found["mean"]).fill_nan(1.0).clip(1.0).to_numpy()
    total, recent = found["mean"].to_numpy() * n, found["recent"].to_numpy()
    chance = nbinom.sf(recent / scatter - 1, total / scatter + 0.5, n / (n + 1))
    said = found.with_columns(
        pl.Series("usual", usual, pl.Float64), pl.Series("chance", chance), pl.Series("scatter", scatter)
    ).with_columns(
        pl.when(pl.col("first") > cut).then(pl.lit("new"))
        .when(
            (pl.col("recent") >= LEAST) & (pl.col("recent") > pl.col("most"))
            & (pl.col("chance") < CHANCE / found.height) & pl.lit(spans > 0)
        ).then(pl.lit("bursting"))
        .when((pl.col("last") <= cut) & (pl.col("mean") / pl.col("scatter") >= WANTED)).then(pl.lit("vanished"))
        .otherwise(pl.lit("usual")).alias("state")
    )  # fmt: skip
    return said.select("template", "count", "first", "last", "sources", "recent", "usual", "state")


def _median(counts: pl.Series | None, spans: int) -> float | None:
    """Of the spans, those without a line being 0; None where there is none."""
    if not spans:
        return None
    some = [] if counts is None else counts.to_list()
    found = sorted([0] * (spans - len(some)) + some)
    middle = len(found) // 2
    return float(found[middle]) if len(found) % 2 else (found[middle - 1] + found[middle]) / 2
