"""What is odd about data never seen before: missing, late, silent, of another type than it seems."""

from typing import Any

import numpy as np
import polars as pl

from minerlib.mine.profiling.rhythm import Rhythm
from minerlib.mine.profiling.survey import Survey
from minerlib.mine.spoken import ago, count, listed

_TEXTS = {"numbers as text": "text that holds numbers", "some numbers": "text that often holds numbers"}
SHARE = 0.001  # of the events: what is rarer is not told
GAP = 5  # minutes, and ten usual steps: a shorter hole is none


def odd(found: Survey, frame: pl.DataFrame, series: Rhythm, numbers: dict[str, Any]) -> list[str]:
    """Short clauses, the most important first; nothing where all is well."""
    rows, totals = found.rows, found.totals
    said: list[str] = []
    if (late := int(totals.get("late") or 0)) >= SHARE * rows:
        said.append(f"{_share(late / rows)} of the events came more than 5 s late")
    if (ahead := int(totals.get("ahead") or 0)) >= SHARE * rows:
        said.append(f"{_share(ahead / rows)} have a time more than a minute ahead of the clock")
    if raw := int(totals.get("with raw") or 0):
        said.append(f"{count(raw, 'event')} could not be read")
    said += _holes(found, numbers)
    lacking = frame.filter(pl.col("present").is_between(0, 0.99, closed="left")).sort("present")
    if lacking.height:
        named = [f"{row['field']} ({_share(1 - row['present'])})" for row in lacking.head(4).iter_rows(named=True)]
        said.append(f"not in every event: {listed(named, lacking.height, 4)}")
    if mixed := frame.filter(pl.col("type").str.replace(r"(, )?\bnull\b", "").str.contains(", "))["field"].to_list():
        said.append(f"of several types: {listed(mixed)}")
    for looks, words in (
        ("numbers as text", "text that holds numbers"),
        ("some numbers", "text that often holds numbers"),
    ):
        if fields := frame.filter(pl.col("looks") == looks)["field"].to_list():
            said.append(f"{words}: {listed(fields)}")
    strange = sum(int(count or 0) for name, count in totals.items() if name.startswith("strange "))
    if strange:
        said.append(f"{count(strange, 'value')} that {'is' if strange == 1 else 'are'} no finite number")
    if rows > 1 and (constant := frame.filter("constant")["field"].to_list()):
        said.append(f"always the same: {listed(constant)}")
    if series.twice >= 0.01:
        said.append(f"{_share(series.twice)} of the events have the time of another one of their series")
    return said


def _holes(found: Survey, numbers: dict[str, Any]) -> list[str]:
    """Minutes of which there is no event at all, where there usually is one."""
    step = found.minutes["minute"].diff().drop_nulls().to_numpy()
    if len(step) < 3:
        return []
    usual = (numbers["usual"] or 0) / 60 / max(1, found.sources.height)
    holes = step[step > max(GAP, 10 * np.median(step), 10 * usual)]
    if not len(holes):
        return []
    return [f"{count(len(holes), 'hole')} without any event, the longest about {ago(float(holes.max()) * 60)}"]


def _share(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.995 else f"{100 * share:.3g} %"
