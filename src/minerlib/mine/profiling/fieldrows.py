"""A row for each field of a profile."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from minerlib.mine.profiling.rests import Rest, typed
from minerlib.mine.profiling.rhythm import FEW
from minerlib.mine.profiling.survey import Survey

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
EXAMPLES, CUT = 3, 80
_PERCENT = {"pct", "percent", "percentage", "perc", "usage"}
_RATIO = {"ratio", "fraction", "share", "rate"}
MOSTLY = 0.9  # of the texts are numbers: it is a number that was written as text
NUMBERS = ("min", *(f"p{round(100 * q)}" for q in QUANTILES), "max")
SCHEMA = {
    "field": pl.String, "type": pl.String, "present": pl.Float64, "null": pl.Float64, "missing": pl.Float64,
    "distinct": pl.Int64, "exact": pl.Boolean, **dict.fromkeys(NUMBERS, pl.Float64), "examples": pl.List(pl.String),
    "constant": pl.Boolean, "looks": pl.String, "use": pl.String, "kinds": pl.String,
}  # fmt: skip


def few_valued(survey: Survey) -> list[str]:
    """The columns of text with so few values that they may tell series apart."""
    found: list[str] = []
    for name, dtype in survey.dtypes.items():
        values = survey.sample[name].drop_nulls()
        if dtype == pl.String and survey.totals[f"with {name}"] >= 0.5 * survey.rows:
            count = values.n_unique()
            if 2 <= count <= FEW and count <= 0.2 * values.len():
                found.append(name)
    return found


def varying(survey: Survey) -> list[str]:
    """The columns of numbers that are not all alike."""
    return [
        name for name, dtype in survey.dtypes.items()
        if dtype.is_numeric() and survey.totals[f"least {name}"] != survey.totals[f"greatest {name}"]
    ]  # fmt: skip


def field_rows(survey: Survey, rests: Mapping[str, Rest]) -> list[dict[str, Any]]:
    """What SCHEMA says of each field; `looks` and `use` as far as one field alone tells."""
    rows = [_column(survey, name, field, rests.get(field)) for name, field in survey.columns.items()]
    known = set(survey.columns.values())
    return rows + [_left(survey, field, rest) for field, rest in rests.items() if field not in known]


def _column(survey: Survey, name: str, field: str, rest: Rest | None) -> dict[str, Any]:
    series, totals = survey.sample[name], survey.totals
    values = series.drop_nulls()
    count = int(totals[f"with {name}"])
    types = Counter({typed(series): count}) + (rest.types if rest else Counter())
    whole, kinds = _kinds(survey, name)
    row = _shares(types, whole, "rest" in survey.given.schema) | _distinct(survey, values) | {"field": field}
    row |= {"type": _types(types), "examples": _examples(values) or (rest.examples if rest else []), "kinds": kinds}
    row |= {"constant": row["distinct"] == 1 and len(types) == 1 and row["present"] == 1.0, "looks": "", "use": ""}
    least, greatest = totals.get(f"least {name}"), totals.get(f"greatest {name}")
    if series.dtype.is_numeric() and values.len() and least is not None and greatest is not None:
        finite = values.cast(pl.Float64)
        finite = finite.filter(finite.is_finite())
        row |= {"min": least, "max": greatest}
        row |= {f"p{round(100 * q)}": finite.quantile(q, "nearest") for q in QUANTILES}
        row["looks"] = "" if least == greatest else _looks(field, least, greatest, finite)
        row["use"] = "measure" if least != greatest else ""
    elif series.dtype == pl.String and values.len():
        share = float(values.str.strip_chars().cast(pl.Float64, strict=False).is_not_null().mean() or 0)  # type: ignore[arg-type]
        row["looks"] = "numbers as text" if share >= MOSTLY else "some numbers" if share >= 0.5 else ""
    row["constant"] = bool(row["constant"] and least == greatest)
    return row


def _left(survey: Survey, field: str, rest: Rest) -> dict[str, Any]:
    """A field that is in no column: lists, nulls."""
    return {
        **_shares(rest.types, survey.rows, archived=True), "field": field, "type": _types(rest.types),
        "distinct": None, "exact": False, "examples": rest.examples, "constant": False, "looks": "", "use": "",
        "kinds": None,
    }  # fmt: skip


def _kinds(survey: Survey, name: str) -> tuple[int, str | None]:
    """How many events there are of the kinds that have a field, and these kinds; None where there is but one."""
    if survey.kinds.height < 2:
        return survey.rows, None
    having = survey.kinds.filter(pl.col(name) > 0)
    return int(having["rows"].sum()) or survey.rows, ", ".join(having["kind"]) or None


def _shares(types: Counter[str], rows: int, archived: bool) -> dict[str, float]:
    """Present, null and missing; a frame cannot tell the last two apart, there all is null."""
    there = min(1.0, sum(count for name, count in types.items() if name != "null") / rows)
    null = min(1 - there, types["null"] / rows) if archived else 1 - there
    return {"present": there, "null": null, "missing": max(0.0, 1 - there - null)}


def _types(types: Counter[str]) -> str:
    return ", ".join(name for name, count in types.most_common() if count) or "null"


def _distinct(survey: Survey, values: pl.Series) -> dict[str, Any]:
    """How many different values; from a sample as by Charikar and others (2000), where those met once count for
    the square root of the rows that each stands for."""
    if isinstance(values.dtype, pl.List | pl.Array | pl.Object):
        return {"distinct": None, "exact": False}
    counts = values.value_counts()["count"]
    once = int((counts == 1).sum())
    found = round(survey.every**0.5 * once) + counts.len() - once
    return {"distinct": found, "exact": survey.whole}


def _examples(values: pl.Series) -> list[str]:
    """The most frequent values, as text."""
    if isinstance(values.dtype, pl.List | pl.Array | pl.Object):
        return [str(value.to_list() if isinstance(value, pl.Series) else value)[:CUT] for value in values.head(1)]
    top = values.value_counts().sort(["count", pl.first()], descending=[True, False]).head(EXAMPLES)
    return [f"{value:g}" if isinstance(value, float) else str(value)[:CUT] for value in top.to_series()]


def _looks(field: str, least: float, greatest: float, values: pl.Series) -> str:
    words = set(re.split(r"[._\-\s%]+", field.lower())) | ({"pct"} if "%" in field else set())
    whole = bool((values % 1 == 0).all())
    if least >= 0 and greatest <= 1 and (words & _RATIO or not whole):
        return "ratio"
    if least >= 0 and greatest <= 100.5 and greatest > 1 and (words & _PERCENT or (not whole and greatest > 90)):
        return "percentage"
    return "flag" if whole and {least, greatest} == {0.0, 1.0} else ""
