"""What a rule can say, and what of it never happened."""

from story import event, fold, level, rule, series, told

from minerlib.event import Event
from minerlib.rule import Rule
from minerlib.rule.coverage import coverage


def happened(said: Rule, events: list[Event]) -> dict[str, int]:
    return coverage(said, fold(said, events, "1h")[1])


def test_levels_and_what_ends_them():
    """Raised and escalated, a level has fired; by severity, with what clears it."""
    levels = [level("> 80"), level("> 95", severity="critical")]
    events = series("70 90 99 70 90 70")
    assert happened(rule(levels=levels), events) == {"warning": 2, "critical": 1, "cleared": 2, "retired": 0}


def test_silence_that_holds():
    """Unknown and returned of an instance are apart from the silence of a stream."""
    said = rule(missing={"after": "3m", "then": "hold"})
    one = happened(said, series("70 _x9 70 _x9"))
    assert one == {"warning": 0, "cleared": 0, "unknown": 2, "returned": 1, "silence of a stream": 0, "retired": 0}
    two = happened(said, [event("0s", {"v": 9}, 0), event("0s", {"v": 9}, 1, source="b"), event("9m", {"v": 9}, 2)])
    assert (two["silence of a stream"], two["unknown"], two["returned"]) == (2, 0, 0)


def test_silence_that_clears_and_silence_that_alerts():
    """What is raised for missing does not make a level fire."""
    assert happened(rule(missing={"after": "3m", "then": "clear"}), series("90 _x9 70")) == {
        "warning": 1, "cleared": 0, "cleared for missing": 1, "retired": 0,
    }  # fmt: skip
    assert happened(rule(missing={"after": "3m", "then": "alert"}), series("70 _x9 70 70")) == {
        "warning": 0, "cleared": 0, "raised for missing": 2, "cleared on return": 1, "silence of a stream": 0,
        "retired": 0,
    }  # fmt: skip


def test_flapping_and_being_forgotten():
    """A latched instance fires at its level; what settles may go on firing."""
    said = rule(flap={"most": 1, "per": "10m"}, retire="30m")
    assert happened(said, series("70 90 70")) == {
        "warning": 2, "cleared": 0, "flapping": 1, "settled": 1, "retired": 0,
    }  # fmt: skip
    assert happened(said, series("70 90 70 90"))["retired"] == 1


def test_a_rule_of_silence_alone():
    """It has no level that could fire."""
    said = rule(levels=None, measure=None, missing={"after": "3m", "then": "alert"}, by=[])
    assert happened(said, series("70 _x9 70 _x5")) == {"raised for missing": 2, "cleared on return": 1, "retired": 0}
    assert told(fold(said, series("70 _x9"), "1h")[1]) == ["3m raised critical missing"]
