"""One reading of all rows for a profile: what is counted of each, and a few hundred thousand of them to look at.

all rows   counts, least and greatest of each field; events by source and by minute      exact
some rows  drawn by a hash of time and source, the same whenever one asks again          quantiles, values, types
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars import selectors as cs

from minerlib.errors import MineError
from minerlib.event.moment import MINUTE, SECOND
from minerlib.mine.given import OWN, Given, Part, given
from minerlib.mine.progress import Progress
from minerlib.mine.series import AHEAD, LATENESS

SAMPLE = 200_000  # rows to look at, or all where there are no more than twice as many
VALUES = 20_000_000  # in them: of very many fields fewer rows are looked at
RESTS = 20_000  # rows with a `rest` that are looked at beside those
_OF_THE_EVENT = ("time", "seen", "source", "kind", "rest", "raw")
_PLACE = {"epoch", "offset", "part"}  # as an archive has them
_KINDS = {"kind": pl.String, "rows": pl.Int64}


@dataclass(frozen=True)
class Survey:
    """What was read. `columns` are the fields by the name their column has here (`f0`, ...; a field may be called
    anything), `totals` one row, `sample` one in `every` rows."""

    given: Given
    columns: Mapping[str, str]
    dtypes: Mapping[str, pl.DataType]
    totals: Mapping[str, Any]
    sources: pl.DataFrame
    minutes: pl.DataFrame
    sample: pl.DataFrame
    rests: pl.DataFrame
    kinds: pl.DataFrame
    every: int

    @property
    def rows(self) -> int:
        return int(self.sources["events"].sum())

    @property
    def whole(self) -> bool:
        """Whether the sample is all there is."""
        return self.every == 1


def flat(rows: Given) -> Given:
    """Columns of objects become columns with dotted names, one for each field in them."""
    while nested := [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.Struct)]:
        frame = rows.rows
        for name in nested:
            inner = [each.name for each in rows.schema[name].fields]  # type: ignore[attr-defined]
            parts = [pl.col(name).struct.field(each).alias(f"{name}.{each}") for each in inner]
            frame = frame.with_columns(parts).drop(cs.by_name(name))
        rows = Given(frame, rows.pandas, rows.memory, rows.dask)
    return rows


def survey(data: Any, progress: Progress = None) -> Survey:
    """Read the rows once. Raises MineError where there are none."""
    rows = flat(given(data))
    schema = rows.schema
    names = [name for name in schema if name not in OWN]
    columns = {f"f{number}": name.removeprefix("body.") for number, name in enumerate(names)}
    dtypes = dict(zip(columns, (schema[name] for name in names), strict=True))
    own = (*_OF_THE_EVENT, *(["offset"] if schema.keys() >= _PLACE else []))
    chosen = [cs.by_name(name) for name in own if name in schema]
    chosen += [cs.by_name(name).alias(column) for column, name in zip(columns, names, strict=True)]

    def named(frame: pl.LazyFrame) -> pl.LazyFrame:
        return frame.select(chosen)

    first, (counted,) = rows.whole([_kind(schema)], progress=False)[0], rows.whole([_length], progress=False)
    count = int(counted["rows"].sum())
    if not count:
        raise MineError("There are no rows to look at: is the kind right, and the time asked for?")
    size = min(SAMPLE, max(SAMPLE // 10, VALUES // max(1, len(columns))))
    every = 1 if count <= 2 * size else -(-count // size)
    kind, totals = first["kind"][0], _totals(dtypes, schema, first["kind"][0])
    parts: list[Part] = [
        lambda frame: named(frame).select(totals),
        lambda frame: named(frame).group_by(_source(schema)).agg(_span()),
        lambda frame: named(frame).group_by(_minute()).len(),
        lambda frame: named(frame).filter(_drawn(schema, every)),
        lambda frame: _rests(named(frame), schema),
    ]
    total, sources, minutes, sample, rests = rows.whole(parts, progress)
    row = _added(total).row(0, named=True)
    if strange := [name for name in columns if not math.isfinite(row.get(f"sum {name}") or 0)]:
        row |= _finite(rows, named, strange, progress)
    kinds = (
        pl.DataFrame({"kind": [kind], "rows": [count]}, schema=_KINDS)
        if kind is not None
        else pl.DataFrame(schema=_KINDS)
    )
    if row["like the first"] != count:
        kinds = _by_kind(rows, named, list(columns), progress)
    sources = sources.group_by("source").agg(pl.col("events").sum(), pl.col("first").min(), pl.col("last").max())
    minutes = minutes.group_by("minute").agg(pl.col("len").sum().alias("events")).sort("minute")
    length = (pl.col("last") - pl.col("first")).dt.total_microseconds() / SECOND
    sources = sources.with_columns(mean=pl.when(pl.col("events") > 1).then(length / (pl.col("events") - 1)))
    return Survey(rows, columns, dtypes, row, sources.sort("source"), minutes, sample, rests, kinds, every)


def _kind(schema: Mapping[str, pl.DataType]) -> Part:
    """The kind of one row: nearly always that of all."""
    kind = pl.col("kind").cast(pl.String) if "kind" in schema else pl.lit(None, pl.String).alias("kind")
    return lambda frame: frame.select(kind, "time").head(1).select("kind")


def _by_kind(rows: Given, named: Part, columns: Sequence[str], progress: Progress) -> pl.DataFrame:
    """How many events each kind has, and how many of these each column."""
    present = [pl.len().cast(pl.Int64).alias("rows"), *(pl.col(name).count().cast(pl.Int64) for name in columns)]
    (kinds,) = rows.whole([lambda frame: named(frame).group_by("kind").agg(present)], progress)
    return kinds.group_by("kind").agg(pl.all().exclude("kind").sum()).sort("kind")


def _finite(rows: Given, named: Part, columns: Sequence[str], progress: Progress) -> dict[str, Any]:
    """The totals of columns that hold NaN or infinite numbers, which are rare: without those, and how many they are."""
    found: list[pl.Expr] = []
    for name in columns:
        finite = pl.col(name).filter(pl.col(name).is_finite()).cast(pl.Float64)
        found += [finite.min().alias(f"least {name}"), finite.max().alias(f"greatest {name}")]
        found.append((~pl.col(name).is_finite()).sum().alias(f"strange {name}"))
    (total,) = rows.whole([lambda frame: named(frame).select(found)], progress)
    return _added(total).row(0, named=True)


def _totals(dtypes: Mapping[str, pl.DataType], schema: Mapping[str, pl.DataType], kind: str | None) -> list[pl.Expr]:
    """What is counted over all rows; `_added` knows by the first word how two of them are added."""
    alike = (pl.col("kind").cast(pl.String) == kind).sum() if "kind" in schema else pl.len()
    found = [alike.cast(pl.Int64).alias("like the first")]
    if "seen" in schema:
        lag = (pl.col("seen") - pl.col("time")).dt.total_microseconds()
        found += [(lag > LATENESS).sum().alias("late"), (lag < -AHEAD).sum().alias("ahead")]
    found += [pl.col(name).count().alias(f"with {name}") for name in ("rest", "raw") if name in schema]
    for name, dtype in dtypes.items():
        column = pl.col(name)
        found.append(column.count().alias(f"with {name}"))
        if dtype.is_float():
            found.append(column.sum().cast(pl.Float64).alias(f"sum {name}"))
        if dtype.is_numeric() or dtype == pl.Boolean:
            found += [column.min().cast(pl.Float64).alias(f"least {name}")]
            found += [column.max().cast(pl.Float64).alias(f"greatest {name}")]
    return found


def _added(total: pl.DataFrame) -> pl.DataFrame:
    least, greatest = pl.col("^least .*$"), pl.col("^greatest .*$")
    return total.select(least.min(), greatest.max(), pl.exclude("^least .*$", "^greatest .*$").sum())


def _source(schema: Mapping[str, pl.DataType]) -> pl.Expr:
    return (pl.col("source").cast(pl.String) if "source" in schema else pl.lit("")).alias("source")


def _span() -> list[pl.Expr]:
    time = pl.col("time")
    return [pl.len().cast(pl.Int64).alias("events"), time.min().alias("first"), time.max().alias("last")]


def _minute() -> pl.Expr:
    return (pl.col("time").dt.epoch("us") // MINUTE).alias("minute")


def _drawn(schema: Mapping[str, pl.DataType], every: int) -> pl.Expr:
    """Whether a row is drawn: by its place in the stream, which is its own, else by its time and source."""
    if every == 1:
        return pl.lit(True)
    if set(schema) >= _PLACE:
        drawn = pl.col("offset").hash()
    else:
        drawn = pl.col("time").hash() + (pl.col("source").hash() if "source" in schema else 0)
    return drawn < 2**64 // every


def _rests(frame: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    if "rest" not in schema:
        return frame.select(pl.lit(None, pl.String).alias("rest")).limit(0)
    return frame.select("rest").filter(pl.col("rest").is_not_null()).limit(RESTS)


def _length(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.select(pl.len().alias("rows"))
