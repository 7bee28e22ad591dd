"""The line that is chosen: within the budget, or above what was seen, and never where it cannot be crossed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.errors import MineError
from minerlib.mine.suggesting.choose import Choice, Level, choose, limits, roundest
from minerlib.mine.suggesting.sweep import Tops, tops

from .grids import grid


def chosen(values: list[float], wait: int, days: float, a_day: float, ceiling: float | None = None) -> Choice:
    """The line for one instance's values."""
    return choose(swept(values, wait), level(values), days, a_day, ceiling)


def swept(values: list[float], wait: int) -> Tops:
    made = grid([values])
    return tops(made, made.mean(1), wait, -math.inf)


def level(values: list[float]) -> Level:
    usual = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(np.array(values) - usual)))
    return Level(len(values), usual, spread, min(values), max(values))


WAVES = [50 + 30 * math.sin(n / 8) + (n // 50 % 10) for n in range(2000)]


@pytest.mark.parametrize("allowed", [1, 5, 20])
def test_the_line_keeps_the_budget_and_is_the_lowest_that_does(allowed: int) -> None:
    """It raises no more than wanted; whatever raises fewer lies above it."""
    choice = chosen(WAVES, 2, days=allowed, a_day=1)
    assert choice.raised <= allowed
    assert len(swept(WAVES, 2).raised(choice.line, choice.clear)) == choice.raised
    assert choice.clear < choice.line
    assert choice.line <= chosen(WAVES, 2, days=1, a_day=1).line


def test_every_line_of_the_interval_raises_as_many() -> None:
    """What the evidence calls the same, is."""
    choice = chosen(WAVES, 2, days=10, a_day=1)
    low, high = choice.same
    assert low <= choice.line <= high
    back = choice.line - choice.clear
    assert {len(swept(WAVES, 2).raised(line, line - back)) for line in (low, high)} == {choice.raised}


def test_the_likely_interval_holds_the_line_and_narrows_with_more_days() -> None:
    """Days drawn again: twenty tell less of the line than two hundred."""
    rng = np.random.default_rng(3)

    def days(count: int) -> Choice:
        values = rng.normal(50, 5, 1440 // 10 * count)
        made = grid([values.tolist()], pane=600_000_000)
        return choose(tops(made, made.mean(1), 0, -math.inf), level(values.tolist()), count, 1.0)

    few, many = days(20), days(200)
    assert few.likely[0] <= few.line <= few.likely[1]
    assert few.likely[0] < few.likely[1]
    assert many.likely[1] - many.likely[0] < few.likely[1] - few.likely[0]


def test_with_a_minute_of_history_the_line_is_about_half_way_to_the_ceiling() -> None:
    """Idle at 3 with a peak of 9 says nothing of a whole day: 50 and not 10, and below 100."""
    choice = chosen([3.0 + (n % 7) for n in range(60)], 5, days=1 / 1440, a_day=1, ceiling=100)
    assert choice.seen < 10
    assert 45 < choice.line < 57
    assert choice.margin > 0
    assert choice.seen < choice.clear < choice.line


def test_without_a_ceiling_the_margin_grows_as_the_history_shrinks() -> None:
    """A tenth of the way to the highest where it nearly suffices, and as much again for each halving."""
    values = [100.0 + (n * 37 % 19) for n in range(60)]
    margins = [chosen(values, 3, days=days, a_day=1).margin for days in (0.99, 0.5, 1 / 1440)]
    assert margins == sorted(margins)
    assert margins[2] / margins[0] == pytest.approx((1 + math.log2(1440)) / (1 + math.log2(1 / 0.99)), rel=0.02)


def test_busy_but_not_full_leaves_room_for_a_line() -> None:
    """At 90 of 100 the line is still one that a full load crosses."""
    assert 88 < chosen([88.0 + n % 3 for n in range(60)], 5, days=1 / 1440, a_day=1, ceiling=100).line < 97


def test_no_line_where_it_already_sits_at_its_ceiling() -> None:
    """A rule that could never fire is no rule; the sentence says why."""
    with pytest.raises(MineError, match=r"too near its limit of 100"):
        chosen([98.0 + n % 3 for n in range(60)], 5, days=1 / 1440, a_day=1, ceiling=100)


def test_it_does_not_fire_most_of_the_time() -> None:
    """A step that stays would be one alert, within any budget, and worth nothing: the line goes above it."""
    step = [1.0 + n % 2 for n in range(500)] + [50.0 + n % 2 for n in range(500)]
    assert chosen(step, 5, days=10, a_day=1).line >= 50


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e9))
def test_the_roundest_number_lies_in_its_interval(low: float, width: float) -> None:
    """Rounding never leaves the interval, so it changes no count."""
    high = low + width
    found = roundest(low, high)
    assert low <= found < high or found == low


@pytest.mark.parametrize(
    ("field", "low", "high", "found"),
    [
        ("used_pct", 3.0, 80.0, (0.0, 100.0)),
        ("cpu.percent", 3.0, 80.0, (0.0, 100.0)),
        ("hit_ratio", 0.1, 0.9, (0.0, 1.0)),
        ("change_pct", -5.0, 80.0, (None, None)),
        ("used_pct", 3.0, 400.0, (0.0, None)),
        ("latency_ms", 3.0, 80.0, (0.0, None)),
        ("temperature", -3.0, 80.0, (None, None)),
    ],
)
def test_a_limit_is_known_by_name_and_values(
    field: str, low: float, high: float, found: tuple[float | None, float | None]
) -> None:
    """A percentage ends at 100 where nothing else was seen; what was never negative ends at 0."""
    assert limits(field, low, high) == found
