"""What would break an engine: far too many of something, and nothing as it should be."""

import time
from typing import Any

import msgspec
import pytest
from story import START, event, fold, rule, told

from minerlib.event.moment import DAY, SECOND
from minerlib.rule import State, evaluate


def quickly(seconds: float, begun: float) -> None:
    """Not a measurement: what is quadratic takes minutes."""
    assert time.perf_counter() - begun < seconds


def test_a_hundred_thousand_instances_are_a_thousand_and_a_count():
    """The bound holds memory and time; the rest is counted, and one fault says so."""
    said = rule(instances=1_000)
    state, begun = State.fresh("acme.web.prod", "e"), time.perf_counter()
    for first in range(0, 100_000, 10_000):
        events = [event(f"{at}us", {"v": 90}, at, source=f"s{at}") for at in range(first, first + 10_000)]
        state, _ = evaluate(said, state, events)
    state, _ = evaluate(said, state, [], START + DAY)
    assert (len(state.instances), state.counts["beyond"], len(state.faults)) == (1_000, 99_000, 1)
    assert len(state.to_bytes()) < 1_000_000
    quickly(60, begun)


def test_thousands_forgotten_at_one_moment():
    """And missed, and back: each in time that grows with their number, not with its square."""
    begun = time.perf_counter()
    said = rule(missing={"after": "1m", "then": "hold"}, retire="10m")
    events = [event("0s", {"v": 90}, at, source=f"s{at}") for at in range(20_000)]
    events += [event("5m", {"v": 90}, 20_000 + at, source=f"s{at}") for at in range(20_000)]
    state, found = fold(said, events, "1h")
    assert state.instances == {}
    assert sum(each.what == "retired" for each in found) == 20_000
    quickly(60, begun)


def test_a_window_of_too_many_values():
    """A percentile keeps what it can; the rest is counted, and said once."""
    said = rule(
        measure={"of": "v", "agg": "p95", "over": "1h", "every": "1h"}, levels=[{"severity": "info", "when": "> 0"}]
    )
    events = [event(f"{at}us", {"v": 1.0}, at) for at in range(1, 100_011)]
    state, _ = evaluate(said, State.fresh("acme.web.prod", "e"), events, START + 10 * SECOND)
    assert state.counts["beyond"] == 10
    assert [(each.field, "100,000" in each.said) for each in state.faults] == [("v", True)]


@pytest.mark.parametrize(
    "value", ["text", [1], {"a": 1}, 10**400, float("nan"), float("inf"), None, True, "9" * 1_000_000]
)
@pytest.mark.parametrize("agg", [None, "mean", "p95", "distinct", "slope"])
def test_a_field_that_is_something_else_today(value: Any, agg: str | None):
    """Its neighbours are evaluated all the same, and nothing is raised but alerts."""
    measure = {"of": "v"} if agg is None else {"of": "v", "agg": agg, "over": "1m", "every": "1m"}
    said = rule(measure=measure, levels=[{"severity": "info", "when": "> -1e300"}])
    events = [event("1s", {"v": 90}, 0), event("2s", {"v": value}, 1), event("3s", {"v": 91}, 2)]
    state, found = fold(said, events, "5m")
    assert told(found)[0].endswith("raised info")
    assert state.counts["selected"] + state.counts["fault"] == 3
    assert State.from_bytes(state.to_bytes()).counts == state.counts


def test_an_instance_named_by_a_novel():
    """A text of any length is a fault once it is too long to name anything."""
    state, _ = fold(rule(by=["name"]), [event("0s", {"v": 90, "name": "x" * 20_000}, 0)])
    assert (state.counts["fault"], state.instances) == (1, {})
    assert "too many to name" in state.faults[0].said


@pytest.mark.parametrize("years", [-50, 50])
def test_a_clock_years_off(years: int):
    """Too old is late, too new is taken as now."""
    off = msgspec.structs.replace(event("0s", {"v": 90}, 0), time=START + years * 365 * DAY)
    state, found = fold(rule(), [off])
    assert (state.counts["late"], state.counts["future"]) == ((1, 0) if years < 0 else (0, 1))
    assert [each.due for each in found] == ([] if years < 0 else [START])
