"""Silences: what is usual, what is not, whose they were, and a rule that the past has proved."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, gaps
from minerlib.rule import backtest

from .made import START, archived, every, frame


def at_random(mean: float, hours: float, seed: int) -> list[Any]:
    """Events as they come without a clock, so many seconds apart in the mean."""
    dice, at, found = random.Random(seed), 0.0, list[Any]()
    while (at := at + dice.expovariate(1 / mean)) < hours * 3600:
        found.append(START + timedelta(seconds=at))
    return found


def silent_for_a_while() -> pl.DataFrame:
    """Four days of three sources by the minute and one by the hour: `a` lost two hours, all of them another two."""
    outage = (48, 50)
    return frame({
        "a": every(60, 96, [(10, 12), outage]), "b": every(60, 96, [outage]),
        "c": [time for time in every(60, 96, [outage]) if time < START + timedelta(hours=93)],
        "hourly": every(3600, 96, [outage]),
    })  # fmt: skip


def test_what_is_usual_is_learned_for_each_source() -> None:
    """To the second where all steps are alike; the longest silence and when it was."""
    found = gaps(silent_for_a_while()).frame
    row = dict(zip(found["source"], found.rows(named=True), strict=True))
    assert {name: row[name]["usual"] for name in row} == {"a": 60, "b": 60, "c": 60, "hourly": 3600}
    assert row["a"]["high"] == 60
    assert row["a"]["limit"] == 180
    assert (row["a"]["unusual"], row["b"]["unusual"], row["hourly"]["unusual"]) == (2, 1, 0)
    assert row["b"]["longest"] == 7260


def test_one_source_or_everybody() -> None:
    """What all were silent in is told apart: it was the archiver, or the broker."""
    found = gaps(silent_for_a_while())
    told = found.silences.sort("begin", "source").select("source", "length", "everyone").rows()
    assert told == [("a", 7260, False), ("a", 7260, True), ("b", 7260, True), ("c", 7260, True), ("c", 10800, False)]
    assert found.numbers["everyone"] == 1
    assert "In 1 silence everybody was silent at once, which speaks of the archiver" in found.says


def test_who_is_silent_now() -> None:
    """Relative to the end of the data, by its own rhythm."""
    found = gaps(silent_for_a_while())
    assert found.numbers["silent_now"] == [{"instance": {"source": "c"}, "silent": 10800.0}]
    assert "Silent now: c (3 h)" in found.says
    assert found.frame.filter("silent_now")["source"].to_list() == ["c"]


def test_events_at_random_are_seldom_unusual() -> None:
    """Of 40,000 silences by chance, about one in ten thousand is over the limit (twice the 99th percentile)."""
    found = gaps(frame({"dice": at_random(30, 40_000 * 30 / 3600, 1)}))
    row = found.frame.row(0, named=True)
    assert row["usual"] == pytest.approx(30 * 0.6931, rel=0.03)
    assert row["high"] == pytest.approx(30 * 4.605, rel=0.05)
    assert row["unusual"] <= 12


@pytest.mark.parametrize("wanted", [0.05, 0.3, 0.5, 1, 3, 20])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_past_would_have_alerted_no_more_than_wanted(wanted: float, seed: int) -> None:
    """The rule's count of its own past is the backtest's, to the last alert, and within what was wanted."""
    times = {name: at_random(120 * (1 + n), 24 * 8, 10 * seed + n) for n, name in enumerate("abcde")}
    times = {name: [t for t in its if not 60 <= (t - START).total_seconds() / 3600 < 66] for name, its in times.items()}
    rows = frame(times)
    rule = gaps(rows, alerts_per_day=wanted).rule()
    tested = backtest(rule, FrameHistory(rows, "cpu.usage"))
    assert len(tested.alerts) <= wanted * 8
    assert rule.evidence["alerts"]["past"] == len(tested.alerts)


def test_a_tighter_budget_takes_a_longer_silence() -> None:
    """And a rule at three alerts a day does find the silences that there were."""
    rows = silent_for_a_while()
    spans = [gaps(rows, alerts_per_day=wanted).rule().missing.after for wanted in (0.3, 0.5, 3)]  # type: ignore[union-attr]
    assert spans == sorted(spans, reverse=True)
    rules = gaps(rows, alerts_per_day=3).rules()
    alerts = backtest(rules[0], FrameHistory(rows, "cpu.usage")).alerts
    assert [alert.instance.get("source") for alert in alerts] == ["a", None, "c"]


def test_who_stays_silent_after_everybody_was_is_missed_again() -> None:
    """As a rule says it: once for the stream, and once for the one that did not come back."""
    rows = frame({"a": every(60, 48, [(10, 12)]), "b": every(60, 48, [(10, 20)]), "c": every(60, 48, [(10, 12)])})
    rule = gaps(rows, alerts_per_day=2).rule()
    alerts = backtest(rule, FrameHistory(rows, "cpu.usage")).alerts
    assert [alert.instance for alert in alerts] == [{}, {"source": "b"}]
    assert rule.evidence["alerts"]["past"] == 2


def test_each_rhythm_has_its_rule() -> None:
    """A source by the minute is missed within minutes, whatever one by the hour needs."""
    rows = silent_for_a_while()
    found = gaps(rows, alerts_per_day=2)
    assert "Their rhythms differ" in found.says
    assert found.rule().missing.after >= 2 * 3600 * 10**6  # type: ignore[union-attr]
    quick, slow = found.rules()
    assert quick.missing.after < 10 * 60 * 10**6  # type: ignore[union-attr]
    history = FrameHistory(rows, "cpu.usage")
    for rule in (quick, slow):
        tested = backtest(rule, history)
        assert rule.evidence["alerts"]["past"] == len(tested.alerts) <= 2 * 4
    assert backtest(quick, history).counts["selected"] + backtest(slow, history).counts["selected"] == rows.height


def test_by_more_than_the_source() -> None:
    """One mount of a server that is silent is seen, though the server talks on."""
    rows = pl.concat([
        frame({"web": every(60, 24)}, mount=pl.lit("/")), frame({"web": every(60, 24, [(5, 7)])}, mount=pl.lit("/var"))
    ])  # fmt: skip
    assert gaps(rows).numbers["unusual"] == 0
    found = gaps(rows, by=["source", "mount"], alerts_per_day=3)
    assert found.silences.select("source", "mount", "length").rows() == [("web", "/var", 7260)]
    assert found.rule().by == ("source", "mount")


def test_duplicates_disorder_and_late_events() -> None:
    """Events at one moment are one, rows may come in any order, and what came late is no sign of life."""
    rows = frame({"a": every(60, 24, [(5, 7)])})
    told = gaps(pl.concat([rows, rows]).sample(fraction=1, shuffle=True, seed=1))
    assert told.says == gaps(rows).says
    late = rows.with_columns(seen=pl.col("time")), frame({"a": every(60, 24)}).with_columns(seen=START + timedelta(1))
    assert gaps(pl.concat(late)).silences["length"].to_list() == [7260]


def test_a_clock_put_back_is_no_silence() -> None:
    """Local times of a night when clocks change are moments all the same."""
    local = pl.datetime_range(
        pl.datetime(2026, 10, 24, time_zone="Europe/Berlin"), pl.datetime(2026, 10, 26, time_zone="Europe/Berlin"),
        "60s", eager=True,
    ).alias("time")  # fmt: skip
    found = gaps(pl.DataFrame({"time": local, "source": "a"}))
    assert found.numbers["unusual"] == 0
    assert found.frame["longest"].to_list() == [60]


def test_pandas_is_given_back_and_needs_no_source() -> None:
    """All rows are one instance then; an index of times will do."""
    found = gaps(frame({"a": every(60, 24, [(5, 7)])}).to_pandas().set_index("time")[["kind"]], alerts_per_day=2)
    assert type(found.frame).__module__.startswith("pandas")
    assert type(found.silences).__module__.startswith("pandas")
    assert found.frame["unusual"].tolist() == [1]
    assert found.rule().by == ()


def test_an_archive_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed or not, in one part or in many: the same is said, and somebody hears how far it is."""
    bodies = [(60.0 * n, name, {"used": 1}) for n in range(600) for name in ("a", "b") if not 200 <= n < 300]
    scan = archived(tmp_path, bodies, sealed=700).scan("disk.usage")
    whole = gaps(scan)
    monkeypatch.setattr("minerlib.mine.given._ROWS", 100)
    monkeypatch.setattr("minerlib.mine.given._PENDING", 3)
    heard: list[tuple[int, int]] = []
    found = gaps(scan, progress=lambda done, of: heard.append((done, of)))
    assert found.to_dict() == whole.to_dict()
    assert found.frame.equals(whole.frame)
    assert heard[-1][0] == heard[-1][1] > 5
    assert whole.silences["length"].to_list() == [6060, 6060]
    assert whole.rule().scope == "acme.disk-usage.prod"
    assert whole.rule().kind == "disk.usage"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: gaps(frame({"a": []})), r"no rows to look at"),
        (lambda: gaps(frame({"a": every(60, 1)}), by="rack"), r"no field 'rack'"),
        (lambda: gaps(frame({"a": every(60, 1)[:1]})).rule(), r"each instance spoke once"),
        (lambda: gaps(frame({"a": every(60, 1)[:1] * 3})).rule(), r"at one moment"),
        (lambda: gaps(frame({"a": every(60, 1)}).drop("kind")).rule(), r"\.rule\(kind=\.\.\.\)"),
        (lambda: gaps(frame({"a": every(60, 1)})).chart(), r"no unusual silence to draw"),
    ],
)
def test_what_cannot_be_said_is_said(asked: Any, said: str) -> None:
    """Each with what to do, or why not."""
    with pytest.raises(MineError, match=said):
        asked()


def test_an_alert_less_than_never_cannot_be_meant() -> None:
    with pytest.raises(SettingError, match="alerts_per_day is 0"):
        gaps(frame({"a": every(60, 1)}), alerts_per_day=0)


def test_the_chart_shows_the_silences_of_twenty_at_most() -> None:
    """Those with the longest; everybody's in another colour."""
    times = {f"web-{n:02}": every(60, 12, [(2, 3), (5, 5.2 + n / 20)]) for n in range(30)}
    drawn = gaps(frame(times)).chart().to_dict()
    bars = drawn["datasets"][drawn["layer"][1]["data"]["name"]]
    assert len({row["instance"] for row in bars}) == 20
    assert {row["who"] for row in bars} == {"this one", "everybody"}
    assert "of the 20 with the longest" in drawn["title"]["text"]
