"""What there is of a field: its instances, how often each was told, from when to when; of which kind and scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.mine.given import Given, within
from minerlib.mine.progress import Progress

_SCOPE = ("company", "system", "environment")


@dataclass(frozen=True)
class Extent:
    """`instances` has a row for each, those told most often first: `instance` (0, 1, ...), a column a key (`by.source`,
    ..., as text), `count` of its numbers, `first` and `last` (µs). `left_out` instances told less often are not in it.
    """

    instances: pl.DataFrame
    by: tuple[str, ...]
    types: dict[str, pl.DataType]
    kinds: tuple[str, ...]
    scopes: tuple[str, ...]
    left_out: int = 0

    @property
    def first(self) -> int:
        return int(self.instances["first"].min() or 0)  # pyright: ignore[reportArgumentType]

    @property
    def last(self) -> int:
        return int(self.instances["last"].max() or 0)  # pyright: ignore[reportArgumentType]

    @property
    def cadence(self) -> float:
        """The usual time between two values of an instance in µs: the median of the instances' means; 0 of one
        value.
        """
        told = self.instances.filter(pl.col("count") > 1)
        step = told.select(((pl.col("last") - pl.col("first")) / (pl.col("count") - 1)).median()).item()
        return float(step or 0.0)

    def keys(self, instance: int) -> dict[str, Any]:
        """What an instance is called, as a rule has it: text, numbers and truths as they were; empty is null."""
        row = self.instances.row(by_predicate=pl.col("instance") == instance, named=True)
        return {name: _typed(row[f"by.{name}"], self.types[name]) for name in self.by}

    def name(self, instance: int) -> str:
        """What an instance is called, for people: its keys in a row."""
        row = self.instances.row(by_predicate=pl.col("instance") == instance, named=True)
        return " ".join(str(row[f"by.{name}"]) for name in self.by) or "it"


def extent(
    data: Given, field: str, by: str | Sequence[str] = ("source",), most: int = 1000, progress: Progress = None
) -> Extent:
    """Reads once through the rows. Raises MineError where the field is not there, is text, or holds no number."""
    value, keys = data.number(field), data.keys(by)
    if field in keys or "time" in keys:
        raise SettingError(f"by={by!r} cannot hold the time nor the field that is mined; name what one instance is.")
    known = [name for name in ("kind", *_SCOPE) if name in data.schema]
    named = [
        *(column.alias(f"by.{name}") for name, column in keys.items()),
        *(pl.col(n).cast(pl.String) for n in known),
    ]
    at = pl.col("time").dt.epoch("us")

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        rows = rows.select(*named, at.alias("first"), value.alias("value")).drop_nulls(["first", "value"])
        grouping = [f"by.{name}" for name in keys] + known
        wide = [pl.col("value").min().alias("low"), pl.col("value").max().alias("high")]
        counted = [
            *wide,
            pl.len().cast(pl.Int64).alias("count"),
            pl.col("first").min(),
            pl.col("first").max().alias("last"),
        ]
        return rows.group_by(grouping).agg(counted) if grouping else rows.select(counted)

    found = data.merged(part, progress).filter(pl.col("count") > 0)
    if not found.height:
        raise MineError(f"The field {field!r} holds no number in these rows: mine another field or a longer time.")
    within(field, found["low"].min(), found["high"].max())  # pyright: ignore[reportArgumentType]
    kinds = tuple(sorted(found["kind"].drop_nulls().unique())) if "kind" in known else ()
    scopes = _scopes(found) if set(_SCOPE) <= set(known) else ()
    names = [f"by.{name}" for name in keys]
    sums = [pl.col("count").sum(), pl.col("first").min(), pl.col("last").max()]
    found = found.group_by(names).agg(sums) if names else found.select(sums)
    found = found.sort("count", *names, descending=[True, *(False for _ in names)])
    kept = found.head(most).with_columns(pl.int_range(pl.len()).alias("instance"))
    types = {name: data.schema[data.column(name)] for name in keys}
    return Extent(kept, tuple(keys), types, kinds, scopes, found.height - kept.height)


def _scopes(found: pl.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(found.select(pl.concat_str(_SCOPE, separator=".")).to_series().drop_nulls().unique()))


def _typed(text: str, dtype: pl.DataType) -> Any:
    if dtype == pl.Boolean:
        return {"true": True, "false": False}.get(text)
    if dtype.is_integer():
        return int(text) if text else None
    if dtype.is_numeric():
        return float(text) if text else None
    return text
