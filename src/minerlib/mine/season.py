"""What hour of day and day of week make of a field, and what is usual then."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.event.moment import HOUR, duration
from minerlib.mine.courses.extent import Extent
from minerlib.mine.courses.origin import Origin, origin
from minerlib.mine.courses.resample import resample
from minerlib.mine.finding import Finding
from minerlib.mine.given import given
from minerlib.mine.progress import Progress, told
from minerlib.mine.seasons.pattern import Pattern, pattern
from minerlib.mine.seasons.seasonsays import says
from minerlib.mine.seasons.seasontable import figures, table
from minerlib.mine.seasons.stepped import stepped
from minerlib.mine.seasons.usualtables import UsualTables, usual_tables
from minerlib.mine.seasons.zones import check_zone, zoned

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

BUCKETS = 3000  # of time for an instance, about


@dataclasses.dataclass(frozen=True)
class Season(Finding):
    """`frame` has a row an instance: `days` looked at, `day_strength` and `week_strength` (0 to 1) with the chance
    that no pattern looks like it, the table's `size` (1, 24, 168), the hours `highest` and `lowest` with what is
    usual then, the median `spread`, and `stepped`, since when it has had the level looked at.

    `tables` has what is usual by instance (the number in `extent`), `rows` what that was learnt from (`instance`,
    `time`, `value`: means over `every` µs that end at `time`).
    """

    field: str
    zone: str
    every: int
    extent: Extent = dataclasses.field(repr=False, compare=False)
    tables: UsualTables = dataclasses.field(repr=False, compare=False)
    order: list[int] = dataclasses.field(repr=False, compare=False)
    rows: pl.DataFrame = dataclasses.field(repr=False, compare=False)
    origin: Origin = dataclasses.field(repr=False, compare=False)

    @property
    def usual(self) -> dict[str, Any]:
        """The tables as a rule's document has them under `usual`: plain JSON, those of up to 50 instances, else
        shared.
        """
        return self.tables.document({one: self.extent.keys(one) for one in self.tables.of})

    def chart(self) -> "alt.Chart | alt.LayerChart | alt.VConcatChart":
        """Up to five instances, those with the strongest pattern: hour by weekday, and the usual with its band."""
        from minerlib.mine.charts.season import chart

        return chart(self)

    def rule(self, alerts_per_day: float = 1.0, side: str = "high", most: int = 50) -> "Rule":
        """A rule that alerts `> usual + k * spread`, k such that it would raise about `alerts_per_day` in all.

        `side="low"` alerts below. Each of up to `most` instances has its table, more share one. Where there is enough
        history k is chosen on its last third by tables of what came before. Raises MineError where no line can be
        drawn, the field is a counter, or the kind of event is not known (give `kind=` to `season`).
        """
        from minerlib.mine.seasons.seasonrule import rule

        return rule(self, alerts_per_day, side, most)


def season(
    data: Any,
    field: str,
    by: str | Sequence[str] = ("source",),
    zone: str = "UTC",
    *,
    counter: bool = False,
    every: str | None = None,
    most: int = 300,
    kind: str | None = None,
    scope: str | None = None,
    progress: Progress = None,
) -> Season:
    """How much of a field its hour of day and its day of week tell, for each instance, and what is usual then.

    `data` is a scan, or a Polars or pandas frame; `by` is what one instance is; hours and weekdays are those of
    `zone`, also through changes of its clocks. Values are means over `every` (learnt from how often the field is told:
    an hour or less, where it is told that often); of a `counter` its rate a second. Strength, chance and other periods
    are explained at `Pattern`, the tables and how long they have to be at `usual_tables`. Where an instance stepped to
    another level and stayed there, only what came after is looked at. Of more than `most` instances those told most
    often are.

        season(archive.scan("http.requests", since="28d"), "count", zone="Europe/Berlin").usual

    Raises MineError where the field is not there, is text or holds no number; SettingError for a zone that is not
    known.
    """
    check_zone(zone)
    data = given(data)
    found = resample(data, field, by, None if every is None else duration(every) or None, BUCKETS,
                     counter=counter, most=most, progress=progress)  # fmt: skip
    if every is None and found.every > HOUR > found.extent.cadence:  # a long history still has hours
        found = resample(data, field, by, HOUR, counter=counter, most=most, progress=progress)
    value = pl.col("rate" if counter else "mean").alias("value")
    rows = found.frame.select("instance", "time", value).drop_nulls()
    since = stepped(rows, found.every)
    rows = rows.join(since, "instance", "left", maintain_order="left")
    rows = rows.filter(pl.col("stepped").is_null() | (pl.col("time") > pl.col("stepped"))).drop("stepped")
    tables = usual_tables(rows, zone)
    frame = table(found.extent, _patterns(rows, zone, found.every, progress), tables, since, rows, found.every)
    numbers = figures(frame, found.extent, field, zone, found.every, tables)
    come = origin(found.extent, kind, scope)._replace(counter=counter)
    shown = frame.drop("instance", "name", "other", "values")
    return Season(
        data.back(shown), numbers, says(numbers), data, field=field, zone=zone, every=found.every, extent=found.extent,
        tables=tables, order=frame["instance"].to_list(), rows=rows, origin=come,
    )  # fmt: skip


def _patterns(rows: pl.DataFrame, zone: str, every: int, progress: Progress) -> dict[int, Pattern]:
    found: dict[int, Pattern] = {}
    with told(progress, rows["instance"].n_unique()) as tell:
        for done, ((instance,), some) in enumerate(zoned(rows, zone).group_by("instance", maintain_order=True), 1):
            tell(done)
            end = some["time"].dt.epoch("us").to_numpy()
            columns = (some[name].to_numpy() for name in ("cell", "day", "value"))
            found[int(instance)] = pattern(end, *columns, every=every)  # pyright: ignore[reportArgumentType]
    return found
