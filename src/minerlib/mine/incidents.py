"""Bursts of events, or alerts near to each other, as incidents: where they began, whom they reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import MINUTE, duration, rfc3339, words
from minerlib.mine.bursts.begun import begun
from minerlib.mine.bursts.joined import joined, learned
from minerlib.mine.bursts.unusual import bucket, unusual
from minerlib.mine.finding import Finding
from minerlib.mine.given import Given, given
from minerlib.mine.progress import Progress
from minerlib.mine.spoken import count, percent
from minerlib.mine.suggesting.counted import Counted, count_rule, window
from minerlib.mine.suggesting.spans import extent

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

SHORTEST = 10 * MINUTE  # a rule's window by itself: in a shorter one an incident is raised and cleared many times
CHANCE = 0.05  # false bursts in the whole history
RAISED = ("raised", "escalated", "flapping")  # what an alert says when something begins


@dataclass(frozen=True)
class Incidents(Finding):
    """Incidents, the earliest first.

    `frame` has `begin`, `end`, `minutes`, `sources` (how many), `order` (their names as they joined), `events` (their
    number, or the sum of `weight`), `expected` (as many are usual in that time; null of alerts), `peak` (the most in a
    minute), `first_kind` and `first_value`. `bursts` has a row for each source of each incident (`incident` is the row
    in `frame`), with the same columns.
    """

    bursts: Any = field(repr=False)
    by: tuple[str, ...] = field(repr=False)
    over: int = field(repr=False)
    weight: str | None = field(repr=False)
    alerts: bool = field(repr=False)

    def chart(self) -> "alt.LayerChart":
        """Sources below one another, their bursts in time. Raises MineError where there is no incident."""
        from minerlib.mine.charts.incidents import chart

        return chart(self)

    def rule(
        self,
        over: str | None = None,
        alerts_per_day: float = 1.0,
        kind: str | None = None,
        scope: str | None = None,
        name: str | None = None,
    ) -> "Rule":
        """Alert when a source has more than so many events within `over` (of alerts: when all together have).

        The line is chosen on the past so that about `alerts_per_day` are raised in all; `evidence` says what a backtest
        raised. Raises MineError where nothing can be counted, SettingError where an argument cannot be meant.
        """
        span = window(over) if over is not None else max(self.over, SHORTEST)
        known = tuple(each for each in self.by if each != "source" or "source" in self.given.schema)
        what = "alerts" if self.alerts else self.weight or "events"
        select, where, columns = None, None, ()
        if self.alerts and "what" in self.given.schema:
            select = pl.col("what").is_in(RAISED)
            where, columns = f"what in ({', '.join(repr(each) for each in RAISED)})", ("what",)
        counted = Counted(
            name=name or ("alert storm" if self.alerts else f"burst of {what}"),
            about=f"More {what} than {{line}} within {{over}}"
            + ("" if self.alerts else f", from one {' '.join(known) or 'place'}"),
            by=() if self.alerts else tuple(self.given.column(each) for each in known),
            over=span, select=select, where=where, columns=columns,
            weight=None if self.weight is None else self.given.column(self.weight),
        )  # fmt: skip
        return count_rule(self.given, counted, alerts_per_day, kind, scope)


def incidents(
    data: Any,
    by: str | Sequence[str] = "source",
    gap: str | timedelta | None = None,
    *,
    over: str | timedelta | None = None,
    weight: str | None = None,
    field: str | None = None,
    chance: float = CHANCE,
    progress: Progress = None,
) -> Incidents:
    """Runs of unusually many events, those of several sources joined where they overlap.

    Events are counted in buckets of `over` (learnt: one event each on average, 1m to 1h), or summed by `weight`. A
    burst is a run of buckets with more than is usual for the source at that hour of the day, one of them beyond chance:
    `chance` false ones are to be expected in the whole history. Bursts no further apart than `gap` (one bucket) are one
    incident.

    Where all events are alerts (kinds `alert.*`), an incident is a run of them (of those that raised, where they
    say what they did) nearer to each other than `gap`, which is learnt from the times between them. `field` is what
    `first_value` is taken from, an alert's `value` by itself.

        incidents(archive.scan("firewall.drop", since="7d")).frame

    Raises MineError where there are no events, SettingError where an argument cannot be meant.
    """
    if not 0 < chance < 1:
        raise SettingError(f"chance is {chance!r}: write how many false bursts are bearable in all, 0.05 say.")
    by = (by,) if isinstance(by, str) else tuple(by)
    data = given(data)
    keys = data.keys(by)
    alerts = weight is None and _all_alerts(data)
    if field is None and alerts and "value" in data.fields:
        field = "value"
    begin, end = extent(data)
    told = _told(data, field)
    if alerts:
        spans, whole = _alerts(data, keys, told, progress)
        length, known = learned(spans["begin"]) if gap is None else (duration(gap), False)
        width = max(length, MINUTE)
    else:
        width = None if over is None else window(duration(over) / 1e6)
        spans, whole, width = _bursts(data, keys, weight, told, begin, end, width, chance, progress)
        length, known = (width, True) if gap is None else (duration(gap), False)
    rows = joined(spans, length)
    frame, bursts = _frames(rows, keys)
    numbers = _numbers(frame, rows, whole)
    numbers |= {
        "since": rfc3339(begin), "until": rfc3339(end), "gap": words(length), "gap_learned": known and gap is None,
        "over": None if alerts else words(width), "alerts": alerts,
    }  # fmt: skip
    says = _says(numbers, frame, end - begin, "alert" if alerts else weight or "event", weight or "")
    return Incidents(data.back(frame), numbers, says, data, data.back(bursts), by, width, weight, alerts)


def _all_alerts(data: Given) -> bool:
    if "kind" not in data.schema:
        return False
    kinds = data.merged(lambda rows: rows.select(pl.col("kind").cast(pl.String).unique()), False)["kind"].unique()
    return len(kinds) > 0 and all(str(kind).startswith("alert.") for kind in kinds)


def _told(data: Given, field: str | None) -> dict[str, pl.Expr]:
    kind = pl.col("kind").cast(pl.String) if "kind" in data.schema else pl.lit(None, pl.String)
    value = pl.lit(None, pl.String) if field is None else pl.col(data.column(field))
    return {"first_kind": kind, "first_value": value}


def _alerts(
    data: Given, keys: dict[str, pl.Expr], told: dict[str, pl.Expr], progress: Progress
) -> tuple[pl.DataFrame, float]:
    """Each alert as a span of its own, and how many there are."""
    said = pl.col("what").is_in(RAISED) if "what" in data.schema else pl.lit(True)
    at = pl.col("time").dt.epoch("us")
    found = data.merged(
        lambda rows: rows.filter(said).select(
            *(key.alias(f"by.{name}") for name, key in keys.items()),
            at.alias("begin"), at.alias("end"),
            *(expr.alias(name) for name, expr in told.items()),
        ), progress,
    )  # fmt: skip
    none = pl.lit(None, pl.Float64)
    found = found.with_columns(x=pl.lit(1.0), expected=none, most=pl.lit(1.0))
    return found.sort("begin", maintain_order=True), float(found.height)


def _bursts(
    data: Given, keys: dict[str, pl.Expr], weight: str | None, told: dict[str, pl.Expr], begin: int, end: int,
    over: int | None, chance: float, progress: Progress,
) -> tuple[pl.DataFrame, float, int]:  # fmt: skip
    """The bursts as spans, what all events amount to, and the length of a bucket (µs)."""
    names = [f"by.{name}" for name in keys]
    named = [key.alias(f"by.{name}") for name, key in keys.items()]
    value = pl.lit(1.0) if weight is None else data.number(weight).fill_null(0)
    if over is None:

        def size(rows: pl.LazyFrame) -> pl.LazyFrame:
            one = rows.select(value.alias("x."), "time", *named)
            return one.group_by(*names, pl.lit(0).alias("all")).agg(pl.col("x.").sum())

        found = data.merged(size, False)
        over = bucket(float(found["x."].sum()), found.select(names).n_unique() if names else 1, end - begin)
    width, at = over, pl.col("time").dt.epoch("us")

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        return (
            rows.select(value.alias("x."), at.alias("at"), *named)
            .filter(pl.col("x.") != 0)
            .group_by(*names, (pl.col("at") // width).alias("bucket"))
            .agg(
                pl.col("x.").sum().alias("x"),
                pl.col("at").min().alias("begin"),
                pl.col("at").max().alias("end"),
            )
        )

    keyed = [*names, "bucket"]
    counts = data.merged(part, progress).group_by(keyed)
    counts = counts.agg(pl.col("x").sum(), pl.col("begin").min(), pl.col("end").max())
    if counts.is_empty():
        return begun(data, _none(counts), named, value, told, width), 0.0, width
    if weight is not None and counts.filter(pl.col("x") < 0).height:
        raise MineError(f"{weight!r} has negative values; a burst is of what can be counted.")
    counts = counts.sort(keyed).with_columns(
        (pl.struct(names).rle_id() if names else pl.lit(0)).cast(pl.Int64).alias("instance")
    )
    found = unusual(counts, begin // width, end // width, width, chance)
    on = found.filter("weak")
    new = (pl.col("instance") != pl.col("instance").shift(1)) | (pl.col("bucket").diff() > 2)
    runs = (
        on.with_columns(new.fill_null(True).cum_sum().alias("run"))
        .group_by("run", *names, maintain_order=True)
        .agg(
            pl.col("begin").min(), pl.col("end").max(), pl.col("x").sum(), pl.col("expected").sum(),
            (pl.col("x").max() * MINUTE / width).alias("most"),
            pl.col("expected").first().alias("before"), pl.col("strong").any(),
        )
    )  # fmt: skip
    runs = runs.filter("strong").drop("run", "strong")
    return begun(data, runs, named, value, told, width), float(counts["x"].sum()), width


def _none(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.drop("bucket").with_columns(expected=pl.lit(0.0), most=pl.lit(0.0), before=pl.lit(0.0))


def _frames(rows: pl.DataFrame, keys: dict[str, pl.Expr]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The incidents, and the sources of each."""
    names = [f"by.{name}" for name in keys]
    source = pl.concat_str(names, separator=" ") if names else pl.lit("all")
    moments = [pl.col(name).cast(pl.Datetime("us", "UTC")) for name in ("begin", "end")]
    minutes = ((pl.col("end") - pl.col("begin")) / MINUTE).alias("minutes")
    sums = [
        pl.col("begin").min(), pl.col("end").max(), pl.col("x").sum().alias("events"),
        pl.when(pl.col("expected").is_not_null().any()).then(pl.col("expected").sum()).alias("expected"),
        pl.col("most").max().alias("peak"), pl.col("first_kind").first(), pl.col("first_value").first(),
    ]  # fmt: skip
    rows = rows.with_columns(source.alias("source."))
    each = rows.group_by("incident", *names, "source.", maintain_order=True).agg(sums)
    whole = rows.group_by("incident", maintain_order=True).agg(
        *sums, pl.col("source.").n_unique().alias("sources"),
        pl.col("source.").unique(maintain_order=True).str.join(", ").alias("order"),
    )  # fmt: skip
    told = ["events", "expected", "peak", "first_kind", "first_value"]
    frame = whole.sort("incident").select(*moments, minutes, "sources", "order", *told)
    taken = {f"by.{name}": name for name in keys if name not in ("incident", "begin", "end", "minutes", *told)}
    return frame, each.select("incident", *names, *moments, minutes, *told).rename(taken)


def _numbers(frame: pl.DataFrame, rows: pl.DataFrame, whole: float) -> dict[str, Any]:
    inside = float(frame["events"].sum())
    return {
        "incidents": frame.height,
        "events": whole,
        "share": inside / whole if whole else 0.0,
        "several": frame.filter(pl.col("sources") > 1).height,
        "longest_minutes": float(frame["minutes"].max() or 0),  # type: ignore[arg-type]
        "widest": int(frame["sources"].max() or 0),  # type: ignore[arg-type]
    }


def _says(numbers: dict[str, Any], frame: pl.DataFrame, span: int, thing: str, things: str) -> str:
    unit = MINUTE if span >= 2 * MINUTE else 1_000_000
    said = count(numbers["events"], thing, things)
    if not numbers["incidents"]:
        return f"No incident in {words(span // unit * unit)}: {said}, nowhere far more than usual."
    longest = frame.sort("minutes", descending=True, maintain_order=True).row(0, named=True)
    widest = frame.sort("sources", descending=True, maintain_order=True).row(0, named=True)
    first = longest["order"].split(", ")[0]
    length = words(round(longest["minutes"] * 60) * 1_000_000)
    found = f"{count(numbers['incidents'], 'incident')} in {words(span // unit * unit)}"
    found += f", holding {percent(numbers['share'])} of {said}"
    found += f"; the longest took {length}, from {longest['begin']:%Y-%m-%d %H:%M} (UTC), first at {first}"
    if widest["sources"] > 1:
        found += (
            f"; the widest, {widest['begin']:%Y-%m-%d %H:%M}, reached {widest['sources']}: {_listed(widest['order'])}"
        )
    else:
        found += "; none reached a second one"
    return found + "."


def _listed(order: str) -> str:
    names = order.split(", ")
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
