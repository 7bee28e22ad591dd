"""How often would it have alerted? One pass over the windows for each line tried, all of them at once."""

from collections.abc import Sequence

import polars as pl


def sustained(windows: pl.DataFrame, wait: int) -> pl.Series:
    """For each window the level its instance had held for `wait` µs (inclusive); null before that long has passed.

    A line is crossed for long enough exactly where it lies below this, save around holes in the data, where this
    is higher: it never misses an alert.
    """
    return (
        windows.lazy()
        .with_columns(
            pl.col("value").rolling_min_by("time", f"{wait + 1}i", closed="right").over("instance").alias("held"),
            (pl.col("time") - pl.col("time").min().over("instance") >= wait).alias("long"),
        )
        .select(pl.when("long").then("held"))
        .collect()
        .to_series()
        .alias("sustained")
    )


def firing(line: float, clear: float, wait: int) -> pl.Expr:
    """Whether a rule "> line for wait, clear < clear for wait" fires, over windows sorted by instance and time.

    The same states that `evaluate` reaches one by one: the run of windows above the line that is `wait` long
    raises, the run below `clear` that is `wait` long clears, and between these the state stays what it was. A line
    is never below its clear, so no window belongs to both.
    """
    time, value, new = pl.col("time"), pl.col("value"), pl.col("instance") != pl.col("instance").shift(1)
    new = new.fill_null(True)

    def held(condition: pl.Expr) -> pl.Expr:
        begins = condition & (new | ~condition.shift(1).fill_null(False))
        since = pl.when(begins).then(time).forward_fill()
        return condition & (time - since >= wait)

    said = pl.when(held(value > line)).then(True).when(held(value < clear) | new).then(False)
    return said.forward_fill().fill_null(False)


def sweep(windows: pl.DataFrame, lines: Sequence[tuple[float, float]], wait: int) -> pl.DataFrame:
    """For each (line, clear): how many alerts would have been raised, and the share of the time one was firing.

    Columns `line`, `clear`, `raised`, `share` (of the instances' time, by windows), in the order given.
    """
    new = (pl.col("instance") != pl.col("instance").shift(1)).fill_null(True)
    tried: list[pl.Expr] = []
    for number, (line, clear) in enumerate(lines):
        state = firing(line, clear, wait)
        tried.append((state & (new | ~state.shift(1).fill_null(False))).sum().alias(f"raised {number}"))
        tried.append(state.mean().alias(f"share {number}"))
    row = windows.lazy().select(tried).collect().row(0)
    return pl.DataFrame(
        {
            "line": [float(line) for line, _ in lines],
            "clear": [float(clear) for _, clear in lines],
            "raised": [int(n) for n in row[::2]],
            "share": [float(s or 0.0) for s in row[1::2]],
        }
    )
