"""The laws themselves: a meaning that is one step beside the reference is told apart within a few thousand examples."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .lookback import expected
from .mutants import MEANINGS, NUMBERS, Other
from .strategies import Case, cases, loud
from .test_begun import run


class ToldApart(Exception):
    """The engine says something else."""


def law(some: st.SearchStrategy[Case]) -> Callable[[], None]:
    @settings(
        max_examples=5000, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(some, st.data())
    def holds(case: Case, data: st.DataObject) -> None:
        here, _, told = run(case, data)
        if repr(told) != repr(expected(case.rule, case.events, case.clock, begun=here, ended=case.clock)):
            raise ToldApart

    return holds


@pytest.mark.parametrize(
    ("others", "some"),
    [pytest.param(others, cases(), id=name) for name, others in MEANINGS.items()]
    + [pytest.param(others, loud(), id=name) for name, others in NUMBERS.items()],
)
def test_another_meaning_is_told_apart(
    others: list[Other], some: st.SearchStrategy[Case], monkeypatch: pytest.MonkeyPatch
):
    for whose, what, other in others:
        monkeypatch.setattr(whose, what, other(getattr(whose, what)))
    with pytest.raises(ToldApart):
        law(some)()
