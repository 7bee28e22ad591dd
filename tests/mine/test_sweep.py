"""The sweep counts what a rule would do, state by state."""

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.mine.sweep import firing, sustained, sweep

rows = st.lists(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10)), min_size=1, max_size=30), min_size=1, max_size=3
)


def as_windows(instances: list[list[tuple[int, int]]]) -> pl.DataFrame:
    """Steps and values of each instance as windows."""
    found: list[tuple[int, int, float]] = []
    for number, steps in enumerate(instances):
        at = 0
        for step, value in steps:
            at += step
            found.append((number, at, float(value)))
    schema = {"instance": pl.Int64, "time": pl.Int64, "value": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row")


def one_by_one(windows: pl.DataFrame, line: float, clear: float, wait: int) -> tuple[list[bool], int]:
    """The states of RULES, as plainly as they can be written, and how often one raised."""
    fires: dict[int, bool] = {}
    since: dict[int, int | None] = {}
    states: list[bool] = []
    raised = 0
    for instance, at, value in windows.rows():
        firing_now = fires.get(instance, False)
        holds = value < clear if firing_now else value > line
        begun = since.get(instance)
        since[instance] = (at if begun is None else begun) if holds else None
        begun = since[instance]
        if begun is not None and at - begun >= wait:
            fires[instance], since[instance] = not firing_now, None
            raised += not firing_now
        states.append(fires.get(instance, False))
    return states, raised


@given(rows, st.integers(0, 10), st.integers(0, 4), st.integers(0, 8))
def test_a_sweep_is_the_state_machine_itself(
    instances: list[list[tuple[int, int]]], line: int, back: int, wait: int
) -> None:
    """Every state and every count equals what one gets window by window."""
    windows = as_windows(instances)
    states, raised = one_by_one(windows, line, line - back, wait)
    assert windows.select(firing(line, line - back, wait)).to_series().to_list() == states
    found = sweep(windows, [(line + 1, line), (line, line - back)], wait).row(1, named=True)
    assert (found["raised"], found["share"]) == (raised, pytest.approx(sum(states) / len(states)))


@given(rows, st.integers(0, 10), st.integers(0, 8))
def test_no_alert_is_above_what_was_sustained(instances: list[list[tuple[int, int]]], line: int, wait: int) -> None:
    """A line at or above the highest sustained level raises nothing, so it can be taken as what was seen."""
    windows = as_windows(instances)
    _, raised = one_by_one(windows, line, line, wait)
    highest = sustained(windows, wait).max()
    assert not raised or (isinstance(highest, float) and highest > line)


def test_a_short_peak_is_not_sustained() -> None:
    """One high window of three does not count where two steps must hold."""
    windows = as_windows([[(1, 1), (1, 9), (1, 2), (1, 3), (1, 3)]])
    assert sustained(windows, 2).to_list() == [None, None, 1, 2, 2]


def test_a_hundred_lines_over_a_month_take_a_moment() -> None:
    """Ten servers by the minute for a month, a hundred lines: two seconds of processor time are plenty."""
    count = 10 * 30 * 1440
    numbers = pl.int_range(count, eager=True)
    windows = pl.DataFrame(
        {"instance": numbers // 43200, "time": numbers % 43200, "value": (numbers * 7919 % 1009).cast(pl.Float64)}
    )
    begun = time.process_time()
    sweep(windows, [(line * 10.0, line * 9.0) for line in range(100)], 3)
    assert time.process_time() - begun < 10
