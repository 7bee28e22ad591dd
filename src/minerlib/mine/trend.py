"""Where each instance of a field goes, since when, and when it is where it must not be."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import SettingError
from minerlib.event.moment import duration
from minerlib.mine.courses.course import LEAST, Course, course
from minerlib.mine.courses.extent import Extent
from minerlib.mine.courses.origin import Origin, origin
from minerlib.mine.courses.resample import resample
from minerlib.mine.courses.trendsays import says
from minerlib.mine.courses.trendtable import figures, table
from minerlib.mine.finding import Finding
from minerlib.mine.given import given
from minerlib.mine.progress import Progress, told
from minerlib.mine.suggesting.choose import limits

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

POINTS = 240  # buckets of time at most


@dataclasses.dataclass(frozen=True)
class Trend(Finding):
    """`frame` has a row an instance, those that move most first: `since` (of the last change), `until`, the levels
    `start` and `end` of the line, its slope `per_day` with `low` and `high`, whether it `moves` for sure, how many
    `changes` there were, when it `reaches` the limit, `earliest` and `latest`; `why_not` where nothing can be said.

    `courses` by instance (the number in `extent`; `order` is the frame's, `moving` those that move), `series` what
    they were told from (`instance`, `time`, `value`).
    """

    field: str
    to: float | None
    every: int
    extent: Extent = dataclasses.field(repr=False, compare=False)
    courses: dict[int, Course] = dataclasses.field(repr=False, compare=False)
    order: list[int] = dataclasses.field(repr=False, compare=False)
    moving: frozenset[int] = dataclasses.field(repr=False, compare=False)
    series: pl.DataFrame = dataclasses.field(repr=False, compare=False)
    origin: Origin = dataclasses.field(repr=False, compare=False)

    def chart(self) -> "alt.Chart | alt.LayerChart | alt.VConcatChart":
        """Up to ten instances, those that move most: values, line with its interval, changes, and the limit."""
        from minerlib.mine.charts.trend import chart

        return chart(self)

    def rule(self, lead: str | None = None, alerts_per_day: float = 0.5) -> "Rule":
        """A rule that alerts `lead` before the limit is reached, else (no limit) of a climb steeper than was usual.

        Its window is the shortest that would not have alerted for nothing in the history given; without `lead` a day,
        or a quarter of a shorter history. `alerts_per_day` is for the second form. Raises MineError where there is too
        little history, the field is a counter, or the kind of event is not known (give `kind=` to `trend`).
        """
        from minerlib.mine.courses.trendrule import rule

        return rule(self, lead, alerts_per_day)


def trend(
    data: Any,
    field: str,
    by: str | Sequence[str] = ("source",),
    to: float | None = None,
    *,
    counter: bool = False,
    confidence: float = 0.95,
    every: str | None = None,
    most: int = 1000,
    kind: str | None = None,
    scope: str | None = None,
    progress: Progress = None,
) -> Trend:
    """Where a field goes: for each instance a robust line since it last changed, and when that is at `to`.

    `data` is a scan, or a Polars or pandas frame; `by` is what one instance is. Values are means of at most about 240
    buckets of time (`every` sets their length); of a `counter` its rate a second, resets and wraps made up for. What
    returns every day or week is taken out; then changes are looked for (see `changes`), and the line is Theil and Sen's
    through what came after the last one, so that a disk's trend is that since it was last cleaned. Intervals are meant
    at `confidence` for noise like an AR(1) (see `line`; docs/mining.md tells how often they hold); an instance `moves`
    where 0 is outside, with Benjamini and Hochberg's correction (1995) for many instances. `to` is 100 for percentages
    and 1 for ratios by their name, unless given. Of more than `most` instances those told most often are looked at.

        trend(archive.scan("disk.usage", since="30d"), "used_pct", by=("source", "mount"))

    Raises MineError where the field is not there, is text or holds no number; SettingError where an argument cannot be
    meant.
    """
    if not 0.5 <= confidence < 1:
        raise SettingError(f"confidence is {confidence!r}: write 0.95, say.")
    rows = given(data)
    span = None if every is None else duration(every) or None
    found = resample(rows, field, by, span, POINTS, counter=counter, most=most, progress=progress)
    value = "rate" if counter else "mean"
    if to is None and not counter:
        low, high = found.frame.select(pl.col("min").min(), pl.col("max").max()).row(0)
        to = limits(field, low, high)[1]
    series = found.frame.select("instance", "time", pl.col(value).alias("value")).drop_nulls()
    courses: dict[int, Course] = {}
    with told(progress, found.extent.instances.height) as tell:
        for done, ((instance,), some) in enumerate(series.group_by("instance", maintain_order=True), 1):
            tell(done)
            if some.height < LEAST:
                continue
            end = some["time"].dt.epoch("us").to_numpy()
            courses[int(instance)] = course(end, some["value"].to_numpy(), found.every, confidence)  # pyright: ignore[reportArgumentType]
    frame = table(found.extent, courses, to, confidence)
    numbers = figures(frame, found.extent, courses, field, to, found.every, confidence)
    come = origin(found.extent, kind, scope)
    sentence = says(numbers)
    return Trend(
        rows.back(frame.drop("instance", "name")), numbers, sentence, rows, field=field, to=to, every=found.every,
        extent=found.extent, courses=courses, order=frame["instance"].to_list(),
        moving=frozenset(frame.filter("moves")["instance"]), series=series, origin=come._replace(counter=counter),
    )  # fmt: skip
