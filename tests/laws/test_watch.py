"""Listening changes nothing, and hears all that decides."""

from hypothesis import given
from hypothesis import strategies as st

from minerlib.event.moment import SECOND
from minerlib.rule import Transition, evaluate
from minerlib.rule.instance import Taken, instance_of
from minerlib.rule.state import State

from .strategies import Case, cases, loud
from .test_lookback import LAW


class Ear:
    """All that a watch hears."""

    def __init__(self) -> None:
        self.events: list[Taken] = []
        self.observations: list[tuple[str, int, float]] = []

    def heard(self, event: Taken) -> None:
        self.events.append(event)

    def observed(self, key: str, time: int, value: float) -> None:
        self.observations.append((key, time, value))

    def dropped(self, key: str) -> None:
        pass


@LAW
@given(st.one_of(cases(), loud()), st.lists(st.integers(1, 30), max_size=4), st.integers(0, 3))
def test_overheard_it_says_the_same(case: Case, cuts: list[int], later: int):
    """The same transitions and the same state, batch by batch; what a value decided was observed, in order of time."""
    rule, events, ear = case.rule, case.events, Ear()
    ends = [*sorted({cut for cut in cuts if cut < len(events)}), len(events)]
    plain, listened = State.fresh("acme.web.prod", "e"), State.fresh("acme.web.prod", "e")
    said, at = list[Transition](), 0
    for end in ends:
        clock = events[end - 1].seen + later * SECOND if end == len(events) else None
        plain, wanted = evaluate(rule, plain, events[at:end], clock)
        listened, found = evaluate(rule, listened, events[at:end], clock, ear)
        assert [repr(each) for each in found] == [repr(each) for each in wanted]
        said, at = said + found, end
    assert listened.to_bytes() == plain.to_bytes()
    seen = {(repr(instance_of(key, rule.by)), time, repr(value)) for key, time, value in ear.observations}
    assert len(ear.observations) == len(set(map(repr, ear.observations))) or (rule.measure and not rule.measure.agg)
    by_value = [each for each in said if each.value is not None and not plain.counts["beyond"]]
    assert {(repr(each.instance), each.due, repr(each.value)) for each in by_value} <= seen
    times = [time for _, time, _ in ear.observations]
    assert times == sorted(times)
