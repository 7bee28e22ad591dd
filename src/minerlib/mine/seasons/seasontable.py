"""A season as a table and as figures."""

from typing import Any

import numpy as np
import polars as pl

from minerlib.event.moment import DAY
from minerlib.mine.courses.extent import Extent
from minerlib.mine.seasons.pattern import STRONG, SURE, Pattern
from minerlib.mine.seasons.usualtables import UsualTables


def table(
    extent: Extent, patterns: dict[int, Pattern], tables: UsualTables, stepped: pl.DataFrame, rows: pl.DataFrame,
    every: int,
) -> pl.DataFrame:  # fmt: skip
    """A row an instance as `Season.frame` has it, and what `figures` wants beside; the strongest patterns first."""
    since = dict(stepped.iter_rows())
    time = pl.col("time").dt.epoch("us")
    spans = rows.group_by("instance").agg(((time.max() - time.min() + every) / DAY).round(2))
    values = dict(rows.group_by("instance").agg(pl.col("value").n_unique()).iter_rows())
    days = dict(spans.iter_rows())
    found: list[dict[str, Any]] = []
    for instance in extent.instances["instance"]:
        row = {"instance": instance, "name": extent.name(instance), **extent.keys(instance)}
        table = tables.of.get(instance)
        if table is not None:
            one = patterns[instance]
            known = [(centre, hour) for hour, centre in enumerate(table["centre"]) if centre is not None]
            (high, highest), (low, lowest) = max(known, key=lambda one: one[0]), min(known, key=lambda one: one[0])
            size = len(table["centre"])
            row |= {
                "days": days[instance], "values": values[instance],
                "day_strength": one.day, "day_chance": one.day_chance,
                "week_strength": one.week, "week_chance": one.week_chance, "size": size,
                "highest": highest if size > 1 else None, "usual_highest": high,
                "lowest": lowest if size > 1 else None, "usual_lowest": low,
                "spread": float(np.median([wide for wide in table["spread"] if wide is not None])),
                "stepped": since.get(instance), "other": [[period / 1e6, share] for period, share in one.other],
            }  # fmt: skip
        found.append(row)
    keys = {name: extent.types[name] for name in extent.by}
    schema = {"instance": pl.Int64, "name": pl.String, **keys, **_COLUMNS}
    frame = pl.DataFrame(found, schema, strict=False)
    strength = pl.max_horizontal("day_strength", "week_strength")
    return frame.sort(strength, descending=True, nulls_last=True, maintain_order=True)


_COLUMNS: dict[str, Any] = {
    "days": pl.Float64, "day_strength": pl.Float64, "day_chance": pl.Float64, "week_strength": pl.Float64,
    "week_chance": pl.Float64, "size": pl.Int64, "highest": pl.Int64, "usual_highest": pl.Float64, "lowest": pl.Int64,
    "usual_lowest": pl.Float64, "spread": pl.Float64, "stepped": pl.Datetime("us", "UTC"),
    "other": pl.List(pl.List(pl.Float64)), "values": pl.Int64,
}  # fmt: skip


def figures(
    frame: pl.DataFrame, extent: Extent, field: str, zone: str, every: int, tables: UsualTables
) -> dict[str, Any]:
    """What `says` is made of, as plain JSON."""

    def there(part: str) -> pl.Expr:
        return (pl.col(f"{part}_chance") <= SURE) & (pl.col(f"{part}_strength") >= STRONG)

    told = frame.filter(pl.col("size").is_not_null())
    first = told.filter(there("day") | there("week")).head(1)
    plain = first.with_columns(pl.col("stepped").cast(pl.String)).to_dicts()
    days, by_day, by_week = told["days"].to_list(), told.filter(there("day")), told.filter(there("week"))
    others = told.filter(pl.col("other").list.len() > 0)
    of = {name: int(told["size"].eq(size).sum()) for name, size in (("always", 1), ("day", 24), ("week", 168))}
    return {
        "field": field, "zone": zone, "bucket_s": every / 1e6, "instances": frame.height, "left_out": extent.left_out,
        "days": max(days, default=0.0), "by_day": by_day.height,
        "by_week": by_week.height,
        "too_brief": sum(one < 2.5 for one in days), "constant": int((told["values"] == 1).sum()),
        "strongest": plain[0] if plain else None,
        "tables": of, "stepped": int(told["stepped"].is_not_null().sum()),
        "usual": None if tables.shared is None else _median(tables.shared["centre"]),
        "spread": None if tables.shared is None else _median(tables.shared["spread"]),
        "other": None if not others.height else {
            "name": others["name"][0], "period_s": others["other"][0][0][0], "share": others["other"][0][0][1],
            "instances": others.height,
        },
    }  # fmt: skip


def _median(numbers: list[float | None]) -> float:
    return float(np.median([number for number in numbers if number is not None]))
