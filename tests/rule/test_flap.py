"""Flapping: latched once, let go when it is quiet."""

from story import fold, level, rule, series, tell

FLAP = {"most": 2, "per": "10m"}


def test_too_many_changes_latch():
    """The third change within ten minutes is the last that is said, until ten quiet minutes have passed."""
    said = rule(flap=FLAP)
    assert tell(said, "90 9 90 9 90 9x20", "40m") == [
        "0s raised warning", "1m cleared warning", "2m flapping warning", "15m cleared warning settled",
    ]  # fmt: skip


def test_it_is_let_go_into_the_state_it_has():
    """What fires then fires on."""
    assert tell(rule(flap=FLAP), "90 9 90 9 90x20", "40m") == [
        "0s raised warning", "1m cleared warning", "2m flapping warning", "14m returned warning settled",
    ]  # fmt: skip


def test_changes_far_apart_do_not_count():
    """`(t - per, t]`: what is ten minutes old is forgotten."""
    assert tell(rule(flap=FLAP), "90 9 _x8 90 9", "13m") == [
        "0s raised warning", "1m cleared warning", "10m raised warning", "11m cleared warning",
    ]  # fmt: skip


def test_a_latch_does_not_hide_what_is_worse():
    """Above the level it is latched at, it escalates."""
    said = rule(levels=[level("> 80"), level("> 95", severity="critical")], flap=FLAP)
    assert tell(said, "90 9 90 9 99 9x20", "40m") == [
        "0s raised warning", "1m cleared warning", "2m flapping warning", "4m escalated critical",
        "15m cleared critical settled",
    ]  # fmt: skip


def test_the_latch_is_at_the_highest_of_that_time():
    """An escalation counts for the level, not for the number."""
    said = rule(levels=[level("> 80"), level("> 95", severity="critical")], flap=FLAP)
    found = fold(said, series("90 99 9 90 9x20"), "40m")[1]
    assert [(each.what, each.severity, each.was, each.now) for each in found] == [
        ("raised", "warning", "ok", "firing"), ("escalated", "critical", "firing", "firing"),
        ("cleared", "critical", "firing", "ok"), ("flapping", "critical", "ok", "firing"),
        ("cleared", "critical", "firing", "ok"),
    ]  # fmt: skip
