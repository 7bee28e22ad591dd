"""The first look at data never seen before: what is there, what to watch, what is odd."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.event.moment import SECOND, from_datetime, rfc3339
from minerlib.mine.finding import Finding
from minerlib.mine.profiling.fieldrows import SCHEMA, few_valued, field_rows, varying
from minerlib.mine.profiling.odd import odd
from minerlib.mine.profiling.rests import rests
from minerlib.mine.profiling.rhythm import Rhythm, rhythm
from minerlib.mine.profiling.survey import Survey, survey
from minerlib.mine.progress import Progress
from minerlib.mine.spoken import ago, count, listed, number

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Profile(Finding):
    """What `profile` found.

    `frame` has a row a field: `field` (nested ones have dotted names), `type` (all that occur, the most frequent
    first), `present`, `null` and `missing` (shares of the events, or of those of the `kinds` that have it), `distinct`
    (`exact` where all rows were counted), `min`, `p5` to `p99`, `max`, `examples` (the most frequent), `constant`,
    `looks` (percentage, ratio, counter, flag, numbers as text, some numbers) and `use`: `by` (it splits a source into
    series), `label` (few values, no series of their own), `measure`. `sources` has a row a source: `events`, `first`,
    `last`, `mean` (seconds between two of its events), `usual` (those between two of a series, the median) and
    `regular` (the share of its steps within a fifth of that); the last two null where it was not looked at so closely.
    """

    sources: Any
    survey: Survey = field(repr=False, compare=False)

    @property
    def by(self) -> list[str]:
        """What to give as `by` elsewhere: the source, and the fields that split it into series."""
        return list(self.numbers["by"])

    @property
    def measures(self) -> list[str]:
        """The fields of numbers that vary."""
        return list(self.numbers["measures"])

    def chart(self) -> "alt.VConcatChart":
        """Events over time, and the distribution of each measure."""
        from minerlib.mine.charts.profile import chart

        return chart(self)


def profile(data: Any, progress: Progress = None) -> Profile:
    """What is there: fields, types, ranges, how often each source tells, what could be `by` and what to measure.

    `data` is a frame (Polars or pandas), `archive.scan(...)` of a kind or of a pattern of kinds, or that on Dask. All
    rows are read once, and counts, `min`, `max`, sources and times are exact. Of more than 400,000 rows quantiles,
    `distinct` and examples are from 200,000 drawn by a hash, the same each time: a quantile is then off by at most
    0.3 % of the rows, and `distinct` is an estimate (exact for what has few values). The steps, counters and
    candidates for `by` are from whole series of up to twenty sources.

        profile(archive.scan("disk.usage", since="7d")).says

    Raises MineError where there are no rows, or no time in them.
    """
    found = survey(data, progress)
    left = rests(found)
    few, numeric = few_valued(found), varying(found)
    series = rhythm(found, few, numeric, progress=False)
    rows = field_rows(found, left)
    _use(rows, found, series)
    frame = pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)
    frame = frame if found.kinds.height > 1 else frame.drop("kinds")
    sources = found.sources.join(series.series, "source", how="left", maintain_order="left")
    numbers = _numbers(found, frame, series)
    numbers["odd"] = odd(found, frame, series, numbers)
    back = found.given.back
    return Profile(back(frame), numbers, _says(numbers), found.given, back(sources), found)


def _use(rows: list[dict[str, Any]], found: Survey, series: Rhythm) -> None:
    """What a field is good for, where other fields tell it."""
    column = {field: name for name, field in found.columns.items()}
    for row in rows:
        name = column.get(row["field"])
        if name in series.counters:
            row["looks"] = "counter"
        row["use"] = "by" if name in series.by else "label" if name in series.labels else row["use"]


def _numbers(found: Survey, frame: pl.DataFrame, series: Rhythm) -> dict[str, Any]:
    times = found.sources.select(pl.col("first").min(), pl.col("last").max()).row(0)
    first, last = (from_datetime(time) for time in times)
    days = (last - first) / (86_400 * SECOND)
    known = "source" in found.given.schema
    usual = series.series["usual"].drop_nulls()
    by = [found.columns[name] for name in series.by]
    return {
        "events": found.rows, "since": rfc3339(first), "until": rfc3339(last), "days": round(days, 6),
        "events_per_day": round(found.rows / days, 3) if days else None,
        "kinds": dict(found.kinds.select("kind", "rows").iter_rows()),
        "sources": found.sources.height if known else None,
        "fields": frame.height,
        "usual": _plain(usual.median()), "quickest": _plain(usual.min()), "slowest": _plain(usual.max()),
        "regular": _plain(series.series["regular"].mean()),
        "looked_at": {"rows": found.sample.height, "sources": series.series.height},
        "by": [*(["source"] if known else []), *by],
        "labels": [found.columns[name] for name in series.labels],
        "measures": frame.filter(pl.col("use") == "measure")["field"].to_list(),
        "looks": {row["field"]: row["looks"] for row in frame.iter_rows(named=True) if row["looks"]},
    }  # fmt: skip


def _says(numbers: dict[str, Any]) -> str:
    kinds = list(numbers["kinds"])
    said = f"{count(numbers['events'], 'event')}"
    said += f" of {kinds[0]}" if len(kinds) == 1 else f" of {len(kinds)} kinds" if kinds else ""
    said += f" from {count(numbers['sources'], 'source')}" if numbers["sources"] else ""
    length = numbers["days"] * 86_400
    said += f", {numbers['since'][:16].replace('T', ' ')} to {numbers['until'][:16].replace('T', ' ')} UTC"
    if numbers["events_per_day"] and length >= 3600:
        said += f" ({number(numbers['events_per_day'])} a day)"
    if numbers["usual"]:
        regular = numbers["regular"] or 0
        said += f"; a series tells every {ago(numbers['usual'])}, "
        said += "by the clock" if regular >= 0.9 else "roughly" if regular >= 0.5 else "irregularly"
    looks = numbers["looks"]
    measures = [f"{name} ({looks[name]})" if name in looks else name for name in numbers["measures"]]
    said += f". Measure {listed(measures, most=6)}" if measures else ". No field holds numbers that vary"
    if numbers["by"]:
        said += f", by {listed(numbers['by'], most=5)}"
    said += f"; {listed(numbers['labels'])} may tell groups apart" if numbers["labels"] else ""
    said += f". Odd: {'; '.join(numbers['odd'])}" if numbers["odd"] else ". Nothing is odd"
    return said + "."


def _plain(value: Any) -> float | None:
    return None if value is None else float(f"{value:.4g}")
