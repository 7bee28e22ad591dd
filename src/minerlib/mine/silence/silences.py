"""The silences that were unusual, and whether it was one instance or everybody."""

import polars as pl

from minerlib.event.moment import SECOND
from minerlib.mine.silence.steps import silent


def everyone(runs: pl.DataFrame, said: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """When no instance said anything though two or more were known: `begin` and `end` (µs), in order, apart.

    Worked out of the long silences of each; one that is short for its instance is in none of them.
    """
    if not names or runs.height < 2:
        return pl.DataFrame(schema={"begin": pl.Int64, "end": pl.Int64})
    everybody = pl.lit("").alias("all")
    long = said.drop_nulls("begin")
    found = silent(["all"], runs.with_columns(everybody), long.with_columns(everybody))
    return found.select("begin", "end").sort("begin")


def silences(frame: pl.DataFrame, said: pl.DataFrame, names: list[str], clock: int) -> pl.DataFrame:
    """The unusual silences, those that go on at the end among them: a row each, see Gaps."""
    limits = frame.select(*names, "limit", "first", "last")
    long = said.drop_nulls("begin").select(*names, "begin", "end")
    long = long.join(limits, names) if names else long.join(limits, how="cross")
    now = frame.filter("silent_now").select(*names, "limit", begin="last", end=pl.lit(clock, pl.Int64))
    length = (pl.col("end") - pl.col("begin")) / SECOND
    long = long.filter(length > pl.col("limit")).select(*names, "limit", "begin", "end")
    found = pl.concat([long, now.select(long.columns)]).with_columns(length.alias("length")).sort("begin")
    runs = frame.select(*names, begin="first", end="last")
    shared = _share(found, everyone(runs, said, names))
    when = (pl.from_epoch(name, "us").dt.replace_time_zone("UTC") for name in ("begin", "end"))
    return (
        found.with_columns(_at_once(found), (shared >= 0.5).alias("everyone"))
        .with_columns(when)
        .select(*names, "begin", "end", "length", "at_once", "everyone")
    )


def _share(found: pl.DataFrame, all_: pl.DataFrame) -> pl.Series:
    """Which share of each silence (in order of its begin) lies in the times when nobody spoke."""
    if not all_.height or not found.height:
        return pl.repeat(0.0, found.height, eager=True)
    quiet = (all_["end"] - all_["begin"]).cum_sum()

    def until(at: pl.Series) -> pl.Series:
        """How long nobody had spoken, all in all, up to a moment."""
        place = all_["begin"].search_sorted(at, side="right").cast(pl.Int64) - 1
        clipped = place.clip(0)
        over = (all_["end"][clipped] - at).clip(0)
        return pl.select(pl.when(place < 0).then(0).otherwise(quiet[clipped] - over)).to_series()

    return (until(found["end"]) - until(found["begin"])) / (found["end"] - found["begin"])


def _at_once(found: pl.DataFrame) -> pl.Series:
    """How many of these silences hold the middle of each."""
    middle = (found["begin"] + found["end"]) // 2
    begun = found["begin"].sort().search_sorted(middle, side="right").cast(pl.Int64)
    ended = found["end"].sort().search_sorted(middle, side="right").cast(pl.Int64)
    return (begun - ended).alias("at_once")
