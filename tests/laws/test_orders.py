"""Laws 1 to 4: how a stream is cut, shuffled, thinned and clocked changes nothing."""

import json
from collections.abc import Iterable

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.rule import Rule, State, Transition, evaluate

from .lookback import hear
from .strategies import Case, arriving, cases, punctual
from .test_lookback import LAW, fold


def bits(transitions: Iterable[Transition]) -> list[str]:
    """Each transition as text, in which two numbers are alike only to the last bit."""
    return [repr(each) for each in transitions]


def apart(transitions: Iterable[Transition]) -> list[str]:
    """The same, offsets aside: instance by instance, without positions and numbers."""
    plain = [msgspec.structs.replace(each, positions=[], number=0) for each in transitions]
    return bits(sorted(plain, key=lambda each: (json.dumps(list(each.instance.values())), each.due, each.ordinal)))


def live(rule: Rule, events: list[Event], clock: int) -> list[Transition]:
    """All that is said where each event is evaluated as it arrives: one batch would be sorted, and hide its order."""
    state, said = State.fresh("acme.web.prod", "e"), list[Transition]()
    for each in events:
        state, found = evaluate(rule, state, [each])
        said += found
    return said + evaluate(rule, state, [], clock)[1]


@LAW
@given(cases(), st.lists(st.integers(1, 30), max_size=6), st.booleans())
def test_cuts_change_nothing(case: Case, cuts: list[int], single: bool):
    """Law 1: any batches, the state stored and read again between any two, and the faults with it."""
    rule, events = case.rule, case.events
    clock = case.clock
    ends = range(1, len(events)) if single else sorted({cut for cut in cuts if cut < len(events)})
    state, said, at = State.fresh("acme.web.prod", "e"), list[Transition](), 0
    for end in [*ends, len(events)]:
        state, found = evaluate(rule, State.from_bytes(state.to_bytes()), events[at:end])
        said, at = said + found, end
    state, found = evaluate(rule, State.from_bytes(state.to_bytes()), [], clock)
    whole, wanted = evaluate(rule, State.fresh("acme.web.prod", "e"), events, clock)
    assert bits(said + found) == bits(wanted)
    assert (state.counts, state.late) == (whole.counts, whole.late)
    assert sorted(map(repr, state.faults)) == sorted(map(repr, whole.faults))  # in whatever order they are found


@LAW
@given(cases(), st.data())
def test_order_within_lateness_changes_nothing(case: Case, data: st.DataObject):
    """Law 2: events arrive up to `lateness` after their time, in any order that keeps those of one time in theirs."""
    rule = case.rule
    events = sorted((each for each in punctual(rule, case.events) if not each.repeat), key=lambda each: each.time)
    assume(events)

    def arrivals() -> list[Event]:
        delay = {each.time: data.draw(st.integers(0, rule.lateness // case.unit)) * case.unit for each in events}
        order = sorted(events, key=lambda each: each.time + delay[each.time])
        return arriving(order, [each.time + delay[each.time] for each in order])

    clock = events[-1].time + 30 * case.unit
    assert apart(live(rule, arrivals(), clock)) == apart(live(rule, arrivals(), clock))


@LAW
@given(cases(), st.lists(st.booleans(), min_size=30, max_size=30))
def test_strangers_change_nothing(case: Case, kept: list[bool]):
    """Law 3: what a rule does not hear (others, late, at fault) may be there or not, where the last clock is told."""
    rule, events = case.rule, case.events
    some = [each for each, keep in zip(events, kept, strict=False) if keep or hear(rule, each)]
    assert bits(fold(rule, some, case.clock)) == bits(fold(rule, events, case.clock))


@LAW
@given(cases(), st.data())
def test_ticks_change_nothing_but_latency(case: Case, data: st.DataObject):
    """Law 4: the clock may stand anywhere at each event, as long as none is late or of the future by it."""
    rule = case.rule
    events = [each for each in punctual(rule, case.events) if each.kind != "tick"]
    assume(events)

    def ticked() -> list[Event]:
        seens, seen = list[int](), 0
        for at, each in enumerate(events):
            least = max(seen, each.time - rule.ahead)
            most = min(later.time + rule.lateness for later in events[at:])
            seen = least + max(0, most - least) * data.draw(st.integers(0, 4)) // 4
            seens.append(seen)
        return arriving(events, seens)

    some, other = ticked(), ticked()
    assume(len(punctual(rule, some)) == len(punctual(rule, other)) == len(events))
    clock = events[-1].seen + 30 * case.unit
    assert bits(live(rule, some, clock)) == bits(live(rule, other, clock))
