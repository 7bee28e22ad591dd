"""A frame as a history, from Polars and from pandas."""

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import polars as pl
import pytest

from minerlib.errors import MineError
from minerlib.event.moment import SECOND, from_datetime
from minerlib.mine import FrameHistory

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
FRAME = pl.DataFrame(
    {
        "time": [START + timedelta(seconds=n) for n in (2, 0, 1)],
        "source": ["web", "web", "db"],
        "used_pct": [3.0, 1.0, None],
    }
)


def test_rows_become_events_in_the_order_of_time() -> None:
    """Their clock is their time, their offset their place, and a null is no field."""
    history = FrameHistory(FRAME, "cpu.usage")
    (stream,) = history.streams("*.*.*")
    events = [event for batch in history.events(stream, "cpu.usage") for event in batch]
    assert [(event.offset, event.source, event.body) for event in events] == [
        (0, "web", {"used_pct": 1.0}),
        (1, "db", {}),
        (2, "web", {"used_pct": 3.0}),
    ]
    assert all(event.seen == event.time and event.scope == "local.lab.dev" for event in events)
    assert history.clock(stream) == events[-1].time == from_datetime(START) + 2 * SECOND


def test_since_until_and_first_cut_it() -> None:
    """[since, until) over the clock, and the lowest offset wanted."""
    history = FrameHistory(FRAME, "cpu.usage")
    (stream,) = history.streams("local.lab.dev")
    second = from_datetime(START) + SECOND

    def offsets(**cut: int) -> list[int]:
        return [event.offset for batch in history.events(stream, "cpu.usage", **cut) for event in batch]

    assert offsets(since=second) == [1, 2]
    assert offsets(until=second) == [0]
    assert offsets(first=2) == [2]
    assert history.clock(stream, until=second) == from_datetime(START)
    assert history.clock(stream, until=from_datetime(START)) is None


def test_only_its_own_scope_and_kind_are_in_it() -> None:
    """Another scope has no stream here, another kind no events."""
    history = FrameHistory(FRAME, "cpu.usage", "acme.web.prod")
    assert history.streams("local.lab.dev") == []
    (stream,) = history.streams("acme.*.prod")
    assert list(history.events(stream, "disk.usage")) == []
    assert history.scan("disk.usage").collect().height == 0


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.lazy(),
        FRAME.to_pandas(),
        FRAME.to_pandas().set_index("time"),
        FRAME.with_columns(pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S")).rename({"time": "timestamp"}),
        FRAME.with_columns(pl.col("time").dt.replace_time_zone(None).dt.cast_time_unit("ns")).rename({"time": "when"}),
        FRAME.with_columns(pl.col("time").dt.epoch("s")),
        FRAME.to_pandas().assign(time=lambda f: f["time"].dt.tz_convert(timezone(timedelta(hours=2)))),
    ],
    ids=["polars", "lazy", "pandas", "index", "text", "naive ns", "epoch", "zone"],
)
def test_times_are_read_however_they_are_written(frame: pl.DataFrame | pl.LazyFrame | pd.DataFrame) -> None:
    """One moment, written eight ways."""
    history = FrameHistory(frame, "cpu.usage")
    assert history.frame["time"].to_list() == [START + timedelta(seconds=n) for n in range(3)]
    assert history.frame["used_pct"].to_list() == [1.0, None, 3.0]


def test_what_scan_gave_keeps_its_scope() -> None:
    """So that a rule mined from a part of an archive is a rule for the servers it came from."""
    words = {"company": "acme", "system": "web", "environment": "prod", "kind": "cpu.usage", "offset": 7}
    frame = FRAME.with_columns(pl.lit(value).alias(name) for name, value in words.items())
    history = FrameHistory(frame, "cpu.usage")
    assert history.scope == "acme.web.prod"
    assert history.fields == ["used_pct"]
    with pytest.raises(MineError, match=r"no kind 'cpu.usag' in the frame; did you mean cpu.usage\?"):
        FrameHistory(frame, "cpu.usag")


def test_several_scopes_in_one_frame_are_refused() -> None:
    """A rule stands in one place."""
    frame = FRAME.with_columns(
        pl.Series("company", ["acme", "acme", "other"]), pl.lit("web").alias("system"), pl.lit("x").alias("environment")
    )
    with pytest.raises(MineError, match=r"acme.web.x, other.web.x"):
        FrameHistory(frame, "cpu.usage")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (FRAME.drop("time"), "no column of times; name one `time`. Its columns: source, used_pct"),
        (FRAME.with_columns(time=pl.lit("yesterday")), "Some of the frame's column time are no times"),
    ],
)
def test_a_frame_without_times_is_answered_by_a_sentence(frame: pl.DataFrame, said: str) -> None:
    """It says what is missing and what to write."""
    with pytest.raises(MineError, match=said):
        FrameHistory(frame, "cpu.usage")
