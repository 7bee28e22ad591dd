"""From when to when the history goes, and which part of it is the last."""

from datetime import timedelta

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND, duration
from minerlib.mine.given import Given


def extent(data: Given) -> tuple[int, int]:
    """The times of the first and the last event, µs. Raises MineError where there is none."""
    at = pl.col("time").dt.epoch("us")
    found = data.merged(lambda rows: rows.select(at.min().alias("first"), at.max().alias("last")), False)
    first, last = found["first"].min(), found["last"].max()
    if not isinstance(first, int) or not isinstance(last, int):
        raise MineError("There are no events in this history; look further back (since=).")
    return first, last


def last_span(since_last: str | timedelta, begin: int, end: int) -> tuple[int, bool]:
    """How long the last span is, µs, and whether it was shortened to a quarter, so that something lies before it.

    Nothing, where all happened at one moment: then there is no before.
    """
    span = duration(since_last)
    if not span:
        raise SettingError("since_last cannot be nothing: write 1h, 1d, 7d.")
    if span < end - begin or end == begin:
        return (span if end > begin else 0), end == begin
    quarter = (end - begin) // 4
    unit = next((unit for unit in (DAY, HOUR, MINUTE, SECOND) if quarter >= unit), 1)
    return max(quarter // unit * unit, 1), True
