"""The engine against an evaluator that carries nothing along; `MINERLIB_LAWS=N` tries N examples."""

import json
import os

from hypothesis import HealthCheck, given, settings

from minerlib.event import Event
from minerlib.rule import Rule, State, Transition, evaluate

from .lookback import Said, beyond, expected
from .strategies import Case, cases, loud

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
    rule, events = case.rule, case.events
    state, said = evaluate(rule, State.fresh("acme.web.prod", "e"), events, case.clock)
    assert [repr(plain(rule, each)) for each in said] == [  # as text: 0.0 and -0.0 are two
        repr(each) for each in expected(rule, events, case.clock)
    ]
    assert state.counts["beyond"] == beyond(rule, events, case.clock)


@LAW
@given(loud())
def test_every_window_is_worked_out_as_the_reference_does(case: Case):
    """A rule that clears and raises at each window says each value, and each is the same to the last bit."""
    found = [repr(plain(case.rule, each)) for each in fold(case.rule, case.events, case.clock)]
    assert found == [repr(each) for each in expected(case.rule, case.events, case.clock)]
