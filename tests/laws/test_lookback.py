"""The engine against an evaluator that carries nothing along; `MINERLIB_LAWS=N` tries N examples."""

import json
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.rule import Rule, State, Transition, evaluate

from .lookback import Said, expected
from .strategies import ZERO, rules, streams

LAW = settings(
    max_examples=int(os.environ.get("MINERLIB_LAWS", "300")), deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def fold(rule: Rule, events: list[Event], clock: int) -> list[Transition]:
    return evaluate(rule, State.fresh("acme.web.prod", "e"), events, clock)[1]


def plain(rule: Rule, each: Transition) -> Said:
    """A transition as the second opinion gives it."""
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


NUMBERS = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.7, 1, 3, 1e16, -1e16]), min_size=2, max_size=12)


@LAW
@given(st.sampled_from(["sum", "mean"]), st.integers(1, 8), st.integers(1, 8), NUMBERS)
def test_every_window_is_added_in_the_reference_order(agg: str, over: int, every: int, numbers: list[float]):
    """A rule that clears and raises at each window says each value, and each is the same to the last bit."""
    measure = {"of": "v", "agg": agg, "over": f"{max(over, every)}s", "every": f"{min(over, every)}s"}
    loud = Rule.from_dict({
        "rule": "r", "kind": "k", "measure": measure, "levels": [{"severity": "info", "when": "!= 0.5"}],
        "clear": {"when": "!= 0.5"},
    })  # fmt: skip
    events = [
        Event(time=ZERO + at * SECOND // 2, seen=ZERO + at * SECOND // 2, epoch="e", offset=at, part=0, company="acme",
              system="web", environment="prod", source="a", kind="k", body={"v": number})
        for at, number in enumerate(numbers)
    ]  # fmt: skip
    clock = events[-1].seen + 20 * SECOND
    found = [plain(loud, each) for each in fold(loud, events, clock)]
    assert found == expected(loud, events, clock)
