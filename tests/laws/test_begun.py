"""A rule that is begun inside a stream says what the reference says from there on, with its numbers and ordinals."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.rule import Rule, State, begin, evaluate

from .lookback import Said, expected
from .strategies import rules, streams
from .test_lookback import LAW, plain


@LAW
@given(rules(), streams(), st.data())
def test_a_begun_rule_says_what_the_reference_says(rule: Rule, events: list[Event], data: st.DataObject) -> None:
    """What fires at the clock it begins at, then everything due that was not due before."""
    clock = events[-1].seen + 20 * SECOND
    live_from = data.draw(st.sampled_from([each.offset for each in events]))
    past = [each for each in events if each.offset < live_from]
    here = past[-1].seen if past else events[0].seen

    state, _ = evaluate(rule, State.fresh("acme.web.prod", "e"), past, here)
    found = begin(rule, state, here)
    state = State.from_bytes(state.to_bytes())
    found += evaluate(rule, state, events[len(past) :], clock)[1]

    whole = expected(rule, events, clock)
    silent = [said for said in whole if said.due < here - rule.lateness]
    last = {said.instance: said for said in silent}
    primed = [
        Said("raised", key, "ok", "firing", here, said.severity, "primed", None, None, None, [])
        for key, said in sorted(last.items())
        if said.what != "cleared"
    ]
    told: list[Any] = [plain(rule, each) for each in found]
    assert told == primed + whole[len(silent) :]

    ordinals, number = Counter[tuple[str, int]](), here * 1000 - 1
    for each, said in zip(found, told, strict=True):
        number = max(number + 1, each.due * 1000)
        assert (each.number, each.ordinal) == (number, ordinals[said.instance, said.due])
        ordinals[said.instance, said.due] += 1
    assert len({each.id for each in found}) == len(found)
