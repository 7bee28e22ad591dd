"""What is usual: thresholds by hour, carried inside the rule."""

from typing import Any

import pytest
from story import START, event, fold, rule, told

from minerlib.event.moment import to_datetime


def usual(when: str = "> usual + 2 * spread", **tables: Any):
    return rule(usual=tables, levels=[{"severity": "warning", "when": when}])


def test_one_number_for_always():
    """A value above centre and two spreads raises, and the line is said."""
    said = usual(shared={"centre": [50], "spread": [10]})
    (raised,) = fold(said, [event("0s", {"v": 70}, 0), event("1m", {"v": 71}, 1)], "5m")[1]
    assert (raised.due, raised.threshold) == (START + 60_000_000, 70)


def test_by_hour_of_the_day_in_a_zone():
    """12:00 UTC is 14:00 in Berlin in summer; START is a day in October, at midnight."""
    assert to_datetime(START).isoformat() == "2024-10-04T00:00:00+00:00"
    centre = [100.0] * 24
    centre[2] = 10.0
    berlin = usual("> usual", zone="Europe/Berlin", shared={"centre": centre, "spread": [0] * 24})
    assert told(fold(berlin, [event("10m", {"v": 50}, 0)], "1h")[1]) == ["10m raised warning"]
    utc = usual("> usual", shared={"centre": centre, "spread": [0] * 24})
    assert told(fold(utc, [event("10m", {"v": 50}, 0), event("2h", {"v": 50}, 1)], "3h")[1]) == ["2h raised warning"]


def test_by_hour_of_the_week():
    """168 numbers from Monday 0:00; START is a Friday: hour 96."""
    centre = [100.0] * 168
    centre[97] = 10.0
    said = usual("> usual", shared={"centre": centre, "spread": [0] * 168})
    found = fold(said, [event("10m", {"v": 50}, 0), event("70m", {"v": 50}, 1)], "2h")[1]
    assert told(found) == ["1h10m raised warning"]


def test_each_instance_has_its_own():
    """One with a table, one that takes the shared one."""
    said = usual(
        "> usual", shared={"centre": [50], "spread": [0]},
        of=[{"instance": {"source": "b"}, "centre": [90], "spread": [0]}],
    )  # fmt: skip
    events = [event("0s", {"v": 70}, 0, source="a"), event("0s", {"v": 70}, 1, source="b")]
    assert [each.instance for each in fold(said, events, "1m")[1]] == [{"source": "a"}]


@pytest.mark.parametrize(
    "tables",
    [
        {"shared": {"centre": [None], "spread": [1]}},
        {"of": [{"instance": {"source": "z"}, "centre": [1], "spread": [1]}]},
    ],
)
def test_where_nothing_is_usual_a_condition_says_nothing(tables: dict[str, Any]):
    """Neither true nor false: nothing is raised by it, and a constant level beside it still works."""
    said = rule(
        usual=tables,
        levels=[{"severity": "warning", "when": "> usual"}, {"severity": "critical", "when": "> 95"}],
    )
    events = [event("0s", {"v": 90}, 0), event("1m", {"v": 99}, 1), event("2m", {"v": 1}, 2)]
    assert told(fold(said, events, "5m")[1]) == ["1m raised critical"]


def test_a_timer_waits_while_nothing_is_usual():
    """Held since 0:59, nothing usual for an hour, held again: the timer ran on."""
    centre: list[float | None] = [50.0] * 24
    centre[1] = None
    said = rule(
        usual={"shared": {"centre": centre, "spread": [0] * 24}},
        levels=[{"severity": "warning", "when": "> usual", "for": "1h"}],
    )
    events = [event(at, {"v": v}, n) for n, (at, v) in enumerate([("59m", 90), ("90m", 1), ("2h1m", 90)])]
    assert told(fold(said, events, "3h")[1]) == ["2h1m raised warning"]
