"""What each aggregate observes."""

import math
import statistics
from typing import Any

import numpy as np
import pytest
from story import START, event, fold, rule, told

from minerlib.event.moment import MINUTE
from minerlib.rule.aggregate import nearest

VALUES = [3.0, 1.0, 4.0, 1.0, 5.0]  # one a minute, at 1m to 5m


def observed(agg: str, values: list[Any] = VALUES, over: str = "6m", **other: Any) -> float | None:
    """What a window of 6 minutes observes, with 0 or nothing told apart: None where it observes nothing."""
    measure = {"agg": agg, "over": over, "every": "6m", **({"of": "v"} | other)}
    said = rule(
        measure={k: v for k, v in measure.items() if v is not None},
        levels=[{"severity": "info", "when": ">= -1e300"}],
    )
    found = fold(said, [event(f"{at}m", {"v": v}, at) for at, v in enumerate(values, 1)], "8m")[1]
    return found[0].value if found else None


@pytest.mark.parametrize(
    ("agg", "value"),
    [
        ("sum", 14), ("mean", 2.8), ("min", 1), ("max", 5), ("count", 5), ("rate", 5 / 360), ("first", 3), ("last", 5),
        ("delta", 2), ("distinct", 4), ("p50", 3), ("p95", 5), ("p20", 1), ("p999", 5),
    ],
)  # fmt: skip
def test_each_aggregate(agg: str, value: float):
    """Of 3, 1, 4, 1, 5."""
    assert observed(agg) == value


def test_spread_and_slope():
    """The sample's standard deviation, and the least squares line per second."""
    assert observed("stddev") == pytest.approx(statistics.stdev(VALUES))
    slope = statistics.linear_regression([60.0 * at for at in range(1, 6)], VALUES).slope
    assert observed("slope") == pytest.approx(slope)


def test_a_forecast_is_seconds_until_it_is_reached():
    """50 to 54 in four minutes: 100 is 46 minutes away from the last, 45 from the window's end."""
    assert observed("forecast", [50, 51, 52, 53, 54], to=100) == pytest.approx(45 * 60)
    assert observed("forecast", [54, 53, 52, 51, 50], to=0) == pytest.approx(49 * 60)


@pytest.mark.parametrize("values", [[54, 53, 52], [50, 50, 50]])
def test_what_is_never_reached_is_infinitely_far(values: list[float]):
    """So a level ends, and `clear` can hold, when the disk stops filling."""
    assert observed("forecast", values, to=100) == math.inf


def test_a_forecast_clears_when_nothing_fills_any_more():
    """Full in less than an hour raises; a line that falls clears."""
    said = rule(
        measure={"of": "v", "agg": "forecast", "to": 100, "over": "3m", "every": "1m"},
        levels=[{"severity": "warning", "when": "< 3600"}],
        clear={"when": "> 7200"},
    )
    events = [event(f"{at}m", {"v": v}, at) for at, v in enumerate([50, 52, 54, 56, 50, 48, 46, 44, 42])]
    found = fold(said, events, "10m")[1]
    assert told(found) == ["1m raised warning", "4m cleared warning"]
    assert found[1].body()["value"] is None
    assert found[1].value == math.inf


@pytest.mark.parametrize(
    ("agg", "values"),
    [("delta", [1]), ("stddev", [1]), ("slope", [1]), ("first", [None]), ("p95", [None]), ("sum", [None])],
)
def test_too_little_is_no_observation(agg: str, values: list[Any]):
    """Two observations where a difference is wanted, one otherwise."""
    assert observed(agg, values) is None


def test_observations_of_one_moment_have_no_slope():
    """Two at the same time make no line."""
    said = rule(
        measure={"of": "v", "agg": "slope", "over": "1m", "every": "1m"},
        levels=[{"severity": "info", "when": ">= -1e300"}],
    )
    assert fold(said, [event("1s", {"v": 1}, 0), event("1s", {"v": 2}, 1)], "5m")[1] == []


@pytest.mark.parametrize("agg", ["count", "rate", "distinct"])
def test_counts_observe_the_nothing_that_follows(agg: str):
    """A scan that ends is seen to end; a mean of nothing is nothing."""
    said = rule(
        measure={"of": "v", "agg": agg, "over": "1m", "every": "1m"}, levels=[{"severity": "info", "when": "> 0"}]
    )
    assert told(fold(said, [event("30s", {"v": 1}, 0)], "9m")[1]) == ["1m raised info", "2m cleared info"]


def test_different_values_of_any_type():
    """22 and 22.0 are one value; "22" is another, and so is true; null is none."""
    assert observed("distinct", [22, 22.0, "22", True, None]) == 3
    assert observed("distinct", ["x" * 1000 + "a", "x" * 1000 + "b", "x" * 1000 + "a"]) == 2


@pytest.mark.parametrize(
    ("name", "count", "at"),
    [("p50", 4, 2), ("p95", 20, 19), ("p95", 21, 20), ("p07", 100, 7), ("p999", 1000, 999), ("p99", 1, 1)],
)
def test_the_nearest_rank(name: str, count: int, at: int):
    """The smallest value that at least this share does not exceed, in whole numbers: 7 of 100 is the seventh."""
    values = np.arange(1.0, count + 1)[::-1]
    assert nearest(np.zeros(count, np.int64), values, name, 1).tolist() == [at]


def test_a_ratio_is_of_two_selections():
    """Errors over requests; a zero divisor observes nothing."""
    said = rule(
        measure={"ratio": {"of": "status >= 500", "to": "status > 0"}, "over": "4m", "every": "4m"},
        levels=[{"severity": "warning", "when": ">= 0"}],
    )
    events = [event(f"{at}m", {"status": s}, at) for at, s in enumerate([200, 500, 503, None], 1)]
    (raised,) = fold(said, events, "5m")[1]
    assert raised.value == 2 / 3
    assert fold(said, [event("1m", {"status": 0}, 0)], "5m")[1] == []


def test_a_ratio_of_all_that_is_selected():
    """Without `to` every event counts below, also one whose `of` is null."""
    said = rule(
        measure={"ratio": {"of": "status >= 500"}, "over": "4m", "every": "4m"},
        levels=[{"severity": "warning", "when": ">= 0"}],
    )
    events = [event(f"{at}m", {"status": s}, at) for at, s in enumerate([200, 500, 503, None], 1)]
    assert fold(said, events, "5m")[1][0].value == 0.5


def test_a_window_that_slides_by_panes():
    """Moments of panes are merged: a line over 5 minutes in steps of 2 is the line of its points."""
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0]
    said = rule(
        measure={"of": "v", "agg": "slope", "over": "5m", "every": "2m"},
        levels=[{"severity": "info", "when": ">= -1e300", "for": "4m"}],
    )
    events = [event(f"{at}m", {"v": v}, at) for at, v in enumerate(values, 1)]
    (raised,) = fold(said, events, "12m")[1]
    first = raised.window
    assert first
    inside = [(at * 60.0, v) for at, v in enumerate(values, 1) if first[0] < START + at * MINUTE <= first[1]]
    assert raised.value == pytest.approx(statistics.linear_regression(*zip(*inside, strict=True)).slope)
