"""Many series side by side on one grid of time: numbers by field and instance, or counts of events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.mine.given import Given, given
from minerlib.mine.pairs.grid import FILLED, Floats, filled, step_of, tidied
from minerlib.mine.progress import Progress


@dataclass(frozen=True)
class SideBySide:
    """`values` is series × buckets, NaN where nothing is known; bucket t is [start + t * every, ...), in µs.

    `counts` says of each series whether it counts events; `left_out` tells in words what is not in it.
    """

    names: list[str]
    values: Floats
    counts: list[bool]
    start: int
    every: int
    left_out: list[str]


@dataclass(frozen=True)
class Wanted:
    """What to read of one scan: `prefix` is its name where there are several, `fields` is empty to count events."""

    prefix: str
    data: Given
    fields: list[str]
    keys: dict[str, pl.Expr]


def side_by_side(wanted: Sequence[Wanted], every: int | None, most: int, progress: Progress = None) -> SideBySide:
    """The series as means (or counts) of buckets, of the `most` that have the most values.

    Raises MineError where fewer than two are left that change.
    """
    known = pl.concat([_survey(at, each, progress) for at, each in enumerate(wanted)], how="diagonal_relaxed")
    known = _named(known.filter(pl.col("count") > 0), [each.prefix for each in wanted])
    left: list[str] = []
    still = known.filter((pl.col("low") == pl.col("high")) & (pl.col("field") != ""))
    if still.height:
        left.append(some(still["name"].to_list(), "never changed"))
        known = known.join(still.select("scan", "field", "keys"), ["scan", "field", "keys"], "anti")
    known = known.sort(["count", "name"], descending=[True, False])
    if known.height > most:
        left.append(f"{known.height - most:,} series with fewer values than the {most:,} looked at (most=)")
        known = known.head(most)
    _enough(known.height, left)
    first, step, buckets = step_of(known, every)
    known = known.sort("scan", "name")
    values = np.full((known.height, buckets), np.nan)
    place = {key: at for at, key in enumerate(known.select("scan", "field", "keys").iter_rows())}
    for number, each in enumerate(wanted):
        _fill(values, place, number, each, first, step, progress)
    counted = (known["field"] == "").to_numpy()
    values = tidied(values, counted)
    names, full = known["name"].to_list(), filled(values) >= FILLED
    changes = np.array([len(np.unique(row[np.isfinite(row)])) > 1 for row in values])
    for bad, why in ((~full, "held nothing for more than half of the time"), (full & ~changes, "never changed")):
        if bad.any():
            left.append(some([names[at] for at in np.flatnonzero(bad)], why))
    kept = np.flatnonzero(full & changes)
    _enough(len(kept), left)
    return SideBySide([names[at] for at in kept], values[kept], counted[kept].tolist(), first, step, left)


def wanted(data: Any, fields: str | Sequence[str] | None, by: str | Sequence[str]) -> list[Wanted]:
    """What is meant by a frame or a scan, or by a dict of name -> scan or (scan, field)."""
    if not isinstance(data, Mapping):
        rows = given(data)
        return [Wanted("", rows, _fields(rows, fields, by), _keys(rows, by))]
    if fields is not None:
        raise SettingError("Say the fields in the dict, as name -> (scan, field), and leave fields= out.")
    found: list[Wanted] = []
    for name, said in data.items():
        scan, field = said if isinstance(said, tuple) else (said, ())
        rows = given(scan)
        found.append(Wanted(str(name), rows, _fields(rows, field or (), by), _keys(rows, by)))
    if not found:
        raise MineError("The dict is empty: give name -> (scan, field) for each thing that may move.")
    return found


def some(names: list[str], why: str) -> str:
    """Up to five names, and what is the matter with them all."""
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return f"{', '.join(sorted(names)[:5])}{more} {why}"


def _enough(count: int, left: list[str]) -> None:
    if count < 2:
        told = f" ({'; '.join(left)})" if left else ""
        raise MineError(f"It takes two series that change to move together, and there is {count or 'none'}{told}.")


def _fields(rows: Given, fields: str | Sequence[str] | None, by: str | Sequence[str]) -> list[str]:
    """The fields to look at: those named, or every one that holds numbers."""
    if fields is not None:
        names = [fields] if isinstance(fields, str) else list(fields)
        for name in names:
            rows.number(name)
        return names
    keys = (by,) if isinstance(by, str) else tuple(by)
    return [name for name in rows.fields if name not in keys and rows.schema[rows.column(name)].is_numeric()]


def _keys(rows: Given, by: str | Sequence[str]) -> dict[str, pl.Expr]:
    """What tells series apart: the kind where a frame has one, and `by`."""
    keys = rows.keys(by)
    return {**({"kind": pl.col("kind").cast(pl.String)} if "kind" in rows.schema else {}), **keys}


def _key(each: Wanted) -> pl.Expr:
    return pl.concat_list(*each.keys.values()) if each.keys else pl.lit([""], pl.List(pl.String))


def _survey(number: int, each: Wanted, progress: Progress) -> pl.DataFrame:
    """A row a series: `scan`, `field` ("" counts events), `keys`, `count`, `low`, `high`, `first`, `last`, `pace`."""
    at, told = pl.col("time").dt.epoch("us"), {name: each.data.number(name) for name in each.fields}
    apart = at.sort().diff()
    found: list[pl.Expr] = [apart.filter(apart > 0).median().cast(pl.Float64).alias("pace")]
    if not told:
        found += [pl.len().alias("0 count"), at.min().alias("0 first"), at.max().alias("0 last")]
        found += [pl.lit(0.0).alias("0 low"), pl.lit(1.0).alias("0 high")]
    for place, value in enumerate(told.values()):
        when = at.filter(value.is_not_null())
        for name, what in (
            ("count", value.count()), ("low", value.min()), ("high", value.max()),
            ("first", when.min()), ("last", when.max()),
        ):  # fmt: skip
            found.append(what.alias(f"{place} {name}"))
    rows = each.data.merged(lambda part: part.group_by(_key(each).alias("keys")).agg(found), progress)
    names = ("count", "low", "high", "first", "last")
    return pl.concat(
        rows.group_by("keys")
        .agg(
            pl.col(f"{place} count").sum().cast(pl.Int64).alias("count"),
            pl.col(f"{place} low").min().alias("low"),
            pl.col(f"{place} high").max().alias("high"),
            pl.col(f"{place} first").min().alias("first"),
            pl.col(f"{place} last").max().alias("last"),
            pl.col("pace").median(),
        )
        .select(pl.lit(number).alias("scan"), pl.lit(field).alias("field"), "keys", *names, "pace")
        for place, field in enumerate(told or {"": None})
    )


def _named(known: pl.DataFrame, prefixes: list[str]) -> pl.DataFrame:
    """The same with `name`: what tells each series from the others of its scan."""
    names: list[str] = []
    parts: dict[int, list[int]] = {}
    fields = {scan: known.filter(pl.col("scan") == scan)["field"].n_unique() for scan in known["scan"].unique()}
    for scan in fields:
        keys = known.filter(pl.col("scan") == scan)["keys"].to_list()
        parts[scan] = [at for at in range(len(keys[0])) if len({key[at] for key in keys}) > 1]
    for scan, field, keys in known.select("scan", "field", "keys").iter_rows():
        told = [prefixes[scan]] if prefixes[scan] else []
        told += [field] if fields[scan] > 1 or not (told or parts[scan]) else []
        names.append(" ".join([*told, *(keys[at] for at in parts[scan])]).strip() or "events")
    return known.with_columns(pl.Series("name", names, dtype=pl.String), pl.col("keys").list.join("\0"))


def _fill(
    values: Floats, place: dict[Any, int], number: int, each: Wanted, first: int, step: int, progress: Progress
) -> None:
    """Put what one scan says into its rows of `values`."""
    bucket = ((pl.col("time").dt.epoch("us") - first) // step).alias("bucket")
    told = {name: each.data.number(name) for name in each.fields}
    found: list[pl.Expr] = [] if told else [pl.len().cast(pl.Float64).alias("0 sum"), pl.lit(1).alias("0 count")]
    for at, value in enumerate(told.values()):
        found += [value.sum().alias(f"{at} sum"), value.count().alias(f"{at} count")]
    rows = each.data.merged(
        lambda part: part.group_by(_key(each).list.join("\0").alias("keys"), bucket).agg(found), progress
    )
    rows = rows.group_by("keys", "bucket").agg(pl.col("^.* sum$").sum(), pl.col("^.* count$").sum())
    for at, field in enumerate(told or {"": None}):
        mean = pl.col(f"{at} sum") / pl.col(f"{at} count") if field else pl.col(f"{at} sum")
        some = rows.filter(pl.col(f"{at} count") > 0, pl.col("bucket") >= 0, pl.col("bucket") < values.shape[1])
        for keys, times, means in some.group_by("keys").agg("bucket", mean.alias("mean")).iter_rows():
            row = place.get((number, field, keys))
            if row is not None:
                values[row, times] = means
