"""Law 5: what a host publishes is what a backtest from the same place says."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.rule import Begun, Events, Rule, State, Stream, Transition, backtest, begin, evaluate, withdraw

from .strategies import Case, cases
from .test_lookback import LAW

PLACE = Stream("acme.web.prod", "e")


def live(
    rule: Rule, events: list[Event], begun: Begun, data: st.DataObject
) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """A host's life with crashes: what it published the first time it said it, and what it said again."""
    past = [each for each in events if begun.primed_from <= each.offset < begun.live_from]
    state, _ = evaluate(rule, State.fresh(*PLACE), past, begun.clock)
    first, again = dict[str, int](), list[tuple[str, int]]()

    def publish(said: list[Transition]) -> None:
        for each in said:
            if each.id in first:
                again.append((each.id, each.number))
            first.setdefault(each.id, each.number)

    publish(begin(rule, state, begun.clock))
    coming = [each for each in events if each.offset >= begun.live_from]
    saved, place, at, crashes = state.to_bytes(), 0, 0, 0
    while at < len(coming):
        end = min(len(coming), at + data.draw(st.integers(1, 9)))
        state, said = evaluate(rule, state, coming[at:end])
        publish(said)
        at = end
        event = data.draw(st.sampled_from(["save", "go on", "crash"]))
        if event == "save":
            saved, place = state.to_bytes(), at
        elif event == "crash" and crashes < 3:
            state, at, crashes = State.from_bytes(saved), place, crashes + 1
    if begun.ended is not None:
        publish(withdraw(rule, state, begun.ended))
    return list(first.items()), again


@LAW
@given(cases(), st.data())
def test_live_equals_replay(case: Case, data: st.DataObject):
    """By id and number and in order, whatever is primed, wherever it crashes, withdrawn at the end or not."""
    rule, events = case.rule, case.events
    last, end = events[-1], case.clock
    events = [*events, msgspec.structs.replace(last, time=end, seen=end, offset=last.offset + 1, part=0, kind="tick")]
    places = sorted({each.offset for each in events})
    live_from = data.draw(st.sampled_from(places))
    primed_from = data.draw(st.sampled_from([place for place in places if place <= live_from]))
    clock = max((each.seen for each in events if each.offset < live_from), default=events[0].seen)
    ended = (last.offset + 1, end) if data.draw(st.booleans()) else (None, None)
    begun = Begun(PLACE, primed_from, live_from, clock, *ended)
    published, again = live(rule, events, begun, data)
    replayed = [(each.id, each.number) for each in backtest(rule, Events(events), begun=begun).transitions]
    assert published == replayed
    assert set(again) <= set(published)
    numbers = [number for _, number in replayed]
    assert numbers == sorted(set(numbers))
