"""Labelled incidents: what is caught, what is missed, what is false."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import polars as pl
import pytest
from story import START, event, rule, series

from minerlib.errors import SettingError
from minerlib.event.moment import DAY, MINUTE, to_datetime
from minerlib.rule import Backtest, Events, Incident, backtest
from minerlib.rule.labels import read_incidents


def at(minute: float) -> int:
    return START + int(minute * MINUTE)


def graded(text: str, labels: Any, **said: Any) -> tuple[list[float], list[float], int]:
    """Minutes of lead of what was caught, minutes at which what was missed began, false alerts."""
    tick = event("2h", None, 1000, kind="tick")
    found = backtest(rule(**said), Events([*series(text), tick]), labels=labels).graded
    assert found
    leads = [each.lead / MINUTE for each in found.caught]
    return leads, [(each.begin - START) / MINUTE for each in found.missed], len(found.false)


def test_caught_missed_and_false():
    """An alert during an incident catches it; one during none is false."""
    labels = [(at(2), at(4)), (at(20), at(30))]
    assert graded("70x3 90 70x5 90 70", labels) == ([1], [20], 1)


def test_an_alert_before_the_end_counts():
    """At its very end still; a minute later it is another matter."""
    assert graded("70x4 90 70", [(at(1), at(4))]) == ([3], [], 0)
    assert graded("70x5 90 70", [(at(1), at(4))]) == ([], [1], 1)


def test_what_fires_already_leads():
    """Raised before the incident and firing at its begin, its lead is below zero; cleared before, it is false."""
    assert graded("70 90x3 70", [(at(3), at(9))]) == ([-2], [], 0)
    assert graded("70 90 70x3", [(at(3), at(9))]) == ([], [3], 1)


def test_the_first_alert_leads():
    """Two alerts during one incident are both true, and the first one counts."""
    assert graded("70x2 90 70 90 70", [(at(1), at(9))]) == ([1], [], 0)


def test_of_one_instance():
    """An incident of another instance catches nothing; one that names none is everybody's."""
    spans = at(0), at(9)
    assert graded("70 90 70", [({"source": "b"}, *spans)]) == ([], [0], 1)
    assert graded("70 90 70", [({"source": "a"}, *spans)]) == ([1], [], 0)
    assert graded("70 90 70", [({}, *spans)]) == ([1], [], 0)


def test_numbers_name_instances_as_texts_do():
    """A file knows only texts: 22 is `22`."""
    events = [event(60 * n, {"v": v, "port": 22.0}, n) for n, v in enumerate([70, 90, 70])]
    found = backtest(rule(by=["port"]), Events(events), labels=[({"port": "22"}, at(0), at(9))]).graded
    assert found
    assert len(found.caught) == 1


def test_the_silence_of_a_stream_is_about_everybody():
    """One alert for all of them catches the incident of each."""
    events = [event("0s", {"v": 9}, 0), event("0s", {"v": 9}, 1, source="b"), event("1h", {"v": 9}, 2)]
    said = rule(missing={"after": "3m", "then": "alert"})
    labels = [({"source": name}, at(2), at(20)) for name in "ab"]
    found = backtest(said, Events(events), labels=labels).graded
    assert found
    assert ([each.lead for each in found.caught], found.false) == ([MINUTE, MINUTE], [])


def test_what_lies_outside_is_not_asked_for():
    """Over before the range began, or begun after it ended."""
    tick = event("1h", None, 1000, kind="tick")
    labels = [(at(0), at(1)), (at(3), at(4)), (at(60), at(70))]
    found = backtest(rule(), Events([*series("90 70x5"), tick]), since=at(2), labels=labels).graded
    assert found
    assert ([each.begin for each in found.missed], found.caught, found.outside) == ([at(3)], [], 2)


def said_of(labels: Any) -> Backtest:
    events = [event(n * 3600, {"v": 90 if n == 30 else 9}, n) for n in range(9 * 24)]
    return backtest(rule(), Events(events), labels=labels)


def test_it_says_so_in_one_sentence():
    """What it caught of how many, the days of what it missed, what was false."""
    day = [(START + n * DAY, START + (n + 1) * DAY - 1) for n in range(9)]
    assert to_datetime(START) == datetime(2024, 10, 4, tzinfo=UTC)
    head = "over 8d23h: 1 alert, none at night; firing 0.5% of the time; "
    assert said_of(day[1:3]).says == head + "caught 1 of 2, missed 6 October."
    missed = "missed 7 October, 8 October, 9 October and 2 more days."
    assert said_of([day[1], *day[3:8]]).says == head + "caught 1 of 6, " + missed
    assert said_of(day[:1]).says == head + "caught 0 of 1, missed 4 October, 1 false alert."
    assert said_of([]).says == head + "no labelled incident lies in it, 1 false alert."
    assert said_of(None).says == head.removesuffix("; ") + "."


def test_it_tells_the_lead():
    """As text and as JSON, from the begin of the incident."""
    begin = START + 30 * 60 * MINUTE
    found = said_of([(begin - 5 * MINUTE, begin + DAY)])
    assert "lead           5m after the begin of an incident (median)" in str(found)
    assert found.to_dict()["labels"]["lead_seconds"] == 300
    assert found.to_dict()["labels"]["caught"][0]["alert"] == found.alerts[0].id
    assert "30s before" in str(said_of([(begin + 30_000_000, begin + DAY)]))


LABELS = {"begin": [to_datetime(at(1)), to_datetime(at(5))], "end": [to_datetime(at(2)), to_datetime(at(6))]}


@pytest.mark.parametrize(
    "labels",
    [
        pl.DataFrame({**LABELS, "source": ["a", None]}),
        pl.LazyFrame({**LABELS, "source": ["a", None]}),
        pd.DataFrame({**LABELS, "source": ["a", None]}),
        [{"begin": "2024-10-04T00:01:00Z", "end": "2024-10-04 00:02", "source": "a"},
         {"begin": at(5), "end": to_datetime(at(6)).replace(tzinfo=None), "source": ""}],
        [({"source": "a"}, at(1), at(2)), (at(5), at(6))],
        [Incident(at(1), at(2), {"source": "a"}), Incident(at(5), at(6))],
    ],
)  # fmt: skip
def test_whatever_an_analyst_has(labels: Any):
    """Frames, rows and pairs say the same incidents."""
    assert read_incidents(labels, ["source"]) == [Incident(at(1), at(2), {"source": "a"}), Incident(at(5), at(6))]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ((at(2), at(1)), "Label 1 ends before it begins"),
        ((at(2), None), "Label 1 needs a begin and an end"),
        (("soon", at(2)), "Label 1 needs a begin and an end"),
        ({"begin": at(1)}, "Label 1 has no `begin` or no `end`: it has begin"),
        (({"host": "a"}, at(1), at(2)), "Label 1 names 'host', but the rule is by source"),
        (7, "Label 1 is 7: write"),
    ],
)
def test_what_is_no_label_is_said(label: Any, said: str):
    """With its number and what to write."""
    with pytest.raises(SettingError, match=said.replace("(", r"\(")):
        read_incidents([label], ["source"])


def test_a_label_of_pandas_without_an_end():
    """NaT is no moment."""
    frame = pd.DataFrame({"begin": [datetime(2024, 1, 1), datetime(2024, 1, 2)], "end": [datetime(2024, 1, 2), None]})
    with pytest.raises(SettingError, match="Label 2 needs"):
        read_incidents(frame)
    (found,) = read_incidents(frame[:1])
    assert found.end - found.begin == DAY
