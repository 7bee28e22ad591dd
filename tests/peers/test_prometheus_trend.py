"""Prometheus's own cases of `deriv` and `predict_linear`: `slope` and `forecast` give the same numbers."""

import re
from math import isclose, isnan
from typing import Any, NamedTuple

import pytest
from beside import text

from minerlib.event import Event
from minerlib.event.moment import SECOND, duration
from minerlib.rule import Rule

from .folding import START, observed
from .prometheus import Case, script

FAR = 4000  # a number that none of the lines has reached
_CALL = re.compile(r"(deriv|predict_linear)\((\w+)(?:\{.*\})?\[(\w+)\](?: @ (\d+))?(?:, (\w+))?\)")

# How the expressions begin that no rule of ours says.
NOT_SAID = {
    "rate(": "how fast a counter rises, its resets made up for; our `rate` is how many events a second",
    "predict_linear(http_requests_total[50m], 3600) - ": "arithmetic between measures; a rule has one",
}
# Infinite numbers among the samples: Prometheus says NaN, and a rule observes what the others say.
OTHERWISE = {"deriv(http_requests_inf[100m])", "predict_linear(http_requests_inf[100m], 6000)"}


class Said(NamedTuple):
    """A case in our words: the events, how far back the window reaches, where it ends, how far ahead is asked for."""

    case: Case
    trend: str
    events: list[Event]
    over: str
    end: int
    ahead: float

    def observation(self, **measure: Any) -> float | None:
        """What a rule observes in that window."""
        rule = Rule.from_dict({
            "rule": "trend", "kind": self.events[0].kind, "levels": [{"severity": "info", "when": "> 0"}],
            "measure": {"of": "value", "over": self.over, "every": "1m"} | measure,
        })  # fmt: skip
        found = [each.value for each in observed(rule, self.events, self.end) if each.due == START + self.end]
        return found[0] if found else None

    def value(self) -> float | None:
        """The slope, or the line's value ahead: from where it reaches FAR, the slope leads back."""
        slope, reached = self.observation(agg="slope"), self.observation(agg="forecast", to=FAR)
        if self.trend == "deriv" or slope is None or reached is None:
            return slope
        return FAR + slope * (self.ahead - reached)


def _said(case: Case, series: dict[str, list[Event]]) -> Said | None:
    """A case in our words; nothing where they do not say it."""
    found = _CALL.fullmatch(case.expression)
    if not found:
        return None
    trend, name, over, end, ahead = found.groups()
    at = int(end) * SECOND if end else case.at
    until = case.at + (duration(int(ahead) if ahead.isdigit() else ahead) if ahead else 0)
    return Said(case, trend, series[name], over, at, (until - at) / SECOND)


@pytest.fixture(scope="module")
def cases() -> dict[Case, Said | None]:
    """All cases of the file."""
    series, found = script(text("prometheus", "deriv_predict_linear.test"))
    assert len(found) == len(set(found)) == 18
    return {case: _said(case, series) for case in found}


@pytest.fixture
def equal(cases: dict[Case, Said | None]) -> list[Said]:
    """Those that expect a number which a rule of ours is to give too."""
    return [
        said for case, said in cases.items() if said and case.value is not None and case.expression not in OTHERWISE
    ]


def test_every_case_has_its_place(cases: dict[Case, Said | None], equal: list[Said]) -> None:
    """18 cases: 12 numbers and 2 times nothing are the same, 2 are otherwise, 2 are not said."""
    unsaid = [case.expression for case, said in cases.items() if not said]
    nothing = [case for case, said in cases.items() if said and case.value is None]
    assert [len(equal), len(nothing), len(OTHERWISE), len(unsaid)] == [12, 2, 2, 2]
    assert [begun for begun in NOT_SAID for each in unsaid if each.startswith(begun)] == list(NOT_SAID)
    assert {case.expression for case in cases if case.value is not None and isnan(case.value)} == OTHERWISE


def test_the_same_numbers(equal: list[Said]) -> None:
    """Slopes to the last digit given, predicted values to 13."""
    for said in equal:
        value, expected = said.value(), said.case.value
        assert value is not None
        assert expected is not None
        assert isclose(value, expected, rel_tol=0 if said.trend == "deriv" else 1e-13), said.case


def test_a_forecast_reaches_the_number_when_it_is_predicted_for(equal: list[Said]) -> None:
    """Seconds until the line is at what Prometheus predicts: just as far ahead as it was asked, to 14 digits."""
    ahead = [said for said in equal if said.trend == "predict_linear"]
    assert len(ahead) == 8
    for said in ahead:
        reached = said.observation(agg="forecast", to=said.case.value)
        assert reached is not None
        assert isclose(reached, said.ahead, rel_tol=1e-14), said.case


def test_nothing_where_there_are_no_numbers(cases: dict[Case, Said | None]) -> None:
    """Series of histograms only: nothing there, nothing here."""
    for case, said in cases.items():
        if said and case.value is None:
            assert said.value() is None


def test_an_infinite_number_is_no_observation(cases: dict[Case, Said | None]) -> None:
    """Where Prometheus says NaN of a window with an infinity in it, a rule says the line of all others."""
    found = [said.value() for case, said in cases.items() if said and case.expression in OTHERWISE]
    assert found == pytest.approx([80 / 300, 80 / 300 * 11_700])
