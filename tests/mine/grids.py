"""Grids for tests: values of instances by pane, as mining would have read them."""

from collections.abc import Sequence

import polars as pl

from minerlib.event.moment import MINUTE
from minerlib.mine.suggesting.panegrid import Grid, laid_out

START = 1_790_000_000 // 60 * MINUTE
PAD = 40


def grid(series: Sequence[Sequence[float | None]], pane: int = MINUTE, pad: int = PAD, start: int = START) -> Grid:
    """A value a pane for each instance, None where there is none."""
    rows = [
        {"instance": one, "pane": start + (n + 1) * pane, "value": value}
        for one, values in enumerate(series)
        for n, value in enumerate(values)
        if value is not None
    ]
    frame = pl.DataFrame(rows, schema={"instance": pl.Int64, "pane": pl.Int64, "value": pl.Float64})
    value, at = pl.col("value"), pl.col("pane")
    panes = frame.with_columns(
        count=pl.lit(1),
        total=value,
        low=value,
        high=value,
        first=value,
        last=value,
        began=at,
        ended=at,
        x=pl.lit(0.0),
        xx=pl.lit(0.0),
        xy=pl.lit(0.0),
    )
    names = pl.DataFrame({"scope": "local.lab.dev", "epoch": "e", "by.source": [f"s{n}" for n in range(len(series))]})
    end = int(frame["pane"].max() or 0)  # type: ignore[arg-type]
    return laid_out([panes], names, pane, pad, end)
