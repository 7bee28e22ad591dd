"""What one instance does: levels, `for`, hysteresis, clearing, missing. A minute a word."""

import pytest
from story import fold, level, rule, series, tell

from minerlib.rule import Rule

TWO = [level("> 80", "2m"), level("> 90", "1m", "critical")]

CASES: dict[str, tuple[Rule, str, list[str]]] = {
    "for 0 fires at once": (rule(), "70 90", ["1m raised warning"]),
    "for is inclusive": (rule(levels=[level("> 80", "3m")]), "70 90x4", ["4m raised warning"]),
    "not yet for": (rule(levels=[level("> 80", "3m")]), "70 90x3", []),
    "one false observation ends pending": (
        rule(levels=[level("> 80", "3m")]), "90x3 70 90x3 70 90x4", ["11m raised warning"]),
    "nothing is not false": (rule(levels=[level("> 80", "3m")]), "90 _x5 90", ["6m raised warning"]),
    "null is not false": (rule(levels=[level("> 80", "3m")]), "90 ~x5 90", ["6m raised warning"]),
    "the line itself is not above": (rule(), "80x3", []),
    "default clear": (rule(), "90 80", ["0s raised warning", "1m cleared warning"]),
    "default clear is of the lowest level": (
        rule(levels=[level("> 80"), level("> 90", severity="critical")]), "95 85 80",
        ["0s raised critical", "2m cleared critical"]),
    "hysteresis": (rule(clear={"when": "< 75"}), "90 78 85 76 74", ["0s raised warning", "4m cleared warning"]),
    "raised once": (rule(), "90x9", ["0s raised warning"]),
    "clear.for is inclusive": (
        rule(clear={"when": "< 75", "for": "2m"}), "90 70x3", ["0s raised warning", "3m cleared warning"]),
    "clearing ended": (
        rule(clear={"when": "< 75", "for": "2m"}), "90 70x2 78 70x3", ["0s raised warning", "6m cleared warning"]),
    "escalation ends clearing": (
        rule(levels=[level("> 80"), level("> 90", severity="critical")], clear={"when": "> 82", "for": "2m"}),
        "81 83 95 83x3", ["0s raised warning", "2m escalated critical", "5m cleared critical", "5m raised warning"]),
    "clear.for alone": (rule(clear={"for": "2m"}), "90 70x2 90 70x3", ["0s raised warning", "6m cleared warning"]),
    "escalation": (rule(levels=TWO), "85x3 95x2", ["2m raised warning", "4m escalated critical"]),
    "each level has its own timer": (rule(levels=TWO), "85 95x2", ["2m raised critical"]),
    "the highest at once": (
        rule(levels=[level("> 80"), level("> 90", severity="critical")]), "95", ["0s raised critical"]),
    "no falling back": (rule(levels=TWO), "95x2 85x9 80", ["1m raised critical", "11m cleared critical"]),
    "timers begin anew at clear": (
        rule(levels=[level("> 80", "2m")]), "90x3 70 90x3",
        ["2m raised warning", "3m cleared warning", "6m raised warning"]),
    "clear before raise, both at once": (
        rule(clear={"when": "> 95"}), "90 96", ["0s raised warning", "1m cleared warning", "1m raised warning"]),
    "clear restarts what already held": (
        rule(levels=[level("> 80", "2m")], clear={"when": "> 95"}), "90x3 96 90x2",
        ["2m raised warning", "3m cleared warning", "5m raised warning"]),
    "missing": (
        rule(missing={"after": "3m", "then": "alert"}), "70 _x5 70",
        ["3m raised warning missing", "6m cleared warning returned", "9m raised warning missing"]),
    "missing alone is critical": (
        rule(levels=None, measure=None, missing={"after": "3m", "then": "alert"}), "70",
        ["3m raised critical missing"]),
    "at the last moment it lives": (
        rule(missing={"after": "3m", "then": "alert"}), "70 _x2 70 _x2 70", ["9m raised warning missing"]),
    "null is life": (rule(missing={"after": "3m", "then": "alert"}), "70 _ ~ _ ~ _ ~", ["9m raised warning missing"]),
    "missing while firing says nothing": (
        rule(missing={"after": "3m", "then": "alert"}), "90 _x5 90 70",
        ["0s raised warning", "7m cleared warning", "10m raised warning missing"]),
    "returned into firing": (
        rule(missing={"after": "3m", "then": "alert"}), "70 _x5 90",
        ["3m raised warning missing", "6m cleared warning returned", "6m raised warning"]),
    "timers stand still while missing": (
        rule(levels=[level("> 80", "5m")], missing={"after": "3m", "then": "alert"}), "90x2 _x5 90x3",
        ["4m raised warning missing", "7m cleared warning returned", "8m raised warning"]),
    "clearing stands still while missing": (
        rule(clear={"when": "< 75", "for": "5m"}, missing={"after": "3m", "then": "alert"}), "90 70x2 _x5 70x3",
        ["0s raised warning", "9m cleared warning", "13m raised warning missing"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_instance(name: str):
    """Events in, the whole list of transitions out."""
    said, text, wanted = CASES[name]
    until = f"{sum(int(word.partition('x')[2] or 1) for word in text.split()) + 3}m"
    assert tell(said, text, until) == wanted


STATES = {
    "ok": ("90", [("raised", "ok", "firing")]),
    "pending": ("85 95", [("raised", "pending", "firing")]),
    "escalated": ("85x3 95", [("raised", "pending", "firing"), ("escalated", "firing", "firing")]),
    "clearing": ("85x3 70x2", [("raised", "pending", "firing"), ("cleared", "clearing", "ok")]),
    "out of clearing": ("85x3 70 95", [("raised", "pending", "firing"), ("escalated", "clearing", "firing")]),
}


@pytest.mark.parametrize("name", STATES)
def test_a_transition_says_where_it_came_from(name: str):
    """`was` is the state before the observation, whichever level fires."""
    text, wanted = STATES[name]
    said = rule() if name == "ok" else rule(
        levels=[level("> 80", "2m"), level("> 90", severity="critical")], clear={"when": "< 75", "for": "1m"}
    )  # fmt: skip
    assert [(each.what, each.was, each.now) for each in fold(said, series(text))[1]] == wanted


def test_a_transition_carries_what_decided_it():
    """Value, threshold, positions, instance, ordinal, and a number that tells its time."""
    first, second = fold(rule(clear={"when": "< 75"}), series("70 90 74"))[1]
    assert (first.value, first.threshold, first.positions, first.window) == (90.0, 80.0, [(1, 0)], None)
    assert (second.value, second.threshold, second.positions) == (74.0, 75.0, [(2, 0)])
    assert (first.instance, first.ordinal, first.number) == ({"source": "a"}, 0, first.due * 1000)
