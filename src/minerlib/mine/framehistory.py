"""A frame as a history: what an analyst holds in a notebook can be mined and backtested like an archive."""

from collections.abc import Collection, Iterator
from copy import copy
from typing import Any

import polars as pl

from minerlib.archive.rows import Rows
from minerlib.errors import MineError
from minerlib.event import LOCAL, Event, Kinds, check_scope, kind_matches, topic_matches
from minerlib.event.event import COLUMNS
from minerlib.event.known import Keys
from minerlib.mine.series import nearest
from minerlib.mine.tables import as_polars, times
from minerlib.rule.batch import Batch
from minerlib.rule.history import Stream

_BATCH, _ROWS = 10_000, 500_000  # events, and rows of columns, at once
_TAIL = {"rest": pl.lit(None, pl.String), "raw": pl.lit(None, pl.Binary), "repeat": pl.lit(False)}


class FrameHistory:
    """The rows of a Polars or pandas frame as events of one kind, its clock the time of the events.

    The frame needs a time: a column `time` or `timestamp`, the only column of moments, or pandas's index. Moments
    without a zone are UTC, numbers are seconds since 1970. `source` and whatever else `scan` gives are taken over
    where they are there; all other columns are fields of the body. Without a scope of its own it stands in
    `local.lab.dev`. Raises MineError where no time can be read, or the kind is not in its column `kind`.
    """

    def __init__(self, frame: Any, kind: str, scope: str | None = None) -> None:
        rows = as_polars(frame)
        if "kind" in rows.columns:
            kinds = [str(name) for name in rows["kind"].unique()]
            if kind not in kinds:
                raise MineError(f"There is no kind {kind!r} in the frame{nearest(kind, kinds)}")
            rows = rows.filter(pl.col("kind") == kind)
        rows = rows.with_columns(times(rows)).sort("time", maintain_order=True)
        self.kind = kind
        self.scope = check_scope(scope or _scope(rows))
        company, system, environment = self.scope.split(".")
        given = {"company": company, "system": system, "environment": environment, "kind": kind, "epoch": "frame"}
        source = pl.col("source") if "source" in rows.columns else pl.lit(None)
        rows = rows.drop("offset", "part", "seen", "repeat", "raw", "rest", strict=False)
        rows = rows.with_columns(
            *(pl.lit(value).alias(name) for name, value in given.items()),
            source.cast(pl.String).fill_null("frame").alias("source"),
            pl.col("time").alias("seen"),
            pl.lit(0, pl.Int64).alias("part"),
        )
        self.frame = rows.with_row_index("offset").cast({"offset": pl.Int64})
        self._times = self.frame["time"].dt.epoch("us")
        self.fields = [name for name in self.frame.columns if name not in COLUMNS]
        self._whole = [name for name in self.fields if self.frame.schema[name].is_numeric()]

    def scan(self, kind: str, scope: str | None = None) -> pl.LazyFrame:
        """The rows, shaped as an archive's; one stream has one scope."""
        return self._rows(kind, None, None).lazy()

    def streams(self, scope: str = "*.*.*") -> list[Stream]:
        """The one stream there is, where the pattern names it."""
        return [Stream(self.scope, "frame")] if topic_matches(scope, self.scope) else []

    def events(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
    ) -> Iterator[list[Event]]:
        """The rows as events, in the order of time."""
        rows = self._rows(kind, since, until)
        if first is not None:
            rows = rows.filter(pl.col("offset") >= first)
        company, system, environment = self.scope.split(".")
        for some in rows.iter_slices(_BATCH):
            times = some["time"].dt.epoch("us").to_list()
            bodies = some.select(self.fields).to_dicts() or [{}] * some.height  # without fields there are no rows
            yield [
                Event(
                    time=time, seen=time, epoch="frame", offset=offset, part=0, company=company, system=system,
                    environment=environment, source=source, kind=self.kind,
                    body={name.removeprefix("body."): value for name, value in body.items() if value is not None},
                )
                for time, offset, source, body in zip(times, some["offset"], some["source"], bodies, strict=True)
            ]  # fmt: skip

    def batches(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
        last: int | None = None,
        fields: Collection[str] | None = None,
    ) -> Iterator[Batch]:
        """The same for the engine, up to offset `last`, read by columns."""
        rows = self._rows(kind, since, until)
        rows = rows if first is None else rows.filter(pl.col("offset") >= first)
        rows = rows if last is None else rows.filter(pl.col("offset") <= last)
        keys = Keys()
        for some in rows.iter_slices(_ROWS):
            yield Batch(Rows({self.kind: some.with_columns(pl.col(self._whole).cast(pl.Float64), **_TAIL)}, keys))

    def clock(self, stream: Stream, until: int | None = None) -> int | None:
        """The time of the last row below `until`, in microseconds."""
        count = len(self._times) if until is None else self._times.search_sorted(until, "left")
        return self._times[count - 1] if count else None

    def only(self, sources: Collection[str], share: float = 1.0) -> "FrameHistory":
        """The history as if only these sources had said anything; its clock is that of all of them."""
        found = copy(self)
        found.frame = self.frame.filter(pl.col("source").is_in(list(sources)))
        return found

    def _rows(self, kind: Kinds, since: int | None, until: int | None) -> pl.DataFrame:
        at, rows = pl.col("time").dt.epoch("us"), self.frame
        if not kind_matches(kind, self.kind):
            return rows.clear()
        rows = rows if since is None else rows.filter(at >= since)
        return rows if until is None else rows.filter(at < until)


def _scope(rows: pl.DataFrame) -> str:
    words = ("company", "system", "environment")
    if not set(words) <= set(rows.columns) or not rows.height:
        return LOCAL
    found = rows.select(pl.concat_str(words, separator=".")).to_series().unique().to_list()
    if len(found) > 1:
        raise MineError(f"The frame holds several scopes ({', '.join(sorted(found)[:5])}): filter it to one.")
    return str(found[0])
