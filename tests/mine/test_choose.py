"""The line that is chosen: within the budget, or above what was seen, and never where it cannot be crossed."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.errors import MineError
from minerlib.mine.choose import choose, limit, roundest
from minerlib.mine.sweep import sweep


def windows(values: list[float]) -> pl.DataFrame:
    """One instance, a window a step."""
    return pl.DataFrame({"instance": [0] * len(values), "time": range(len(values)), "value": values}).cast(
        {"instance": pl.Int64, "time": pl.Int64}
    )


WAVES = windows([50 + 30 * math.sin(n / 8) + (n // 50 % 10) for n in range(2000)])


@pytest.mark.parametrize("allowed", [1, 5, 20])
def test_the_line_keeps_the_budget_and_is_the_lowest_that_does(allowed: int) -> None:
    """It raises no more than wanted; whatever raises fewer lies above it."""
    choice = choose(WAVES, 2, days=allowed, a_day=1)
    assert choice.raised <= allowed
    assert sweep(WAVES, [(choice.line, choice.clear)], 2)["raised"][0] == choice.raised
    assert choice.clear < choice.line
    if allowed > 1:
        assert choice.line <= choose(WAVES, 2, days=1, a_day=1).line


def test_every_line_of_the_interval_raises_as_many() -> None:
    """What the evidence calls the same, is."""
    choice = choose(WAVES, 2, days=10, a_day=1)
    low, high = choice.same
    assert low <= choice.line <= high
    back = choice.line - choice.clear
    assert set(sweep(WAVES, [(line, line - back) for line in (low, high)], 2)["raised"]) == {choice.raised}


def test_with_a_minute_of_history_the_line_is_about_half_way_to_the_ceiling() -> None:
    """Idle at 3 with a peak of 9 says nothing of a whole day: 50 and not 10, and below 100."""
    idle = windows([3.0 + (n % 7) for n in range(60)])
    choice = choose(idle, 5, days=1 / 1440, a_day=1, ceiling=100)
    assert choice.seen < 10
    assert 45 < choice.line < 57
    assert choice.margin > 0
    assert choice.seen < choice.clear < choice.line


def test_without_a_ceiling_the_margin_grows_as_the_history_shrinks() -> None:
    """Three spreads where it nearly suffices, and one more for each halving."""
    values = windows([100.0 + (n * 37 % 19) for n in range(60)])
    margins = [choose(values, 3, days=days, a_day=1).margin for days in (0.99, 0.5, 1 / 1440)]
    assert margins == sorted(margins)
    assert margins[2] / margins[0] == pytest.approx((3 + math.log2(1440)) / 3, rel=0.02)


def test_busy_but_not_full_leaves_room_for_a_line() -> None:
    """At 90 of 100 the line is still one that a full load crosses."""
    choice = choose(windows([88.0 + n % 3 for n in range(60)]), 5, days=1 / 1440, a_day=1, ceiling=100)
    assert 88 < choice.line < 97


def test_no_line_where_it_already_sits_at_its_ceiling() -> None:
    """A rule that could never fire is no rule; the sentence says why."""
    with pytest.raises(MineError, match=r"too near its limit of 100"):
        choose(windows([98.0 + n % 3 for n in range(60)]), 5, days=1 / 1440, a_day=1, ceiling=100)


def test_it_does_not_fire_most_of_the_time() -> None:
    """A step that stays would be one alert, within any budget, and worth nothing: the line goes above it."""
    step = windows([1.0 + n % 2 for n in range(500)] + [50.0 + n % 2 for n in range(500)])
    choice = choose(step, 5, days=10, a_day=1)
    assert choice.line >= 50


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e9))
def test_the_roundest_number_lies_in_its_interval(low: float, width: float) -> None:
    """Rounding never leaves the interval, so it changes no count."""
    high = low + width
    found = roundest(low, high)
    assert low <= found < high or found == low


@pytest.mark.parametrize(
    ("field", "values", "side", "found"),
    [
        ("used_pct", [3.0, 80.0], "high", 100.0),
        ("cpu.percent", [3.0, 80.0], "high", 100.0),
        ("hit_ratio", [0.1, 0.9], "high", 1.0),
        ("change_pct", [-5.0, 80.0], "high", None),
        ("used_pct", [3.0, 400.0], "high", None),
        ("latency_ms", [3.0, 80.0], "high", None),
        ("free_bytes", [3.0, 80.0], "low", 0.0),
        ("temperature", [-3.0, 80.0], "low", None),
    ],
)
def test_a_limit_is_known_by_name_and_values(field: str, values: list[float], side: str, found: float | None) -> None:
    """A percentage ends at 100 where nothing else was seen; what was never negative ends at 0."""
    assert limit(field, pl.Series(values), side) == found
