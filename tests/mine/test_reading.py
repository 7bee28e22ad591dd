"""A field's history in panes: what a rule would see of it."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.event.moment import SECOND, from_datetime
from minerlib.mine import FrameHistory
from minerlib.mine.given import Given
from minerlib.mine.suggesting.reading import Read, read, rows_of
from minerlib.mine.suggesting.tries import Context

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
NOW = from_datetime(START)


def made(frame: pl.DataFrame, by: tuple[str, ...] = ("source",), parts: int = 1, **how: int) -> Read:
    """The field `used` of a frame, read in so many parts."""
    history = FrameHistory(frame, "cpu.usage")
    rows = rows_of(history, "cpu.usage", ("used", *by), None)
    if parts > 1:
        rows = Parts(rows.rows, memory=True)
    context = Context("cpu.usage", "used", by, **how)  # type: ignore[arg-type]
    return read(rows, context, history.streams("*.*.*"), from_datetime(history.frame["time"].max()))  # type: ignore[arg-type]


class Parts(Given):
    """Rows read in three parts, which cut panes in two."""

    def map(self, part, progress=None):  # type: ignore[no-untyped-def]
        return [part(self.rows.filter(pl.col("offset") % 3 == n)).collect() for n in range(3)]


def frame(values: list[tuple[int, int, float]]) -> pl.DataFrame:
    """(source, second, value)."""
    return pl.DataFrame({
        "time": [START + timedelta(seconds=at) for _, at, _ in values],
        "source": [f"s{source}" for source, _, _ in values],
        "used": [value for _, _, value in values],
    })  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 9)), min_size=4, max_size=40).filter(
        lambda rows: len({v for _, _, v in rows}) > 1 and max(at for _, at, _ in rows) >= 30
    ),
    st.integers(1, 4),
    st.sampled_from([1, 3]),
)
def test_a_window_holds_what_lies_in_it(values: list[tuple[int, int, int]], over: int, parts: int) -> None:
    """(T - over, T] for each T, by the letter; mean, extremes, and by how much it changed."""
    values = [*values, (0, 60, 3), (0, 61, 4)]
    grid = made(frame([(i, at, float(v)) for i, at, v in values]), parts=parts, every=SECOND).grid
    mean, high, count = grid.mean(over), grid.rolled("high", over), grid.rolled("count", over)
    names = grid.names["by.source"].to_list()
    for row in range(len(grid)):
        source, end = int(names[grid.instance[row]][1:]), (int(grid.time[row]) - NOW) // SECOND
        inside = [float(v) for i, at, v in values if i == source and end - over < at <= end]
        if inside:
            assert (mean[row], high[row]) == (pytest.approx(sum(inside) / len(inside)), max(inside))
        assert count[row] == len(inside)


def test_late_events_are_left_out_and_counted_as_a_rule_does() -> None:
    """Six seconds behind the clock is too late, four are not; two minutes ahead counts as now."""

    class Told(FrameHistory):
        def scan(self, kind: str, *_: object, **__: object) -> pl.LazyFrame:
            return self.frame.lazy().with_columns(seen=pl.lit(START))

    seconds = (-6, -4, -2, 0, 120)
    rows = {"time": [START + timedelta(seconds=s) for s in seconds], "used": [1.0, 2.0, 3.0, 4.0, None]}
    told = rows_of(Told(pl.DataFrame(rows), "cpu.usage"), "cpu.usage", ("used", "source"), None)
    found = read(told, Context("cpu.usage", "used", ("source",), every=SECOND), [], NOW)
    assert found.tally.counts == {"selected": 4, "late": 1, "future": 1, "null": 1, "odd": 0}
    assert (found.first, found.last, found.values) == (NOW - 4 * SECOND, NOW, 3)


def test_a_history_without_scan_is_read_by_its_events() -> None:
    """Whatever backtest can read can be mined, nested fields too."""
    rows = pl.DataFrame({
        "time": [START + timedelta(seconds=n) for n in range(20)], "source": ["web", "db"] * 10,
        "cpu.user": [float(n % 7) for n in range(20)], "disk": ["a", "b"] * 10,
    })  # fmt: skip
    whole = FrameHistory(rows, "cpu.usage")

    class Events:
        streams, events = whole.streams, whole.events

    context = Context("cpu.usage", "cpu.user", ("source", "disk"), every=SECOND)
    names = ("cpu.user", "source", "disk")
    found = [
        read(rows_of(each, "cpu.usage", names, None), context, [], NOW + 19 * SECOND) for each in (Events(), whole)
    ]
    assert found[0].grid.names.equals(found[1].grid.names)
    assert found[0].grid.columns["total"].tolist() == found[1].grid.columns["total"].tolist()
    assert found[0].grid.names["by.disk"].to_list() == ["b", "a"]
