"""The laws themselves: what is one step beside the reference is told apart within a few thousand examples."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .faults import MISTAKES
from .mutants import MEANINGS, NUMBERS, TIMERS, Other
from .strategies import Case, busy_cases, cases, loud
from .test_begun import agrees


def law(some: st.SearchStrategy[Case]) -> Callable[[], None]:
    @settings(
        max_examples=5000, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(some, st.data())
    def holds(case: Case, data: st.DataObject) -> None:
        agrees(case, data)

    return holds


def named(some: st.SearchStrategy[Case], others: dict[str, list[Other]]) -> list[Any]:
    return [pytest.param(some, each, id=name) for name, each in others.items()]


@pytest.mark.parametrize(
    ("some", "others"),
    named(cases(), MEANINGS) + named(busy_cases(), TIMERS) + named(loud(), NUMBERS) + named(cases(), MISTAKES),
)
def test_another_meaning_is_told_apart(
    some: st.SearchStrategy[Case], others: list[Other], monkeypatch: pytest.MonkeyPatch
):
    for whose, what, other in others:
        monkeypatch.setattr(whose, what, other(getattr(whose, what)))
    with pytest.raises(AssertionError):
        law(some)()
