"""What stands in the column `rest` of events: values that are of another type than their column, nulls, lists."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from minerlib.event.body import flatten
from minerlib.mine.profiling.survey import Survey

WORDS = {str: "text", list: "list", dict: "object", bool: "true or false", int: "number", float: "number"}


@dataclass
class Rest:
    """Of one field: how many values of each type (their number estimated over all rows), an example."""

    types: Counter[str] = field(default_factory=Counter[str])
    examples: list[str] = field(default_factory=list[str])


def rests(survey: Survey) -> dict[str, Rest]:
    """What `rest` holds, by field. Of up to 20,000 events with one all are read, of more those in the sample."""
    count = int(survey.totals.get("with rest", 0))
    if not count:
        return {}
    few = survey.rests.height >= count
    texts = (survey.rests if few else survey.sample)["rest"].drop_nulls()
    if not texts.len():
        texts = survey.rests["rest"]
    scale, found = count / texts.len(), dict[str, Rest]()
    for text, times in texts.value_counts().iter_rows():
        for name, value in _fields(text).items():
            rest = found.setdefault(name, Rest())
            rest.types["null" if value is None else WORDS[type(value)]] += times
            if value is not None and len(rest.examples) < 3:
                rest.examples.append(msgspec.json.encode(value).decode()[:80])
    for rest in found.values():
        rest.types = Counter({name: round(times * scale) for name, times in rest.types.items()})
    return found


def _fields(text: str) -> dict[str, Any]:
    """The fields that one `rest` holds: below an empty name the body stands whole, or how names are nested."""
    left = msgspec.json.decode(text)
    if not isinstance(left, dict):
        return {}
    inner = left.get("")
    fields = {name: value for name, value in left.items() if name}
    return fields | flatten(inner) if isinstance(inner, dict) else fields


def typed(series: pl.Series) -> str:
    """What a column's values are, in a word."""
    dtype = series.dtype
    if dtype == pl.Boolean:
        return "true or false"
    if dtype.is_numeric():
        return "number"
    if dtype.is_temporal():
        return "time"
    return "list" if isinstance(dtype, pl.List | pl.Array) else "text" if dtype == pl.String else str(dtype).lower()
