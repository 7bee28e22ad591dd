"""How much of a pattern there is: the smallest table of hours that foretells the days it has not seen."""

import polars as pl

_FOLDS = 4
_BETTER = 0.95  # of the error without; more than that is not worth a table 7 or 24 times as long
_SURE = 0.975  # that days are foretold better than without any pattern, not by luck
_LIKELY = 0.9  # that a week does it better than a day: only weekends may tell, two days of seven
_VALUES = 6  # of an hour, to be foretold


def smallest(rows: pl.DataFrame) -> dict[int, int]:
    """For each instance 1, 24 or 168: how long a table of what is usual has to be.

    Takes `instance`, `time`, `cell` (hour of week), `day`, `value`. A quarter of the weeks (of the days, where there
    are not two weeks) is left out at a time, medians of the others foretell it, and absolute errors are counted by
    day. A longer table has to err at least 5 % less, and on more days than luck gives (paired t tests over days,
    one-sided: 2.5 % against no pattern, 10 % by week against by day): a pattern counts where it returns, not where it
    fits. By hour of day wants 3 days, by hour of week two weeks.
    """
    errors = foretold(rows)
    found = dict.fromkeys(rows["instance"].unique(maintain_order=True).to_list(), 1)
    for one, wide in errors.select("instance", "size").iter_rows():
        found[one] = wide
    return found


def foretold(rows: pl.DataFrame) -> pl.DataFrame:
    """For each instance the mean absolute errors `error1`, `error24`, `error168` of days not seen, and the `size`."""
    hour = pl.col("day").cast(pl.Int64) * 24 + pl.col("cell") % 24
    some = (
        hour.first() * 7919 + pl.int_range(_VALUES) * pl.len() // _VALUES
    ) % pl.len()  # now these, now those minutes
    hours = rows.group_by("instance", hour.alias("hour")).agg(
        pl.col("cell", "day").first(), pl.col("value").median().alias("middle"), pl.col("value").gather(some)
    )
    since = pl.col("day") - pl.col("day").min().over("instance")
    days = pl.col("day").n_unique().over("instance")
    weeks = (since.max().over("instance") + 1) // 7
    hours = hours.with_columns(
        days.alias("days"),
        (weeks >= 2).alias("weekly"),
        pl.when(weeks >= 2).then(since // 7).otherwise(since).mod(_FOLDS).alias("fold"),
    )
    tests: list[pl.DataFrame] = []
    for fold in range(_FOLDS):
        known, test = hours.filter(pl.col("fold") != fold), hours.filter(pl.col("fold") == fold)
        for size in (1, 24, 168):
            cell = (pl.col("cell") % size).alias("of")
            middle = known.group_by("instance", cell).agg(pl.col("middle").median().alias(f"by{size}"))
            test = test.with_columns(cell).join(middle, ["instance", "of"], "left")
        tests.append(test.explode("value"))
    by1, by24 = pl.col("by1"), pl.coalesce("by24", "by1")
    by168 = pl.when("weekly").then(pl.coalesce("by168", by24)).otherwise(by24)
    guesses = {"error1": by1, "error24": by24, "error168": by168}
    off = [(pl.col("value") - guess).abs().alias(name) for name, guess in guesses.items()]
    daily = pl.concat(tests).filter(by1.is_not_null()).with_columns(off).group_by("instance", "day").agg(
        pl.col(*guesses).mean(), pl.len().alias("hours")
    )  # fmt: skip
    return _chosen(daily.sort("instance", "day"))


def _chosen(daily: pl.DataFrame) -> pl.DataFrame:
    """The size that each instance's errors by day ask for."""
    from scipy import stats

    steps = [("error1", "error24"), ("error24", "error168"), ("error1", "error168")]
    gained = [
        aggregate
        for short, long in steps
        for aggregate in (
            (pl.col(short) - pl.col(long)).mean().alias(f"{short}>{long}"),
            ((pl.col(short) - pl.col(long)).std() / pl.len().sqrt()).alias(f"{short}>{long} error"),
        )
    ]
    found = daily.group_by("instance", maintain_order=True).agg(
        pl.len().alias("days"), pl.col("error1", "error24", "error168").mean(), *gained
    )
    found = found.with_columns(
        pl.Series(str(sure), [float(stats.t.ppf(sure, n - 1)) if n >= 3 else float("inf") for n in found["days"]])
        for sure in (_SURE, _LIKELY)
    )

    def better(short: str, long: str, sure: float) -> pl.Expr:
        worth = pl.col(long) < _BETTER * pl.col(short)
        return worth & (pl.col(f"{short}>{long}") > pl.col(str(sure)) * pl.col(f"{short}>{long} error"))

    day = better("error1", "error24", _SURE)
    week = better("error1", "error168", _SURE) & (~day | better("error24", "error168", _LIKELY))
    size = pl.when(week.fill_null(False)).then(168).when(day.fill_null(False)).then(24).otherwise(1)
    return found.select("instance", "days", "error1", "error24", "error168", size.alias("size"))
