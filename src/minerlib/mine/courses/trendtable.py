"""A trend as a table and as figures."""

from typing import Any

import numpy as np
import polars as pl

from minerlib.event.moment import rfc3339, to_datetime
from minerlib.mine.courses.course import LEAST, Course, moment
from minerlib.mine.courses.extent import Extent

_COLUMNS = {
    "points": pl.Int64, "since": pl.Datetime("us", "UTC"), "until": pl.Datetime("us", "UTC"), "start": pl.Float64,
    "end": pl.Float64, "per_day": pl.Float64, "low": pl.Float64, "high": pl.Float64, "moves": pl.Boolean,
    "changes": pl.Int64, "reaches": pl.Datetime("us", "UTC"), "earliest": pl.Datetime("us", "UTC"),
    "latest": pl.Datetime("us", "UTC"), "why_not": pl.String,
}  # fmt: skip


def table(extent: Extent, courses: dict[int, Course], to: float | None, confidence: float) -> pl.DataFrame:
    """A row an instance as `Trend.frame` has it, with `instance` and `name` before; those that move most first."""
    rows: list[dict[str, Any]] = []
    sure = _sure(courses, confidence)
    for instance in extent.instances["instance"]:
        named = {"instance": instance, "name": extent.name(instance), **extent.keys(instance)}
        found = courses.get(instance)
        if found is None:
            rows.append(named | {"why_not": f"told too briefly: less than {LEAST} buckets of time", "moves": False})
            continue
        line, moves = found.line, sure[instance]
        reach = found.reaches(to) if to is not None and moves else None
        when = [None] * 3 if reach is None else [moment(found.last, days) for days in reach]
        rows.append(named | {
            "points": found.points, "since": to_datetime(found.since), "until": to_datetime(found.last),
            "start": found.level(found.since), "end": found.level(found.last), "per_day": line.slope,
            "low": _finite(line.low), "high": _finite(line.high), "moves": moves, "changes": len(found.changes),
            "reaches": when[0], "earliest": when[1], "latest": when[2],
        })  # fmt: skip
    keys = {name: extent.types[name] for name in extent.by}
    schema = {"instance": pl.Int64, "name": pl.String, **keys, **_COLUMNS}
    frame = pl.DataFrame(rows, schema, strict=False)
    return frame.sort("moves", pl.col("per_day").abs(), descending=True, nulls_last=True, maintain_order=True)


def _sure(courses: dict[int, Course], confidence: float) -> dict[int, bool]:
    """Which slopes are not 0, as Benjamini and Hochberg correct for asking many."""
    from scipy import stats

    wide = float(stats.norm.ppf((1 + confidence) / 2))
    chances: list[float] = []
    for one in courses.values():
        half = (one.line.high - one.line.low) / 2
        scale = max(abs(one.level(one.last)), abs(one.level(one.since)), 1e-300)
        moved = abs(one.line.slope) * (one.last - one.first) / 86_400e6 > 1e-9 * scale  # more than floats make
        chances.append(2 * float(stats.norm.sf(abs(one.line.slope) / half * wide)) if half > 0 else float(not moved))
        if not np.isfinite(half):
            chances[-1] = 1.0
    if not chances:
        return {}
    adjusted = stats.false_discovery_control(chances)
    return {one: bool(p <= 1 - confidence) for one, p in zip(courses, adjusted, strict=True)}


def figures(
    frame: pl.DataFrame, extent: Extent, courses: dict[int, Course], field: str, to: float | None, every: int,
    confidence: float,
  ) -> dict[str, Any]:  # fmt: skip
    """What `says` is made of, as plain JSON."""
    told = frame.filter(pl.col("why_not").is_null())
    soonest = told.filter(pl.col("reaches").is_not_null()).sort("reaches").head(1)
    changed = told.filter(pl.col("changes") > 0).sort("since", descending=True).head(1)
    return {
        "field": field, "to": to, "confidence": confidence, "bucket_s": every / 1e6,
        "instances": frame.height, "left_out": extent.left_out, "told_too_briefly": frame.height - told.height,
        "moving": int(told["moves"].sum()), "reaching": int(told["reaches"].is_not_null().sum()),
        "until": rfc3339(extent.last),
        "most": _one(told.filter("moves").head(1), courses), "soonest": _one(soonest, courses),
        "changed": _one(changed, courses),
    }  # fmt: skip


def _one(row: pl.DataFrame, courses: dict[int, Course]) -> dict[str, Any] | None:
    """The one instance of a row, as plain JSON."""
    if not row.height:
        return None
    said = row.row(0, named=True)
    times = {
        name: said[name] and said[name].isoformat() for name in ("since", "until", "reaches", "earliest", "latest")
    }
    found = courses[said["instance"]]
    last = found.changes[-1] if found.changes else None
    plain = {name: said[name] for name in ("name", "start", "end", "per_day", "low", "high", "changes")}
    days = {
        name: None if said[name] is None else (said[name] - said["until"]).total_seconds() / 86400
        for name in ("reaches", "earliest", "latest")
    }
    change = last and {"time": rfc3339(last.time), "before": last.before, "after": last.after, "what": last.what}
    return plain | times | {"in_days": days, "last_change": change, "swings": list(found.swings)}


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
