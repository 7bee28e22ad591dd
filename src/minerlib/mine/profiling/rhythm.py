"""How series go on: which field splits a source's events into series, how often each is told, what only rises.

Looked at in whole series of some sources, in order of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from polars import selectors as cs

from minerlib.event.moment import SECOND
from minerlib.mine.profiling.survey import Survey
from minerlib.mine.progress import Progress

ROWS = 100_000  # of whole series that are looked at
SOURCES = 20
NEAR = 0.2  # of the usual step: a step that differs by less is as usual
FEW = 200  # values a field may have to tell series apart
LABELS = 50  # and to tell groups apart


@dataclass(frozen=True)
class Rhythm:
    """`series` has a row a source looked at: `source`, `usual` (seconds, the median of the steps of its series) and
    `regular` (the share of its steps within a fifth of that). `by` are the columns that split a source into series,
    `labels` few-valued ones that do not; `counters` only rise but for resets; `twice` is the share of events that
    have the time of another one of their series."""

    series: pl.DataFrame
    by: tuple[str, ...]
    labels: tuple[str, ...]
    counters: frozenset[str]
    twice: float


def rhythm(survey: Survey, few: Sequence[str], numbers: Sequence[str], progress: Progress = None) -> Rhythm:
    """Of the `few`-valued columns and the `numbers` of a survey."""
    rows = _rows(survey, [*few, *numbers], progress)
    by, labels = _splits(rows, few)
    keys = ["source", *by]
    ordered = rows.sort(*keys, "time")
    return Rhythm(_told(ordered, keys), by, labels, _counters(ordered, keys, numbers), _twice(ordered, keys))


def _rows(survey: Survey, columns: Sequence[str], progress: Progress) -> pl.DataFrame:
    """All events of some sources; of the newest part of them, where they have many."""
    known = "source" in survey.given.schema
    source = pl.col("source").cast(pl.String).fill_null("") if known else pl.lit("").alias("source")
    if survey.whole:
        return survey.sample.select(source, "time", *columns)
    ranked = survey.sources.sort("events", "source")
    many = min(SOURCES, ranked.height)
    places = [round((place + 0.5) * ranked.height / many - 0.5) for place in range(many)]
    chosen = ranked[places]
    total, first, last = int(chosen["events"].sum()), chosen["first"].min(), chosen["last"].max()
    since = last - (last - first) * min(1.0, ROWS / total)  # type: ignore[operator]
    back = {name: column for column, name in survey.columns.items()}
    asked = [cs.by_name(survey.given.column(name)).alias(back[name]) for name in back if back[name] in columns]

    def part(frame: pl.LazyFrame) -> pl.LazyFrame:
        found = frame.filter(pl.col("source").is_in(chosen["source"].to_list())) if known else frame
        return found.filter(pl.col("time") >= since).select(source, "time", *asked)

    return survey.given.whole([part], progress)[0]


def _splits(rows: pl.DataFrame, few: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that make the steps more regular split a source into series; what splits no further is a label."""
    by: list[str] = []
    while True:
        before, series = _regular(rows, ["source", *by]), rows.select("source", *by).n_unique()
        tried: list[tuple[float, str]] = []
        for name in few:
            if name in by or rows.select("source", *by, name).n_unique() < 1.5 * series:
                continue
            after = _regular(rows, ["source", *by, name])
            if after > before + 0.1:
                tried.append((after, name))
        if not tried or len(by) == 3:
            return tuple(by), tuple(name for name in few if name not in by and rows[name].n_unique() <= LABELS)
        by.append(max(tried, key=lambda one: one[0])[1])


def _steps(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The steps of each series (seconds), those of no length too, with what is usual for it."""
    step = pl.col("time").diff().dt.total_microseconds() / SECOND
    ordered = rows.lazy().sort(*keys, "time").with_columns(step.over(keys).alias("step")).drop_nulls("step")
    usual = pl.col("step").filter(pl.col("step") > 0).median().over(keys).alias("usual")
    return ordered.with_columns(usual).select(*keys, "step", "usual").collect()


def _regular(rows: pl.DataFrame, keys: Sequence[str]) -> float:
    """The share of steps that are about as long as is usual for their series."""
    found = _steps(rows, keys).select(((pl.col("step") / pl.col("usual") - 1).abs() < NEAR).fill_null(False).mean())
    return float(found.item() or 0.0)


def _told(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    steps = _steps(rows, keys)
    near = ((pl.col("step") / pl.col("usual") - 1).abs() < NEAR).mean().alias("regular")
    return steps.group_by("source").agg(pl.col("usual").median(), near).sort("source")


def _counters(rows: pl.DataFrame, keys: Sequence[str], numbers: Sequence[str]) -> frozenset[str]:
    """Whole numbers that rise, and fall in at most one step of fifty, then to less than half: a reset or a wrap."""
    found: set[str] = set()
    for name in numbers:
        told = rows.select(*keys, pl.col(name).cast(pl.Float64).alias("value")).drop_nulls("value")
        before = pl.col("value").shift(1).over(keys)
        step = pl.col("value") - before
        rises, falls, far, whole = told.select(
            (step > 0).sum(),
            (step < 0).sum().alias("falls"),
            ((step < 0) & (pl.col("value") < 0.5 * before)).sum().alias("far"),
            ((pl.col("value") % 1 == 0) & (pl.col("value") >= 0)).all().alias("whole"),
        ).row(0)
        if whole and rises >= 10 and rises >= 0.05 * told.height and falls <= 0.02 * rises and falls == far:
            found.add(name)
    return frozenset(found)


def _twice(rows: pl.DataFrame, keys: Sequence[str]) -> float:
    return 1 - rows.select(*keys, "time").n_unique() / rows.height if rows.height else 0.0
