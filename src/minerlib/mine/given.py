"""What was given to be mined: a frame or a scan, read in parts small enough for memory, and answered in kind."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from threading import Lock
from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.event import COLUMNS
from minerlib.mine.progress import Progress, told
from minerlib.mine.series import nearest
from minerlib.mine.tables import as_polars, times

OWN = {*COLUMNS, "rest", "date"}  # columns that are no fields of the body
_ROWS = 4_000_000  # rows of a scan that are read at once
_PENDING = 8  # answers that wait to be merged

Part = Callable[[pl.LazyFrame], pl.LazyFrame]


@dataclass(frozen=True)
class Given:
    """The rows to mine: a column `time` (UTC, µs), and whatever else there was.

    `pandas` says what to give back; `dask` holds the Dask frame where one was given (`archive.scan(..., client=)`),
    whose partitions are then read by its workers.
    """

    rows: pl.LazyFrame
    pandas: bool = False
    memory: bool = False
    dask: Any = None

    @cached_property
    def schema(self) -> pl.Schema:
        return self.rows.collect_schema()

    @property
    def fields(self) -> list[str]:
        """The fields of the body, by the names that events have them under."""
        return [name.removeprefix("body.") for name in self.schema if name not in OWN]

    def column(self, name: str) -> str:
        """The column that holds a field of the body, else one of the event's own. Raises MineError where neither is."""
        for column in (f"body.{name}", name):
            if column in self.schema:
                return column
        raise MineError(f"There is no field {name!r}{nearest(name, [*self.fields, 'source'])}")

    def number(self, name: str) -> pl.Expr:
        """A field as Float64, null where it is NaN or infinite. Raises MineError where it holds no numbers."""
        column = self.column(name)
        dtype = self.schema[column]
        if not (dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null):
            held = "text" if dtype == pl.String else str(dtype)
            raise MineError(f"The field {name!r} holds {held}, not numbers.")
        value = pl.col(column).cast(pl.Float64)
        return pl.when(value.is_finite()).then(value)

    def keys(self, by: str | Sequence[str]) -> dict[str, pl.Expr]:
        """What one instance is: by name, the column as text. Where a frame knows no `source`, all of it is one."""
        names = (by,) if isinstance(by, str) else tuple(by)
        known = {name: self.column(name) for name in names if name != "source" or "source" in self.schema}
        return {name: pl.col(column).cast(pl.String).fill_null("") for name, column in known.items()}

    def map(self, part: Part, progress: Progress = None) -> list[pl.DataFrame]:
        """What `part` makes of each part of the rows: it has to be small, and such that parts can be merged.

        Memory holds the columns that `part` reads of about four million rows. `progress` hears (parts done, parts).
        """
        return list(self.each(part, progress))

    def each(self, part: Part, progress: Progress = None) -> Iterator[pl.DataFrame]:
        """The same one by one, in the order of the parts, for what is folded as it comes."""
        if self.dask is not None:
            from minerlib.mine.workers import mapped  # Dask is not loaded before somebody brings it

            yield from mapped(self.dask, part, progress)
            return
        cuts = [self.rows] if self.memory else list(self._cuts())
        with told(progress, len(cuts)) as tell:
            for done, cut in enumerate(cuts, 1):
                yield part(cut).collect(engine="streaming")
                tell(done)

    def whole(self, parts: Sequence[Part], progress: Progress = None) -> list[pl.DataFrame]:
        """What each of `parts` makes of all the rows, read once for all of them; with Dask of each partition, one below
        the other.

        For what the engine works out as rows pass by (sums, groups, a few of the rows), so that memory holds little
        more than the answers. `progress` hears (rows read, rows).
        """
        if self.dask is not None:
            from minerlib.mine.workers import mapped

            return [pl.concat(mapped(self.dask, part, progress), how="vertical_relaxed") for part in parts]
        if self.memory:
            return pl.collect_all([part(self.rows) for part in parts])
        count = self.rows.select(pl.len()).collect().item()
        with told(progress, count) as tell:
            counted = pl.col("time").map_batches(_Counter(tell), is_elementwise=True, return_dtype=self.schema["time"])
            rows = self.rows.with_columns(counted)
            found = pl.collect_all([part(rows) for part in parts], engine="streaming")
            tell(count)
            return found

    def folded(
        self, part: Part, merge: Callable[[pl.DataFrame], pl.DataFrame], progress: Progress = None
    ) -> pl.DataFrame:
        """The parts' answers merged as they come: for answers that are not small when there are many parts.

        `merge` makes one answer of several, one below the other, in any order.
        """
        found: list[pl.DataFrame] = []

        def kept(cut: pl.LazyFrame) -> pl.LazyFrame:
            found.append(part(cut).collect(engine="streaming"))
            if len(found) >= _PENDING:
                found[:] = [merge(pl.concat(found, how="vertical_relaxed"))]
            return found[0].clear().lazy()

        if self.dask is not None:
            found = self.map(part, progress)
        else:
            self.map(kept, progress)
        return merge(pl.concat(found, how="vertical_relaxed"))

    def merged(self, part: Part, progress: Progress = None) -> pl.DataFrame:
        """The parts' answers, one below the other."""
        return pl.concat(self.map(part, progress), how="vertical_relaxed")

    def back(self, frame: pl.DataFrame) -> Any:
        """A frame of the sort that was given."""
        return frame.to_pandas() if self.pandas else frame

    def _cuts(self) -> Iterator[pl.LazyFrame]:
        """The rows by spans of time, about _ROWS each where they come evenly."""
        time = pl.col("time")
        count, first, last = self.rows.select(pl.len(), time.min(), time.max().alias("last")).collect().row(0)
        pieces = 1 + count // _ROWS
        if pieces == 1:
            yield self.rows
            return
        step = (last - first + timedelta(microseconds=1)) / pieces
        for number in range(pieces):
            begin, end = first + number * step, first + (number + 1) * step
            yield self.rows.filter(time >= begin, time < end if number < pieces - 1 else pl.lit(True))


class _Counter:
    """Tells how many rows have passed by; several threads of the engine may call it."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell, self._done, self._lock = tell, 0, Lock()

    def __call__(self, values: pl.Series) -> pl.Series:
        with self._lock:
            self._done += len(values)
            self._tell(self._done)
        return values


def given(data: Any) -> Given:
    """What was given, by what it is: a Polars frame or lazy frame (`archive.scan(...)`), pandas, or Dask's.

    A frame needs a time: a column `time` or `timestamp`, the only column of moments, or pandas's index; moments without
    a zone are UTC, numbers are seconds since 1970. Raises MineError where it has none, SettingError for anything else.
    """
    if isinstance(data, Given):
        return data
    if isinstance(data, pl.LazyFrame):
        schema = data.collect_schema()
        if schema.get("time") == pl.Datetime("us", "UTC"):
            return Given(data)
        data = data.collect()
    if type(data).__module__.startswith("dask."):
        return Given(pl.from_pandas(data._meta).lazy(), pandas=True, dask=data)
    if hasattr(data, "scan") and hasattr(data, "streams"):
        raise SettingError("Mine one kind of an archive at a time: give archive.scan(kind, since=...), say.")
    frame = _clocked(as_polars(data))
    return Given(frame.with_columns(times(frame)).lazy(), pandas=not isinstance(data, pl.DataFrame), memory=True)


def _clocked(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame's `seen` as moments in UTC; what is called so and is no moment is a field like any other."""
    dtype = frame.schema.get("seen")
    if dtype is None or dtype == pl.Datetime("us", "UTC"):
        return frame
    if not isinstance(dtype, pl.Datetime):
        return frame.rename({"seen": "body.seen"})
    seen = pl.col("seen").cast(pl.Datetime("us", dtype.time_zone))
    return frame.with_columns(seen.dt.convert_time_zone("UTC") if dtype.time_zone else seen.dt.replace_time_zone("UTC"))
