"""Windows: `(T - over, T]` at every multiple of `every`."""

from typing import Any

import pytest
from story import START, event, fold, rule, series, tell

from minerlib.event.moment import MINUTE, SECOND


def window(agg: str, when: str, over: str = "3m", every: str = "1m", of: str | None = "v", **other: Any):
    """A rule that compares one aggregate."""
    measure = {"agg": agg, "over": over, "every": every} | ({"of": of} if of else {})
    return rule(measure=measure, levels=[{"severity": "warning", "when": when}], **other)


@pytest.mark.parametrize(("agg", "value"), [("mean", 2.5), ("max", 4.0), ("min", 1.0), ("sum", 10.0), ("count", 4.0)])
def test_what_a_window_observes(agg: str, value: float):
    """Each aggregate of 1, 4, 2, 3 and two nulls is what one expects."""
    events = [event(f"{at}m", {"v": v}, at) for at, v in enumerate([0, 1, 4, None, 2, None, 3])]
    _, (raised, *_) = fold(window(agg, f"== {value}", "6m", "6m"), events)
    assert (raised.due, raised.window) == (START + 6 * MINUTE, (START, START + 6 * MINUTE))
    assert (raised.value, raised.positions) == (value, [(1, 0), (6, 0)])


def test_a_window_holds_its_end_and_not_its_begin():
    """An event at T is in `(T - over, T]`, one at T - over is not, a microsecond decides."""
    said = window("count", "> 1", "1m", "1m", of=None)
    assert tell(said, [event("1m", {}, 0), event("2m", {}, 1)], "3m") == []
    assert tell(said, [event("60.000001s", {}, 0), event("2m", {}, 1)], "3m") == ["2m raised warning"]
    assert tell(said, [event("1m", {}, 0), event("119.999999s", {}, 1)], "3m") == []


def test_windows_end_at_multiples_since_1970():
    """`every` counts from 1970, not from the first event; the first window is the first to hold an event."""
    said = window("max", "> 80", "7m", "7m")
    offset = START % (7 * MINUTE)
    (raised,) = fold(said, [event("10s", {"v": 90}, 0)])[1]
    assert raised.due == START - offset + 7 * MINUTE
    assert raised.due % (7 * MINUTE) == 0


def test_a_step_that_does_not_divide_the_window():
    """Panes are as long as both have in common: 3m every 2m slides rightly."""
    said = window("sum", ">= 3", "3m", "2m")
    assert START % (2 * MINUTE) == 0
    assert tell(said, series("_ 1 1 1 _x9"), "20m") == []  # 0..2m holds 2, 1..4m holds the ones at 2m, 3m
    assert tell(said, series("_x2 1 1 1 _x9"), "20m") == ["4m raised warning", "6m cleared warning"]


def test_a_window_of_nothing_observes_a_count_of_0():
    """It clears a rate that was too high, and raises where silence is the fault; other aggregates observe nothing."""
    assert tell(window("count", "> 2"), "1x4") == ["2m raised warning", "4m cleared warning"]
    assert tell(window("count", "< 1"), "1x3") == ["5m raised warning"]
    assert tell(window("max", "> 80"), "90 _x9 90") == ["0s raised warning"]
    assert tell(window("sum", "< 1"), "1x3") == []


def test_a_count_of_0_goes_on_while_a_timer_runs():
    """`for` over windows of nothing ends in due time."""
    level = {"severity": "warning", "when": "< 1", "for": "30m"}
    said = rule(measure={"agg": "count", "over": "3m", "every": "1m"}, levels=[level])
    assert tell(said, "1x3") == ["35m raised warning"]
    said = rule(measure={"agg": "count", "over": "3m", "every": "1m"}, levels=[{**level, "when": "> 2", "for": "0s"}],
                clear={"when": "< 1", "for": "10m"})  # fmt: skip
    assert tell(said, "1x4") == ["2m raised warning", "16m cleared warning"]


def test_no_count_before_the_first_event():
    """An instance has windows from its first event on."""
    assert tell(window("count", "< 2"), "_x60 1") == ["1h raised warning"]


def test_a_count_of_a_field_counts_observations():
    """`of` in a count leaves nulls out; without it every selected event counts."""
    assert tell(window("count", "> 2"), "1 ~ 1 ~ 1") == []
    assert tell(window("count", "> 2", of=None), "1 ~ 1 ~ 1") == ["2m raised warning", "5m cleared warning"]


def test_windows_rest_while_an_instance_is_missing():
    """From its expiry until its return no window is evaluated; then they go on, with what is still in them."""
    said = window("count", "< 1", missing={"after": "5m", "then": "alert"})
    assert tell(said, "1 _x9 1", "11m") == ["3m raised warning", "10m cleared warning"]
    said = window("max", "> 80", "9m", "1m", missing={"after": "3m", "then": "alert"})
    assert tell(said, "70 90 _x5 70", "8m") == ["1m raised warning"]


def test_a_sum_beyond_all_numbers_is_no_observation():
    """Infinity is not observed, in an event or in a window, and neither is what comes of two of them."""
    huge = [event(f"{at}s", {"v": v}, at) for at, v in enumerate([1.7e308, 1.7e308, -1.7e308, -1.7e308])]
    assert tell(window("sum", "> 0", "1s", "1s"), huge) == ["0s raised warning", "2s cleared warning"]
    assert tell(window("sum", "!= 0", "1m", "1m"), huge[1:3]) == []
    assert (
        tell(window("sum", "!= 0", "1m", "1m"), [event("1s", {"v": 1.7e308}, 0), event("2s", {"v": 1.7e308}, 1)]) == []
    )
    assert tell(window("max", "> 0"), [event("1s", {"v": float("inf")}, 0)]) == []


def test_panes_are_added_oldest_first():
    """1e16 swallows a 1 that comes later, one by one, and not two that came before and are added first."""
    for values, total in (([1e16, 1, 1], 1e16), ([1, 1, 1e16], 1e16 + 2)):
        events = [event(f"{at}m", {"v": v}, at) for at, v in enumerate(values, 1)]
        assert [each.value for each in fold(window("sum", "> 5e15", "3m", "3m"), events)[1]] == [total]
        (raised,) = fold(window("sum", "> 5e15", "3m", "1m", clear={"when": "< 0"}), events)[1]
        assert raised.value == (1e16 if values[0] > 1 else total)


def test_at_one_instant_clears_come_before_raises():
    """Windows that end together are told cleared first, then by the position of their first event."""
    events = [
        event(f"{at}s", {"v": v}, offset, source=source)
        for offset, (at, source, v) in enumerate(
            [(1, "c", 90), (2, "b", 90), (3, "d", 70), (4, "a", 70),
             (61, "d", 90), (62, "a", 90), (63, "b", 70), (64, "c", 70)]
        )
    ]  # fmt: skip
    said = window("max", "> 80", "1m", "1m")
    found = [(each.due - START, each.what, each.instance["source"]) for each in fold(said, events)[1]]
    assert [(at // SECOND, what, source) for at, what, source in found] == [
        (60, "raised", "c"), (60, "raised", "b"),
        (120, "cleared", "b"), (120, "cleared", "c"), (120, "raised", "d"), (120, "raised", "a"),
    ]  # fmt: skip
