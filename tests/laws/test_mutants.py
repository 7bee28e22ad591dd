"""The laws themselves: a meaning that is one step beside the reference is told apart within a few thousand examples."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from minerlib.rule import State, begin, evaluate, withdraw

from . import test_lookback
from .lookback import expected
from .mutants import OTHERS
from .strategies import Case, cases, loud


class ToldApart(Exception):
    """The engine says something else."""


@settings(
    max_examples=5000, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
)  # fmt: skip
@given(st.one_of(cases(), loud()), st.data())
def law(case: Case, data: st.DataObject) -> None:
    rule, events = case
    live_from = data.draw(st.sampled_from([each.offset for each in events]))
    past = [each for each in events if each.offset < live_from]
    here = past[-1].seen if past else events[0].seen
    state, _ = evaluate(rule, State.fresh("acme.web.prod", "e"), past, here)
    found = begin(rule, state, here)
    state, said = evaluate(rule, state, events[len(past) :], case.clock)
    found += said + withdraw(rule, state, case.clock)
    told = [test_lookback.plain(rule, each) for each in found]
    whole = expected(rule, events, case.clock, begun=here, ended=case.clock)
    if repr(told) != repr(whole):
        raise ToldApart


@pytest.mark.parametrize("name", OTHERS)
def test_another_meaning_is_told_apart(name: str, monkeypatch: pytest.MonkeyPatch):
    for whose, what, other in OTHERS[name]:
        monkeypatch.setattr(whose, what, other(getattr(whose, what)))
    with pytest.raises(ToldApart):
        law()
