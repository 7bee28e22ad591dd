"""Which transitions of a rule no case has shown."""

from pathlib import Path

from minerlib.rule import Rule
from minerlib.rule.cases import coverage

from .made import RULE, ran


def test_what_never_happened_is_told(tmp_path: Path):
    """Of all that the rule can say."""
    rule = RULE + "missing: {after: 5m, then: alert}\n"
    said = ran(tmp_path, "81x3 70x2", rule=rule).transitions
    found = coverage(Rule.read(rule), said)
    assert str(found) == (
        "disk-filling: 3 of 6 transitions happened; never: critical raised, escalated, cleared (returned)"
    )
    assert found.happened == ["warning raised", "cleared", "raised (missing)"]


def test_all_that_happened_is_all_there_is(tmp_path: Path):
    """A level is reached by escalation too."""
    said = ran(tmp_path, "81x3 91 70x2").transitions
    assert str(coverage(Rule.read(RULE), said)) == "disk-filling: 4 of 4 transitions happened"


def test_a_rule_that_nobody_tests():
    """Has shown nothing."""
    assert coverage(Rule.read(RULE), []).never == ["warning raised", "critical raised", "escalated", "cleared"]
