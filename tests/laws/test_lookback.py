"""The engine against an evaluator that carries nothing along; `MINERLIB_LAWS=N` tries N examples."""

import json
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.rule import Rule, State, Transition, evaluate

from .lookback import Said, beyond, expected
from .strategies import AGGS, ZERO, Case, cases

LAW = settings(
    max_examples=int(os.environ.get("MINERLIB_LAWS", "300")), deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def fold(rule: Rule, events: list[Event], clock: int) -> list[Transition]:
    return evaluate(rule, State.fresh("acme.web.prod", "e"), events, clock)[1]


def plain(rule: Rule, each: Transition) -> Said:
    """A transition as the second opinion gives it."""
    stream = bool(rule.by) and not each.instance  # what is said for the whole stream names no instance
    key = "" if stream else json.dumps([each.instance[name] for name in rule.by], separators=(",", ":"))
    return Said(each.what, key, each.was, each.now, each.due, each.severity, each.reason, each.value,
                each.threshold, each.window, each.positions)  # fmt: skip


@LAW
@given(cases())
def test_the_engine_says_what_the_reference_says(case: Case):
    """All that is said, in its order, to the last bit; and how many events found no room."""
    rule, events = case
    state, said = evaluate(rule, State.fresh("acme.web.prod", "e"), events, case.clock)
    assert [repr(plain(rule, each)) for each in said] == [  # as text: 0.0 and -0.0 are two
        repr(each) for each in expected(rule, events, case.clock)
    ]
    assert state.counts["beyond"] == beyond(rule, events, case.clock)


AMOUNTS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.7, 1, 3, 1e16, -1e16]), st.sampled_from([0, 333_333, 500_000, SECOND])),
    min_size=2,
    max_size=40,
)
MEASURES = st.sampled_from([*({"of": "v", "agg": agg} for agg in AGGS), {"ratio": {"of": "v", "to": "v * v"}}])


@LAW
@given(MEASURES, st.integers(1, 8), st.integers(1, 8), AMOUNTS)
def test_every_window_is_worked_out_as_the_reference_does(
    measure: dict[str, object], over: int, every: int, amounts: list[tuple[float, int]]
):
    """A rule that clears and raises at each window says each value, and each is the same to the last bit."""
    windows = {"over": f"{max(over, every)}s", "every": f"{min(over, every)}s"}
    to = {"to": 2} if measure.get("agg") == "forecast" else {}
    loud = Rule.from_dict({
        "rule": "r", "kind": "k", "measure": measure | windows | to, "levels": [{"severity": "info", "when": "!= 0.5"}],
        "clear": {"when": "!= 0.5"},
    })  # fmt: skip
    events, time = list[Event](), ZERO
    for at, (value, step) in enumerate(amounts):
        time += step
        events.append(Event(time=time, seen=time, epoch="e", offset=at, part=0, company="acme", system="web",
                            environment="prod", source="a", kind="k", body={"v": value}))  # fmt: skip
    clock = time + 20 * SECOND
    found = [repr(plain(loud, each)) for each in fold(loud, events, clock)]
    assert found == [repr(each) for each in expected(loud, events, clock)]
