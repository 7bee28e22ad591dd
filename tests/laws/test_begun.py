"""A rule that is begun inside a stream says what the reference says from there on, with its numbers and ordinals."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from minerlib.rule import State, Transition, begin, evaluate, withdraw

from .lookback import Said, expected
from .strategies import Case, cases
from .test_lookback import LAW, plain


def run(case: Case, data: st.DataObject) -> tuple[int, list[Transition], list[Said]]:
    """A rule's run from anywhere in a stream, primed by what was before, withdrawn at the end: the clock it begins at,
    and all it says from there on."""
    rule, events = case.rule, case.events
    live_from = data.draw(st.sampled_from([each.offset for each in events]))
    past = [each for each in events if each.offset < live_from]
    here = past[-1].seen if past else events[0].seen
    state, _ = evaluate(rule, State.fresh("acme.web.prod", "e"), past, here)
    found = begin(rule, state, here)
    state = State.from_bytes(state.to_bytes())
    state, said = evaluate(rule, state, events[len(past) :], case.clock)
    found += said + withdraw(rule, state, case.clock)
    return here, found, [plain(rule, each) for each in found]


def agrees(case: Case, data: st.DataObject) -> None:
    """Fails where that is not what the reference says, in its order, numbered and named."""
    here, found, told = run(case, data)
    whole = expected(case.rule, case.events, case.clock, begun=here, ended=case.clock)
    assert [repr(each) for each in told] == [repr(each) for each in whole]

    ordinals, number = Counter[tuple[str, int]](), here * 1000 - 1
    for each, plainly in zip(found, told, strict=True):
        number = max(number + 1, each.due * 1000)
        assert (each.number, each.ordinal) == (number, ordinals[plainly.instance, plainly.due])
        ordinals[plainly.instance, plainly.due] += 1
    assert len({each.id for each in found}) == len(found)


@LAW
@given(cases(), st.data())
def test_a_begun_rule_says_what_the_reference_says(case: Case, data: st.DataObject) -> None:
    """What is shown at the clock it begins at, then everything due that was not due before, then what is taken back."""
    agrees(case, data)
