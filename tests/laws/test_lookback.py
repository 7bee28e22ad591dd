"""The engine against an evaluator that carries nothing along; `MINERLIB_LAWS=N` tries N examples."""

import os

from hypothesis import HealthCheck, given, settings

from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.rule import Rule, State, Transition, evaluate

from .lookback import Said, expected
from .strategies import rules, streams

LAW = settings(
    max_examples=int(os.environ.get("MINERLIB_LAWS", "300")), deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def fold(rule: Rule, events: list[Event], clock: int) -> list[Transition]:
    return evaluate(rule, State.fresh("acme.web.prod", "e"), events, clock)[1]


def plain(rule: Rule, each: Transition) -> Said:
    """A transition as the second opinion gives it."""
    import json

    key = json.dumps([each.instance[name] for name in rule.by], separators=(",", ":"))
    return Said(each.what, key, each.was, each.now, each.due, each.severity, each.reason, each.value,
                each.threshold, each.window, each.positions)  # fmt: skip


@LAW
@given(rules(), streams())
def test_the_engine_says_what_the_reference_says(rule: Rule, events: list[Event]):
    """All that is said, in its order, to the last bit."""
    clock = events[-1].seen + 20 * SECOND
    found = [repr(plain(rule, each)) for each in fold(rule, events, clock)]  # 0.0 and -0.0 are two
    assert found == [repr(each) for each in expected(rule, events, clock)]
