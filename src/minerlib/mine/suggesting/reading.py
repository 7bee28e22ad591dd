"""A field's history, read once: what a rule would see of it, in panes, and what was counted on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import polars as pl

from minerlib.errors import MineError
from minerlib.event.event import COLUMNS
from minerlib.event.moment import SECOND
from minerlib.mine.given import Given, given, within
from minerlib.mine.progress import Progress
from minerlib.mine.series import AHEAD, LATENESS, nearest
from minerlib.mine.series import rows as rows_in
from minerlib.mine.suggesting.choose import limits
from minerlib.mine.suggesting.constants import CELLS, PAD
from minerlib.mine.suggesting.panegrid import SUMS, Grid, laid_out
from minerlib.mine.suggesting.surveyed import Prepare, number_of, surveyed
from minerlib.mine.suggesting.tries import Context
from minerlib.rule.history import Stream

_COUNTS = ("selected", "late", "future", "null", "odd")


class Tally(NamedTuple):
    """How many events were selected, late, future, null, and odd (not told by columns); and a row (scope, epoch,
    `by.<name>`) for each instance that had one that counts."""

    counts: dict[str, int]
    instances: pl.DataFrame


@dataclass(frozen=True)
class Read:
    """What was read: the grid, and what is known of the field; of how many `values`, the `first` and `last` when (µs).

    `tally` is of all its events, `counted(where, since, until)` of those of another range whose `value` an expression
    is true of; `begun` says for each stream when its first event was seen (µs). Where
    it was not read from its beginning, the grid holds what came up to `lead` (µs) before.
    """

    grid: Grid
    context: Context
    values: int
    tally: Tally
    begun: dict[Stream, int]
    first: int
    last: int
    lead: int
    counted: Callable[[pl.Expr | None, int | None, int | None], Tally] = field(repr=False)


def read(
    rows: Given, context: Context, streams: Sequence[Stream], end: int, since: int | None = None,
    until: int | None = None, progress: Progress = None,
) -> Read:  # fmt: skip
    """The field's history in panes as long as it is told, or longer where there would be too many of them.

    Late events, which no rule would see, are left out, and what comes too early counts as now. Raises MineError where
    there are no values, one, or one an instance.
    """
    what = f"the field {context.field!r} of {context.kind}"
    prepared = _prepared(rows, context, since, until)
    context, pane, instances = surveyed(rows, prepared, context, what)
    pad = max(8, min(PAD, CELLS // (4 * max(1, instances))))
    apart = _apart(streams)
    lead = 0 if since is None else (pad + 2) * pane + LATENESS + AHEAD  # what a rule is primed with
    prepared = _prepared(rows, context, None if since is None else since - lead, until, since, bool(apart))
    parts = rows.map(lambda part: _panes(prepared(part), context, pane, apart), progress)
    keys = ["scope", "epoch", *(f"by.{name}" for name in context.by)]
    if not apart:
        stream = streams[0] if streams else Stream("local.lab.dev", "")
        parts = [part.with_columns(scope=pl.lit(stream.scope), epoch=pl.lit(stream.epoch)) for part in parts]
    tally, begun = _tallied(parts, keys), _begun(parts)
    parts, names = _numbered(parts, keys)
    start = -1 if since is None else since
    grid = laid_out(parts, names, pane, pad, end, start)
    panes = pl.concat(part.filter(pl.col("ended") >= start).select("count", "low", "high", "began", "ended")
                      for part in parts)  # fmt: skip
    if not panes.height:
        raise MineError(f"No rule can be suggested: {what} holds no number since 1970, or since the moment asked for.")
    low, high = number_of(panes["low"].min()), number_of(panes["high"].max())
    within(context.field, low, high)
    if low == high and not context.texts and context.names != ("absence",):
        raise MineError(
            f"No rule can be suggested: {what} is {low:g} all the time; no line says more than that. What it may say "
            "is that it stops: see shapes=('absence',)."
        )
    values = int(panes["count"].sum())
    context = replace(context, limits=limits(context.field, low, high), several=values > 1.5 * panes.height)
    first, last = int(number_of(panes["began"].min())), int(number_of(panes["ended"].max()))

    def counted(where: pl.Expr | None, since: int | None, until: int | None) -> Tally:
        again = _prepared(rows, context, since, until)

        def part(some: pl.LazyFrame) -> pl.LazyFrame:
            some = again(some) if where is None else again(some).filter(where)
            late = pl.col("late")
            sums = [(~late).sum().alias("selected"), late.sum(), (pl.col("future") & ~late).sum()]
            null = pl.lit(0) if where is not None else (~late & pl.col("value").is_null()).sum()
            return some.group_by(keys).agg(*sums, null.alias("null"), pl.col("odd").sum())

        return _tallied(rows.map(part, False), keys)

    return Read(grid, context, values, tally, begun, max(first, start), last, lead, counted)


def _tallied(parts: Sequence[pl.DataFrame], keys: list[str]) -> Tally:
    counts = {name: sum(int(part[name].sum()) for part in parts) for name in _COUNTS}
    there = pl.concat(part.filter(pl.col("selected") > 0).select(keys).unique() for part in parts)
    return Tally(counts, there.unique())


def _begun(parts: Sequence[pl.DataFrame]) -> dict[Stream, int]:
    """When the first event of each stream was seen."""
    rows = pl.concat(part.group_by("scope", "epoch").agg(pl.col("seen").min()) for part in parts)
    rows = rows.group_by("scope", "epoch").agg(pl.col("seen").min()).rows()
    return {Stream(scope, epoch): seen for scope, epoch, seen in rows if seen is not None}


def _numbered(parts: Sequence[pl.DataFrame], keys: list[str]) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """The panes that hold something with the number of their instance, and the instances by number."""
    parts = [part.filter(pl.col("count") > 0).drop(*_COUNTS, "seen") for part in parts]
    names = pl.concat(part.select(keys).unique() for part in parts).unique().sort(keys)
    number = names.with_row_index("instance").cast({"instance": pl.Int64})
    parts = [part.join(number, keys, nulls_equal=True).drop(keys) for part in parts if part.height]
    return _joined(parts), names


def _prepared(
    rows: Given, context: Context, since: int | None, until: int | None, start: int | None = None, told: bool = True
) -> Prepare:
    """What makes rows scope, epoch, `by.<name>`, `time` (µs, as a rule sees it), `value`, and what they count as."""
    at, seen = pl.col("time").dt.epoch("us"), pl.col("seen").dt.epoch("us")
    value = pl.lit(1.0) if context.texts else rows.number(context.field)
    if context.texts:
        value = pl.when(pl.col(rows.column(context.field)).is_not_null()).then(value)
    by = [pl.col(rows.column(name)).alias(f"by.{name}") for name in context.by]
    odd = pl.any_horizontal([pl.col(name).is_not_null() for name in ("rest", "raw") if name in rows.schema] or [False])

    scope = pl.concat_str("company", "system", "environment", separator=".")

    def prepare(part: pl.LazyFrame) -> pl.LazyFrame:
        part = part if since is None else part.filter(seen >= since)  # to the microsecond, as `backtest` cuts it
        part = part if until is None else part.filter(seen < until)
        return part.select(
            *([scope.alias("scope"), pl.col("epoch")] if told else []),
            *by,
            pl.when(at > seen + AHEAD).then(seen).otherwise(at).alias("time"),
            value.alias("value"),
            (at < seen - LATENESS).alias("late"),
            (at > seen + AHEAD).alias("future"),
            seen.alias("seen"),
            (pl.lit(True) if start is None else seen >= start).alias("inside"),
            odd.alias("odd"),
        )

    return prepare


def _apart(streams: Sequence[Stream]) -> list[str]:
    """The columns that tell streams apart: none is needed for one; to group by fewer is three times as fast."""
    if len(streams) < 2:
        return []
    return ["epoch"] if len({stream.epoch for stream in streams}) == len(streams) else ["scope", "epoch"]


def _panes(part: pl.LazyFrame, context: Context, pane: int, apart: Sequence[str]) -> pl.LazyFrame:
    """The panes of some rows of streams that these columns tell apart."""
    value, time, intime, inside = pl.col("value"), pl.col("time"), ~pl.col("late"), pl.col("inside")
    there = intime & value.is_not_null()
    value, at = pl.when(there).then(value), pl.when(there).then(time)
    x = ((at + (pane - 1)) % pane - (pane - 1)) / SECOND  # to the pane's end
    moments = {"rate", "forecast"} & set(context.names)
    above, below = context.bars
    return part.group_by(
        *apart, *(f"by.{name}" for name in context.by), ((time + (pane - 1)) // pane * pane).alias("pane")
    ).agg(
        *(pl.col(name).first() for name in ("scope",) if apart and name not in apart),
        (inside & intime).sum().alias("selected"),
        (inside & pl.col("late")).sum().alias("late"),
        (inside & pl.col("future") & intime).sum().alias("future"),
        (inside & intime & pl.col("value").is_null()).sum().alias("null"),
        pl.col("odd").sum(),
        there.sum().alias("count"),
        value.sum().alias("total"),
        value.min().alias("low"),
        value.max().alias("high"),
        value.min_by(at).alias("first"),
        value.max_by(at).alias("last"),
        at.min().alias("began"),
        at.max().alias("ended"),
        *([] if not moments else [x.sum().alias("x"), (x * x).sum().alias("xx"), (x * value).sum().alias("xy")]),
        pl.col("seen").min(),
        *([] if above is None else [(value > above).sum().alias("beyond")]),
        *([] if below is None else [(value < below).sum().alias("short")]),
    )


def _joined(parts: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """The parts with those panes put together that were cut by a part's end."""
    ends = sorted((int(number_of(part["pane"].min())), int(number_of(part["pane"].max()))) for part in parts)
    twice, reach = list[tuple[int, int]](), -1
    for begin, end in ends:
        if begin <= reach:
            twice.append((begin, min(end, reach)))
        reach = max(reach, end)
    if not twice:
        return list(parts)
    cut = pl.any_horizontal(pl.col("pane").is_between(begin, end) for begin, end in twice)
    columns = parts[0].columns
    sums = [name for name in SUMS if name in columns]
    found = pl.concat([part.filter(cut).select(columns) for part in parts], how="vertical_relaxed")
    found = found.group_by("instance", "pane").agg(
        pl.col(sums).sum(), pl.col("low", "began").min(), pl.col("high", "ended").max(),
        pl.col("first").min_by("began"), pl.col("last").max_by("ended"),
    )  # fmt: skip
    whole = [part.filter(~cut).select(columns) for part in parts]
    return [part for part in (*whole, found.select(columns)) if part.height]


def rows_of(history: Any, kind: str, names: Sequence[str], scope: str | None, client: Any = None) -> Given:
    """The events of the kind as rows, by `scan` where the history has it, else event by event."""
    found = rows_in(history, kind, names, scope, client)
    if isinstance(found, pl.DataFrame):
        return Given(found.lazy(), memory=True)
    return replace(given(found), memory=hasattr(history, "frame"))


def known(rows: Given, kind: str, names: Sequence[str]) -> None:
    """Raises MineError with the nearest name where a field is not there."""
    for name in names:
        if name not in rows.fields and name not in COLUMNS:
            raise MineError(f"The events of kind {kind} have no field {name!r}{nearest(name, rows.fields)}")
