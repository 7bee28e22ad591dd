"""The heavy hitters of a field: who talks most, who is new, who has gone, and the rule that follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import rfc3339, to_datetime, words
from minerlib.mine.bursts.heavy import heavy
from minerlib.mine.bursts.ranked import foremost, numbers_of, ranked, renamed, sentence
from minerlib.mine.finding import Finding
from minerlib.mine.given import Given, given
from minerlib.mine.progress import Progress
from minerlib.mine.spoken import named
from minerlib.mine.suggesting.counted import Counted, count_rule, window
from minerlib.mine.suggesting.spans import extent, last_span
from minerlib.rule.expression import quoted

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

BOUND = 1_000_000  # distinct values that are counted exactly


@dataclass(frozen=True)
class Top(Finding):
    """The most frequent values, those that are new and those that have gone.

    `frame`, `newcomers` and `vanished` have the groups of `by`, the field or fields, `count` (of events, or the sum of
    `weight`), `share` and `cumulative` (of the group's whole), `per_hour`, `first`, `last`, `recent` (the part of
    `count` in the last span), `rank`, `rank_before` and `rank_recent` (null where it was not seen then) and `new`.
    """

    newcomers: Any = field(repr=False)
    vanished: Any = field(repr=False)
    fields: tuple[str, ...] = field(repr=False)
    by: tuple[str, ...] = field(repr=False)
    weight: str | None = field(repr=False)

    @cached_property
    def table(self) -> pl.DataFrame:
        """`frame` as Polars's."""
        return self.frame if isinstance(self.frame, pl.DataFrame) else pl.from_pandas(self.frame)

    def chart(self) -> "alt.LayerChart | alt.VConcatChart":
        """The shares as bars, newcomers marked. Raises MineError where nothing was counted."""
        from minerlib.mine.charts.top import chart

        return chart(self)

    def rule(
        self,
        over: str = "10m",
        alerts_per_day: float = 1.0,
        kind: str | None = None,
        scope: str | None = None,
        name: str | None = None,
    ) -> "Rule":
        """Alert of a value that is seen more than so often within `over`: the rule for bans.

        The line is chosen on the past of all values, not only those shown, so that about `alerts_per_day` are raised in
        all; `evidence` says what a backtest raised. `kind` is needed where the frame has no column of it. Raises
        MineError where nothing can be counted, SettingError where an argument cannot be meant.
        """
        columns = tuple(self.given.column(each) for each in (*self.by, *self.fields) if each not in self._unknown)
        fields = columns[len(columns) - len(self.fields) :]
        weight = None if self.weight is None else self.given.column(self.weight)
        there, where = (
            [pl.col(each).is_not_null() for each in fields],
            [f"{quoted(each)} is not null" for each in fields],
        )
        what = " ".join(self.fields)
        counted = Counted(
            name=name or f"top {what}",
            about=f"One {what} with " + ("more than {line} events" if weight is None else f"a {weight} above {{line}}")
            + " within {over}",
            by=columns,
            over=window(over),
            select=pl.all_horizontal(there),
            where=" and ".join(where),
            columns=fields,
            weight=weight,
        )  # fmt: skip
        return count_rule(self.given, counted, alerts_per_day, kind, scope)

    @property
    def _unknown(self) -> set[str]:
        return {"source"} - set(self.given.schema)


def top(
    data: Any,
    field: str | Sequence[str],
    by: str | Sequence[str] = (),
    n: int = 10,
    since_last: str | timedelta = "7d",
    *,
    weight: str | None = None,
    bound: int = BOUND,
    progress: Progress = None,
) -> Top:
    """The `n` most frequent values of a field, or of several together, in all or in each group of `by`.

    `data` is a frame or a scan. `weight` sums a number of the events instead of counting them (bytes by talker).
    Newcomers are values whose first event lies within `since_last` of the last event of all, vanished ones have had
    none since then; where the history is not longer than that, its last quarter is meant, and `says` tells so. Up to
    `bound` different values are counted exactly; beyond that counts may be too low by `numbers["error"]`, never too
    high. An empty value (null, NaN) is not counted.

        top(archive.scan("firewall.drop", since="30d"), "source_ip").newcomers

    Raises MineError where the field is not there or holds nothing, SettingError where an argument cannot be meant.
    """
    fields, by = ((each,) if isinstance(each, str) else tuple(each) for each in (field, by))
    if not fields or n < 1 or bound < n:
        raise SettingError("top needs a field, and at least one place: write top(data, 'source_ip', n=10).")
    if set(fields) & set(by):
        raise SettingError(f"{named(sorted(set(fields) & set(by)))} cannot be both the field and in by.")
    data = given(data)
    columns = {name: _plain(data, name) for name in fields}
    keys = [expr.alias(f"by.{name}") for name, expr in data.keys(by).items()]
    groups = [key.meta.output_name() for key in keys]
    keys += [expr.alias(f"value.{name}") for name, expr in columns.items()]
    begin, end = extent(data)
    span, shortened = last_span(since_last, begin, end)
    measure = pl.lit(1, pl.Int64) if weight is None else data.number(weight)
    cut = pl.lit(to_datetime(end - span), pl.Datetime("us", "UTC"))
    found = heavy(data, keys, groups, measure, pl.col("time") > cut, bound, progress)
    if not found.frame.height:
        raise MineError(f"There is nothing to count: {named(fields)} is empty in all of these events.")
    if weight is not None and float(found.frame["count"].min() or 0) < 0:  # type: ignore[arg-type]
        raise MineError(f"{weight!r} is below zero in sum for some values; shares of a whole need numbers above zero.")
    every = ranked(found.frame, found.totals, groups, list(columns), end - begin, cut)
    shown = every.filter(pl.col("rank") <= n)
    new = every.filter("new").sort("recent", "rank", descending=[True, False], maintain_order=True)
    gone = every.filter("gone")
    numbers = numbers_of(every, shown, found.totals, found.error, found.lost, groups)
    numbers |= {
        "since": rfc3339(begin), "until": rfc3339(end), "since_last": words(span), "shortened": shortened,
        "newcomers": new.height, "vanished": gone.height,
    }  # fmt: skip
    back = [
        data.back(renamed(each, groups, list(columns), weight))
        for each in (shown, foremost(new, groups, n), foremost(gone, groups, n))
    ]
    says = sentence(numbers, every, new, fields, by, weight, n)
    return Top(back[0], numbers, says, data, back[1], back[2], fields, by, weight)


def _plain(data: Given, name: str) -> pl.Expr:
    """A field as it can be counted, NaN as null."""
    column = data.column(name)
    dtype = data.schema[column]
    if dtype.is_nested():
        raise MineError(f"The field {name!r} holds lists or objects; name a field inside of it, {name}.something say.")
    found = pl.col(column)
    return pl.when(found.is_nan()).then(None).otherwise(found) if dtype.is_float() else found
