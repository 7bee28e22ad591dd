"""Everything that a rule says can be explained, and the explanation is of that very thing."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from minerlib.rule import Begun, Events, Stream, backtest

from .strategies import Case, cases, loud
from .test_lookback import LAW

STREAM = Stream("acme.web.prod", "e")


@LAW
@given(st.one_of(cases(), loud()), st.integers(0, 30), st.sampled_from(["all", "since", "begun"]), st.data())
def test_whatever_is_said_is_explained(case: Case, at: int, how: str, data: st.DataObject):
    """Any transition is found again by folding up to its moment, with the value that decided it last."""
    rule, events = case.rule, case.events
    history = Events(events)
    at = min(at, len(events) - 1)
    begun = None
    if how == "begun":
        last = data.draw(st.integers(at, len(events)))
        ended = events[last - 1].seen if 0 < last < len(events) and events[last].seen > events[last - 1].seen else None
        clock = max([each.seen for each in events[:at]], default=events[0].seen)
        begun = Begun(STREAM, 0, events[at].offset, clock, events[last - 1].offset if ended else None, ended)
    found = backtest(rule, history, since=events[at].seen if how == "since" else None, begun=begun)
    for transition in found.transitions:
        why = found.why(transition)
        assert all(why.lines)
        json.dumps(why.to_dict(), allow_nan=False)
        assert str(why).startswith("r: ")
        if transition.value is None:
            continue
        time, value = why.facts.observed[-1]
        assert (time, repr(value)) == (transition.due, repr(transition.value))
        if transition.what == "flapping" or transition.threshold is None:
            continue
        assert why.facts.since is not None
        assert why.facts.since <= transition.due
        *_, holds = why.compared[-1]
        assert holds
        wait = rule.clears.wait if transition.what == "cleared" and rule.clears else rule.levels[why.facts.level].wait
        assert transition.due - why.facts.since >= wait
        if transition.window:
            assert why.facts.inside >= len({position[0] for position in transition.positions})
            assert not transition.positions or why.facts.events[0] == transition.positions[0]
        assert math.isfinite(value) or value > 0
