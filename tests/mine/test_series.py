"""The windows that mining sees, and how their size is learnt."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.errors import MineError
from minerlib.event.moment import MINUTE, SECOND
from minerlib.mine import FrameHistory
from minerlib.mine.series import cadence, nice, read, windows

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


def series(*values: tuple[int, int, float]) -> pl.DataFrame:
    """(instance, time, value) as `read` gives them."""
    schema = {"instance": pl.Int64, "time": pl.Int64, "value": pl.Float64}
    return pl.DataFrame(sorted(values), schema=schema, orient="row")


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=40),
    st.integers(1, 12),
    st.integers(1, 12),
)
def test_a_window_is_the_mean_of_what_lies_in_it(values: list[tuple[int, int, int]], over: int, every: int) -> None:
    """(T - over, T] for each multiple T of every, by the letter; empty ones are left out."""
    frame = series(*((i, at, float(value)) for i, at, value in values))
    expected = {
        (i, end): sum(found) / len(found)
        for i in {i for i, _, _ in values}
        for end in range(0, 100, every)
        if (found := [value for j, at, value in values if j == i and end - over < at <= end])
    }
    found = windows(frame, over, every)
    assert {(i, at): value for i, at, value in found.rows()} == pytest.approx(expected)
    assert found.select("instance", "time").rows() == sorted(expected)


def test_the_cadence_is_the_usual_step_of_an_instance() -> None:
    """Two servers told apart, one with a hole, equal times not counted."""
    steady = [(0, n * 60, 1.0) for n in range(20)]
    holed = [(1, n * 60 + 7, 1.0) for n in range(20) if n not in (5, 6)] + [(1, 7, 2.0)]
    assert cadence(series(*steady, *holed)) == 60


def test_one_value_an_instance_has_no_cadence() -> None:
    """The sentence says that it needs more."""
    with pytest.raises(MineError, match="one value an instance"):
        cadence(series((0, 1, 1.0), (1, 5, 2.0)))


@pytest.mark.parametrize(
    ("span", "found"),
    [(1.004 * SECOND, 1), (3 * SECOND, 5), (59 * SECOND, 60), (4 * MINUTE, 300), (1, 1), (1e13, 86400)],
)
def test_spans_are_those_a_person_would_write(span: float, found: int) -> None:
    """The next of 1, 2, 5, 10, 15, 20, 30 seconds, minutes, hours."""
    assert nice(span) == found * SECOND


def test_late_events_are_left_out_as_a_rule_leaves_them_out() -> None:
    """Six seconds behind the clock is too late, four are not; two minutes ahead counts as now."""

    class Told(FrameHistory):
        def scan(self, kind: str, *_: object, **__: object) -> pl.LazyFrame:
            return self.frame.lazy().with_columns(seen=pl.lit(START))

    seconds = (-6, -4, 0, 120)
    rows = {"time": [START + timedelta(seconds=s) for s in seconds], "used_pct": [1.0, 2.0, 3.0, 4.0]}
    frame = read(Told(pl.DataFrame(rows), "cpu.usage"), "cpu.usage", "used_pct", ("source",))
    now = round(START.timestamp()) * SECOND
    assert frame.select("time", "value").rows() == [(now - 4 * SECOND, 2.0), (now, 3.0), (now, 4.0)]


def test_a_history_without_scan_is_read_by_its_events() -> None:
    """Whatever backtest can read can be mined, nested fields too."""
    frame = pl.DataFrame(
        {"time": [START, START + timedelta(seconds=1)], "source": ["web", "db"], "cpu.user": [1, 2], "disk": ["a", "b"]}
    )
    whole = FrameHistory(frame, "cpu.usage")

    class Events:
        streams, events = whole.streams, whole.events

    by = ("source", "disk")
    assert read(Events(), "cpu.usage", "cpu.user", by).equals(read(whole, "cpu.usage", "cpu.user", by))
    assert read(Events(), "cpu.usage", "cpu.user", by)["by.disk"].to_list() == ["b", "a"]
