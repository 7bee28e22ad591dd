"""Log templates as bars: the last span beside what is usual, the changed ones marked."""

import textwrap
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from minerlib.errors import MineError
from minerlib.mine.spoken import value
from minerlib.mine.tables import as_polars

if TYPE_CHECKING:
    from minerlib.mine.templates import Templates

FREQUENT, CHANGED = 12, 12  # templates drawn
_STATES = alt.Scale(domain=["usual", "new", "bursting", "vanished"], range=["#8a8f98", "#e69f00", "#d55e00", "#0072b2"])


def chart(found: "Templates", width: int = 420) -> alt.LayerChart:
    """Lines in the last span, and the usual number, of the foremost templates that changed and the most frequent."""
    frame = as_polars(found.frame)
    if frame.is_empty():
        raise MineError(f"There is nothing to draw: {found.says}")
    changed = frame.filter(pl.col("state") != "usual").sort(pl.max_horizontal("recent", "usual"), descending=True)
    rows = pl.concat([changed.head(CHANGED), frame.filter(pl.col("state") == "usual").head(FREQUENT)])
    rows = rows.with_row_index("row").select(
        "row", "template", "state", "count", "example", "recent", "usual",
        pl.max_horizontal("recent", "usual").alias("right"),
        pl.format("{}  ", pl.col("template").map_elements(value, pl.String)).alias("name"),
    )  # fmt: skip
    rows = rows.with_columns(
        pl.when(pl.col("name").is_duplicated()).then(pl.format("{}({})", "name", "row")).otherwise("name").alias("name")
    )
    place = alt.Y("name:N", sort=rows["name"].to_list(), title=None, axis=alt.Axis(labelLimit=460, ticks=False))
    most = max(float(rows.select(pl.max_horizontal("recent", "usual").max()).item() or 1), 1)
    axis = alt.Axis(values=[0, *(10**power for power in range(1, 12) if 10**power <= most)], format="~s")
    scale = alt.Scale(type="symlog", nice=False)
    span = found.numbers["since_last"]
    base = alt.Chart(rows).encode(place)
    bars = base.mark_bar(minBandSize=1).encode(
        alt.X("recent:Q", title=f"lines in the last {span}; the tick is what is usual", axis=axis, scale=scale),
        color=alt.Color("state:N", scale=_STATES, title=None, legend=alt.Legend(orient="bottom")),
        tooltip=["template:N", "state:N", "count:Q", "recent:Q", "usual:Q", "example:N"],
    )  # fmt: skip
    ticks = base.mark_tick(thickness=2, height=15, color="#111827").encode(alt.X("usual:Q"))
    labels = base.mark_text(align="left", dx=5, fontSize=11, color="#374151").encode(alt.X("right:Q"), text="recent:Q")
    left = frame.height - rows.height
    title = "Log templates" + (
        f": those that changed and the most frequent; {left:,} more are not drawn" if left else ""
    )
    return alt.LayerChart(layer=[bars, ticks, labels]).properties(
        width=width, height=alt.Step(19),
        title=alt.TitleParams(title, subtitle=textwrap.wrap(found.says, 120), anchor="start"),
    )  # fmt: skip
