"""What a rule would have missed: incidents that were labelled, or what other rules alert on while it is quiet."""

from collections.abc import Sequence

import polars as pl

from minerlib.event.moment import to_datetime
from minerlib.rule import Backtest
from minerlib.rule.firing import Firing, Spans
from minerlib.rule.labels import Incident

SHOWN = 5  # excursions that are told
_MOMENT = pl.Datetime("us", "UTC")
_SCHEMA = {"begin": _MOMENT, "end": _MOMENT, "instance": pl.String, "what": pl.String}


def incidents_missed(missed: Sequence[Incident], by: Sequence[str]) -> pl.DataFrame:
    """The incidents, by their begins."""
    rows = [
        (to_datetime(each.begin), to_datetime(each.end), _named(each.instance), "a labelled incident")
        for each in sorted(missed, key=lambda each: each.begin)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def excursions(number: int, tested: Sequence[Backtest]) -> pl.DataFrame:
    """The longest firings of the other rules at which this one, `tested[number]`, was quiet, by their begins.

    `value` and `line` are those that raised it; overlapping firings of an instance are told once, by the longest.
    """
    own = Spans(tested[number].firings)
    found: list[tuple[Firing, str, float | None, float | None]] = []
    for place, other in enumerate(tested):
        if place == number:
            continue
        for each in other.firings:
            if not any(one.instance == each.instance and one.stream == each.stream
                       for one in own.over(each.begin, each.end)):  # fmt: skip
                found.append((each, other.rule.about, each.alert.value, each.alert.threshold))
    kept: list[tuple[Firing, str, float | None, float | None]] = []
    for one in sorted(found, key=lambda one: one[0].begin - one[0].end):
        if len(kept) < SHOWN and not any(_same(one[0], other[0]) for other in kept):
            kept.append(one)
    rows = [
        (to_datetime(each.begin), to_datetime(each.end), _named(each.instance), about, value, line)
        for each, about, value, line in sorted(kept, key=lambda one: one[0].begin)
    ]
    return pl.DataFrame(rows, schema={**_SCHEMA, "value": pl.Float64, "line": pl.Float64}, orient="row")


def _same(one: Firing, other: Firing) -> bool:
    return one.instance == other.instance and one.begin <= other.end and other.begin <= one.end


def _named(instance: object) -> str:
    values = list(instance.values()) if isinstance(instance, dict) else []
    return " ".join("" if value is None else str(value) for value in values)
