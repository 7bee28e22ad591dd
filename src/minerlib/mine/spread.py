"""The distribution of a field: where its percentiles lie and how sure that is, how heavy its tail is."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as given_as
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import rfc3339
from minerlib.mine.finding import Finding
from minerlib.mine.given import given, within
from minerlib.mine.progress import Progress
from minerlib.mine.spoken import count, number
from minerlib.mine.values.interval import columns
from minerlib.mine.values.percentiles import percentiles_of
from minerlib.mine.values.tail import Tail, tail
from minerlib.mine.values.tally import few, tally, whole
from minerlib.mine.whence import Whence, whence

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9)


@dataclass(frozen=True)
class Spread(Finding):
    """What `spread` found.

    `frame` has a row an instance, and a first one of all together (its instance is null): `count`, `missing` (the share
    of its events without a number), `min`, `max`, `mean`, `std`, `skewness`, `kurtosis` (excess: 0 for normal), and for
    each percentile `p95`, `p95_low`, `p95_high` (its interval; null where the history does not bound it) and
    `p95_independent`, of how many independent values it is as sure. `tally` has `value` and `count` of all together.
    """

    tally: pl.DataFrame = given_as(repr=False, compare=False)
    field: str
    by: tuple[str, ...]
    percentiles: tuple[float, ...]
    confidence: float
    tail: Tail | None
    whence: Whence = given_as(repr=False, compare=False)

    def chart(self) -> "alt.Chart | alt.LayerChart | alt.VConcatChart":
        """The histogram with the percentiles and their intervals, and below it the instances."""
        from minerlib.mine.charts.spread import chart

        return chart(self)

    def rule(
        self, percentile: float = 99.9, wait: str = "0", kind: str | None = None, scope: str | None = None
    ) -> "Rule":
        """A rule with its line at a percentile of all instances together, for values held there for `wait`.

        Above 50 it alerts of values above the line, else of those below. It clears half way back to the median.
        Raises MineError where nothing lies beyond that percentile in the past, or all values are alike.
        """
        from minerlib.mine.values.lines import percentile_rule

        return percentile_rule(self, percentile, wait, self.whence.kind_or(kind), self.whence.scope_or(scope))


def spread(
    data: Any,
    field: str,
    by: str | Sequence[str] = "source",
    percentiles: Sequence[float] = PERCENTILES,
    confidence: float = 0.95,
    progress: Progress = None,
) -> Spread:
    """How the values of a field are spread, over all and for each instance (`by`).

    `data` is a frame (Polars or pandas), `archive.scan(...)`, or that on Dask. Percentiles are by nearest rank, over
    all values; up to four million rows exact, beyond that within 0.05 % of the value (0.5 % an instance), in bounded
    memory. Their intervals hold with `confidence` whatever the distribution, and take into account that neighbouring
    values are alike (see `interval`): they are as wide as those of the number of independent values in the frame.
    What changed slower than a 32nd of the history (a season, say, of a few days) still makes them too narrow.

        spread(archive.scan("disk.usage", since="30d"), "used_pct", by=("source", "mount")).says

    Raises MineError where the field is not there or holds no numbers, SettingError where an argument cannot be meant.
    """
    shares = tuple(sorted({_share(percentile) for percentile in percentiles}))
    if not 0.5 <= confidence < 1:
        raise SettingError(f"confidence is {confidence!r}: write how sure to be, 0.95 say.")
    rows = given(data)
    keys = rows.keys(by)
    if field in keys:
        raise SettingError(f"by={by!r} cannot hold {field!r}, which is what is measured.")
    rows.number(field)  # raises, where there is none
    where = whence(rows)
    exact = few(where.rows)
    found = tally(rows, field, keys, exact, progress)
    if not found.height:
        raise MineError(f"The field {field!r} holds no number in these {count(where.rows, 'row')}.")
    within(field, found["value"].min(), found["value"].max())  # pyright: ignore[reportArgumentType]
    frame = percentiles_of(rows, field, keys, found, shares, confidence, where, progress)
    counts = whole(found)
    beyond = tail(counts)
    numbers = _numbers(frame, field, shares, confidence, beyond, exact, where)
    frame = frame.rename({f"key {place}": name for place, name in enumerate(keys)})
    return Spread(
        rows.back(frame), numbers, _says(numbers), rows, counts, field, tuple(keys),
        tuple(100 * share for share in shares), confidence, beyond, where,
    )  # fmt: skip


def _share(percentile: float) -> float:
    if isinstance(percentile, bool) or not 0 < percentile < 100:
        raise SettingError(f"The percentile {percentile!r} is none: write 95 or 99.9, say.")
    return round(percentile / 100, 12)


def _numbers(
    frame: pl.DataFrame, field: str, shares: Sequence[float], confidence: float, beyond: Tail | None, exact: bool,
    where: Whence,
) -> dict[str, Any]:  # fmt: skip
    row = frame.row(0, named=True)
    return {
        "field": field, "since": rfc3339(where.first), "until": rfc3339(where.last), "exact": exact,
        "instances": max(1, frame.height - 1), "confidence": confidence,
        **{name: row[name] for name in ("count", "missing", "min", "max", "mean", "std", "skewness", "kurtosis")},
        "percentiles": {
            name: {
                "at": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"],
                "independent": round(row[f"{name}_independent"]),
            }
            for name in columns(shares)
        },
        "tail": beyond and {**beyond._asdict(), "heavy": beyond.heavy},
    }  # fmt: skip


def _says(numbers: dict[str, Any]) -> str:
    field, found = numbers["field"], numbers["percentiles"]
    of = f" of {count(numbers['instances'], 'instance')}" if numbers["instances"] > 1 else ""
    if numbers["min"] == numbers["max"]:
        return f"{field} is {number(numbers['min'])} in all values{of}, {numbers['count']:,} in number."
    said = f"Half of the {count(numbers['count'], 'value')} of {field}{of} " if "p50" in found else ""
    said = f"{said}{'are up to ' + number(found['p50']['at']) + '. ' if said else ''}"
    name = "p99" if "p99" in found else max(found, key=lambda name: float(name[1:]))
    one, high = found[name], found[name]["high"]
    said += f"{name[1:]} % are up to {number(one['at'])}; with {100 * numbers['confidence']:g} % confidence that line "
    low = number(one["low"] if one["low"] is not None else numbers["min"])
    said += (
        f"lies between {low} and {number(high)}" if high is not None else f"is above {low}, how far is not known yet"
    )
    if one["independent"] < 0.5 * numbers["count"]:
        said += f" (neighbouring values are alike: all of them tell as much as {one['independent']:,} independent ones)"
    beyond = numbers["tail"]
    if beyond and beyond["heavy"]:
        said += f". Its tail is heavy: expect values far above the highest so far, {number(numbers['max'])}"
    if numbers["missing"] >= 0.001:
        said += f". {100 * numbers['missing']:.1f} % of the events have no number in it"
    return said + "."
