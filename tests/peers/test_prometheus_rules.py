"""Prometheus's own unit test of rules: what its expressions say, and which alerts fire at each time it asks for.

A sample is an event, and an evaluation of a rule that reads no series is a tick.
"""

import re
from typing import Any, NamedTuple

import pytest
from beside import files, text
from ruamel.yaml import YAML

from minerlib.event import Event
from minerlib.event.moment import MINUTE, SECOND, duration
from minerlib.rule import Rule

from .folding import START, event, firing, fold, merged, observed
from .prometheus import events, named

MINUTELY = {"agg": "count", "over": "1m", "every": "1m"}
RULES: dict[str, dict[str, Any]] = {
    "job:test:count_over_time1m": {"kind": "test", "by": ["job"], "measure": MINUTELY},
    "fixed_data": {"kind": "tick", "by": [], "measure": MINUTELY},
    "count_over_time(fixed_data[1h])": {"kind": "tick", "by": [], "measure": MINUTELY | {"over": "1h"}},
}
NOT_SAID = {
    "test_histogram": "a histogram is no number",
    "test_histogram_repeat": "a histogram is no number",
    "test_histogram_increase": "a histogram is no number",
    "count(ALERTS) by (alertname, alertstate)": "which instances are pending is not said",
}
OTHERWISE = {("test_stale", MINUTE): "a series that ends says so; here its last value is in the window for 5m"}
Said = list[tuple[dict[str, str], float | None]]


class Case(NamedTuple):
    """What is asked for at a time, of a stream; the labels and values expected."""

    events: list[Event]
    at: int
    expression: str
    expected: Said


def _read(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(text("prometheus", name))


def _stream(test: dict[str, Any], until: int) -> list[Event]:
    """The series of a test as one stream, with a tick for each evaluation."""
    interval = duration(test.get("interval", "1m"))
    series = [events(each["series"], each["values"], interval) for each in test.get("input_series", [])]
    return merged(*series, [event(at, "tick", {}, 0) for at in range(0, until + 1, MINUTE)])


def _cases(which: str) -> list[Case]:
    found: list[Case] = []
    for test in _read("unittest.yml")["tests"]:
        asked = [(duration(each["eval_time"]), each) for each in test.get(which, [])]
        stream = _stream(test, max([at for at, _ in asked], default=0))
        for at, each in asked:
            wanted = each.get("exp_samples", []) + each.get("exp_alerts", [])
            expected = [(_labels(one), one.get("value")) for one in wanted]
            found.append(Case(stream, at, each.get("expr") or each["alertname"], expected))
    return found


def _labels(wanted: dict[str, Any]) -> dict[str, str]:
    """Those that name an instance; `severity` is the rule's own."""
    found = wanted.get("exp_labels") or named(wanted.get("labels", ""))[1]
    return {name: value for name, value in found.items() if name != "severity"}


def _said(case: Case) -> Said:
    """What the newest window says; a series is its last value for 5 minutes. `timestamp` is when a rule was evaluated,
    or the time of the event that the window ends with."""
    timestamp = re.fullmatch(r"timestamp\((.*)\)", case.expression)
    name = timestamp[1] if timestamp else case.expression
    latest = {"kind": name, "by": [], "measure": {"agg": "last", "of": "value", "over": "5m", "every": "1s"}}
    watched = RULES.get(name, latest)
    rule = Rule.from_dict({"rule": "x", "levels": [{"severity": "info", "when": "> 0"}]} | watched)
    every = duration(watched["measure"]["every"])
    said: Said = []
    for each in observed(rule, case.events, case.at):
        if START + case.at - each.due < every:
            at = each.due if name in RULES else case.events[each.positions[-1][0]].time
            said.append((each.instance, (at - START) / SECOND if timestamp else each.value))
    return said


def _alert(alert: dict[str, Any]) -> Rule:
    """An alert as a rule: `up == 0` is of the events called so, and a constant is of every tick."""
    series = re.fullmatch(r"(\w+) (.*)", str(alert["expr"]))
    watched = (
        {"kind": series[1], "by": ["instance", "job"], "measure": {"of": "value"}} if series else RULES["fixed_data"]
    )
    level = {"severity": "critical", "when": series[2] if series else "> 0", "for": alert.get("for", "0s")}
    return Rule.from_dict({"rule": alert["alert"].lower(), "levels": [level]} | watched)


@pytest.fixture(scope="module")
def alerts() -> dict[str, Rule]:
    """The file's alerts as rules, by name."""
    rules = [rule for group in _read("rules.yml")["groups"] for rule in group["rules"]]
    return {rule["alert"]: _alert(rule) for rule in rules if "alert" in rule}


def test_every_case_has_its_place() -> None:
    """22 expressions: 17 say the same, 1 is otherwise, 4 are not said. 4 alerts: all say the same."""
    cases = _cases("promql_expr_test")
    unsaid = [case.expression for case in cases if case.expression in NOT_SAID]
    otherwise = [case for case in cases if (case.expression, case.at) in OTHERWISE]
    assert (len(cases), len(otherwise), sorted(unsaid)) == (22, len(OTHERWISE), sorted(NOT_SAID))
    assert len(_cases("alert_rule_test")) == 4
    asked = [set(test) - {"input_series", "interval"} for test in _read("unittest.yml")["tests"]]
    assert set().union(*asked) == {"promql_expr_test", "alert_rule_test"}
    others = [path.name for path in files("prometheus", "*test.yml") if path.name != "unittest.yml"]
    assert [set(test) for name in others for test in _read(name)["tests"]] == [{"input_series"}]


def test_expressions_say_the_same() -> None:
    """The same instances, values and times, but where the tables say why not."""
    different = {
        (case.expression, case.at)
        for case in _cases("promql_expr_test")
        if case.expression not in NOT_SAID and _said(case) != case.expected
    }
    assert different == set(OTHERWISE)


def test_the_same_alerts_fire(alerts: dict[str, Rule]) -> None:
    """The instances that fire at each time that is asked for."""
    for case in _cases("alert_rule_test"):
        found = firing(fold(alerts[case.expression], case.events, case.at)[1])
        assert found == [labels for labels, _ in case.expected], (case.expression, case.at)


def test_what_is_pending_does_not_fire_yet(alerts: dict[str, Rule]) -> None:
    """Of the alerts that Prometheus counts by state, those that fire are the same."""
    (case,) = [case for case in _cases("promql_expr_test") if "ALERTS" in case.expression]
    states = [labels for labels, _ in case.expected]
    assert {each["alertname"] for each in states if each["alertstate"] == "firing"} == {
        name for name, rule in alerts.items() if firing(fold(rule, case.events, case.at)[1])
    }
    assert {each["alertname"] for each in states} == set(alerts)
