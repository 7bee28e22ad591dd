"""Which events count, when, and as whose."""

import random
from itertools import pairwise
from typing import Any

import pytest
from story import START, event, fold, level, rule, tell, told

from minerlib.event.moment import MINUTE, SECOND
from minerlib.rule import State, begin, evaluate, withdraw


def test_late_is_strictly_before_the_clock_less_lateness():
    """Exactly `lateness` behind is in time; a microsecond more is late, counted by source, and not evaluated."""
    state, said = fold(rule(), [event("10s", {"v": 90}, 0, seen="15s"), event("9.999999s", {"v": 95}, 1, seen="15s")])
    assert [each.value for each in said] == [90.0]
    assert (state.counts["late"], state.late, state.counts["selected"]) == (1, {"a": 1}, 1)


def test_an_event_waits_until_the_clock_is_past_it_and_lateness():
    """At `time + lateness` another could still come before it; a microsecond later none can."""
    state, said = evaluate(rule(), State.fresh(), [event("10s", {"v": 90}, 0)], START + 15 * SECOND)
    assert said == []
    _, said = evaluate(rule(), state, [], START + 15 * SECOND + 1)
    assert told(said) == ["10s raised warning"]


def test_windows_and_expiries_wait_too():
    """So do they, each for its own due time."""
    said = rule(missing={"after": "1m", "then": "alert"})
    state, _ = evaluate(said, State.fresh(), [event("0s", {"v": 9}, 0)])
    for clock, wanted in ((65 * SECOND, []), (65 * SECOND + 1, ["1m raised warning missing"])):
        state, found = evaluate(said, state, [], START + clock)
        assert told(found) == wanted
    said = rule(measure={"of": "v", "agg": "max", "over": "1m", "every": "1m"})
    state, _ = evaluate(said, State.fresh(), [event("1s", {"v": 90}, 0)])
    for clock, wanted in ((65 * SECOND, []), (65 * SECOND + 1, ["1m raised warning"])):
        state, found = evaluate(said, state, [], START + clock)
        assert told(found) == wanted


def test_the_future_happens_now():
    """An event from further ahead than `ahead` is evaluated at the clock; one exactly so far ahead is believed."""
    state, said = fold(rule(), [event("2h", {"v": 90}, 0, seen="10s")])
    assert (told(said), state.counts["future"]) == (["10s raised warning"], 1)
    state, said = fold(rule(), [event("70s", {"v": 90}, 0, seen="10s")])
    assert (told(said), state.counts["future"]) == (["1m10s raised warning"], 0)
    state, said = fold(rule(), [event("70.000001s", {"v": 90}, 0, seen="10s")])
    assert (told(said), state.counts["future"]) == (["10s raised warning"], 1)


def test_repeats_are_counted_and_nothing_else():
    """What a publisher said twice is one event, and no sign of life."""
    state, said = fold(rule(), [event("0s", {"v": 9}, 0), event("1s", {"v": 90}, 1, repeat=True)])
    assert (said, state.counts["repeat"], state.counts["selected"]) == ([], 1, 1)


@pytest.mark.parametrize("body", [{"v": None}, {}, {"v": float("nan")}, {"v": float("inf")}, "text", None, [1]])
def test_no_number_is_no_observation(body: Any):
    """Null, NaN, infinity and no such field are counted, and end no pending."""
    said = rule(levels=[level("> 80", "2s")])
    state, found = fold(said, [event("0s", {"v": 90}, 0), event("1s", body, 1), event("2s", {"v": 90}, 2)])
    assert (told(found), state.counts["null"]) == (["2s raised warning"], 1)


@pytest.mark.parametrize("value", ["90", [90], {"a": 1}, 10**400])
def test_what_cannot_be_a_number_is_a_fault(value: Any):
    """The event is counted, said with its field, and is no sign of life; its neighbours live."""
    said = rule(missing={"after": "3s", "then": "alert"})
    state, found = fold(said, [event("0s", {"v": 9}, 0), event("2s", {"v": value}, 1)], "10s")
    assert told(found) == ["3s raised warning missing"]
    assert [(fault.offset, fault.field) for fault in state.take_faults()] == [(1, "v")]
    assert (state.counts["fault"], state.take_faults()) == (1, [])


def test_truth_observes_1_and_0():
    """A boolean is a number of 0 or 1."""
    assert tell(rule(levels=[level("< 1")]), [event("0s", {"v": True}, 0), event("1s", {"v": False}, 1)]) == [
        "1s raised warning"
    ]


def test_raw_bytes_are_a_fault_where_a_field_is_wanted():
    """They count where nothing is read of them."""
    raw = event("0s", None, 0, raw=b"\xff")
    assert fold(rule(), [raw])[0].counts["fault"] == 1
    count = rule(measure={"agg": "count", "over": "1m", "every": "1m"}, levels=[level(">= 1")])
    assert tell(count, [raw], "1m") == ["0s raised warning"]


def test_22_and_22_0_are_one_instance():
    """An archive keeps numbers as Float64, so a whole float names what the integer names; text and truth do not."""
    by = rule(by=["port"], missing={"after": "1m", "then": "alert"})
    ports: list[Any] = [22, 22.0, "22", 22.5, True, 1, None, 2**70, -0.0, 0]
    state, _ = fold(by, [event("0s", {"port": port}, at) for at, port in enumerate(ports)], "0s")
    state, said = evaluate(by, state, [], START + 6 * SECOND)
    assert (len(state.instances), said) == (8, [])
    _, said = fold(by, [event("0s", {"port": 22.0}, 0)])
    assert repr(said[0].instance) == "{'port': 22}"
    assert fold(by, [event("0s", {"port": [1]}, 0)])[0].counts["fault"] == 1


def test_events_are_evaluated_in_order_of_time():
    """One that comes later, but within `lateness`, takes its place before what is newer."""
    assert tell(rule(), [event("2s", {"v": 70}, 0), event("1s", {"v": 90}, 1, seen="2s")]) == [
        "1s raised warning", "2s cleared warning",
    ]  # fmt: skip


def test_events_of_one_instant_go_by_offset():
    """Whatever order they are given in, offset and part decide at equal times."""
    said = rule()
    down, up = event("1s", {"v": 70}, 1), event("1s", {"v": 90}, 0)
    assert tell(said, [up, down]) == tell(said, [down, up]) == ["1s raised warning", "1s cleared warning"]
    _, found = fold(said, [up, down])
    assert [each.ordinal for each in found] == [0, 1]
    assert found[0].id != found[1].id


def test_what_fires_is_said_at_begin_and_taken_back_at_the_end():
    """`begin` raises what a primed rule found firing, `withdraw` clears it; both in the order of instances."""
    said = rule()
    state, _ = fold(said, [event("0s", {"v": 90}, at, source=name) for at, name in enumerate("cab")], "1m")
    begun = begin(said, state, START + MINUTE)
    assert told(begun) == ["1m raised warning primed"] * 3
    assert [each.instance["source"] for each in begun] == ["a", "b", "c"]
    gone = withdraw(said, state, START + 2 * MINUTE)
    assert told(gone) == ["2m cleared warning replaced"] * 3
    assert withdraw(said, state, START + 2 * MINUTE) == []


def test_numbers_rise_strictly_where_thousands_are_due_at_once():
    """2,500 instances raise at one instant and more a microsecond later; each number is above the last."""
    said = rule(levels=[level("< 80")])
    events = [event(0, {"v": 9}, at, source=f"s{at}") for at in range(2_500)]
    events += [event("0.000001s", {"v": 9}, 2_500 + at, source=f"t{at}") for at in range(10)]
    random.Random(7).shuffle(events)
    numbers = [each.number for each in fold(said, events, "1h")[1]]
    assert len(numbers) == 2_510
    assert all(before < after for before, after in pairwise(numbers))
    assert numbers[0] == START * 1000
