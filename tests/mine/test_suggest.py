"""A suggestion: a rule that keeps its budget, catches what is there, and says no more than is so."""

import itertools
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, Suggestions, suggest
from minerlib.rule import Rule, backtest

ROOT = Path(__file__).parents[2]
NAB = ROOT.parent / "shared" / "data" / "nab" / "data"
START = datetime(2026, 11, 23, 4, tzinfo=UTC)
LINE: dict[str, Any] = {"side": "high", "shapes": "constant"}
DEMO: dict[str, Any] = {"over": "5s", "every": "1s", "wait": "5s", **LINE}


def readings(values: list[float], step: float = 1, name: str = "used_pct") -> pl.DataFrame:
    """Values told every `step` seconds by one server."""
    return pl.DataFrame({"time": [START + timedelta(seconds=n * step) for n in range(len(values))], name: values})


def idle(seconds: int, seed: int = 1) -> list[float]:
    """A machine with little to do: a few per cent, now and then a peak."""
    rng = random.Random(seed)
    return [max(0.0, rng.gauss(4, 1.5)) + (30 if n in (20, 21) else 0) for n in range(seconds)]


def nab(name: str) -> pl.DataFrame:
    """A series of the Numenta Anomaly Benchmark; skips where it is not at hand."""
    path = NAB / name
    if not path.exists():
        said = f"{path} is wanted: fetch numenta/NAB and put its data there."
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return pl.read_csv(path)


def frame_of(cloud: Any, kind: str, **how: Any) -> pl.DataFrame:
    """The simulated readings of one kind."""
    rows = [
        {"time": time, "source": source, **body} for time, source, what, body in cloud.simulate(**how) if what == kind
    ]
    return pl.DataFrame(rows).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))


def test_a_minute_of_idling_gives_a_rule_that_a_full_load_raises_and_its_end_clears() -> None:
    """The demo in small: nothing in the baseline, one alert under load, over when the load is."""
    suggestion = suggest(readings(idle(60)), "used_pct", "cpu.usage", **DEMO).best
    assert suggestion.backtest.transitions == []
    lived = readings(idle(60) + [99.0, 100.0] * 15 + idle(60, seed=2))
    seen = backtest(suggestion.rule(), FrameHistory(lived, "cpu.usage")).transitions
    assert [event.what for event in seen] == ["raised", "cleared"]
    begun = round(START.timestamp() * 1e6) + 60_000_000
    raised, cleared = (event.due - begun for event in seen)
    assert 0 < raised <= 12_000_000
    assert 30_000_000 < cleared <= 45_000_000


def test_a_machine_that_is_busy_already_gets_a_rule_that_a_full_load_still_raises() -> None:
    """Half loaded, with peaks near 90: the line is above these and below 100."""
    rng = random.Random(4)
    busy = [min(100.0, rng.gauss(60, 12)) for _ in range(60)]
    suggestion = suggest(readings(busy), "used_pct", "cpu.usage", **DEMO).best
    lived = readings(busy + [100.0] * 30 + busy)
    transitions = backtest(suggestion.rule(), FrameHistory(lived, "cpu.usage")).transitions
    assert [event.what for event in transitions] == ["raised", "cleared"]


def test_little_history_is_owned_up_to() -> None:
    """Nothing was measured, and the sentence says that the line is a guess with a margin."""
    suggestion = suggest(readings(idle(60)), "used_pct", "cpu.usage", **DEMO).best
    assert suggestion.numbers["later"] is None
    assert "In the 59 seconds seen it raised no alert; that is too little to measure a rule on" in suggestion.says
    assert "so short a history holds no alert at 1 a day" in suggestion.says


@pytest.fixture(scope="module")
def cpu(cloud: Any) -> Suggestions:
    """A week of four servers."""
    return suggest(frame_of(cloud, "cpu.usage"), "used_pct", "cpu.usage", alerts_per_day=3)


def test_the_sweep_that_chose_counts_what_the_backtest_counts(cpu: Suggestions) -> None:
    """Of every shape, over all alerts of a week of four servers: there is one arithmetic."""
    assert {one.shape.name for one in cpu} >= {"constant", "rate", "usual"}
    for one in cpu:
        raised = [event for event in one.backtest.transitions if event.what == "raised"]
        swept = sorted(zip(one.candidate.earlier.begin.tolist(), one.candidate.earlier.instance.tolist(), strict=True))
        names = [f"{name}" for name in one.backtest.firings[0].instance] if raised else []
        assert names in ([], ["source"])
        assert [at for at, _ in swept] == sorted(event.due for event in raised), one.rule().name


def test_what_is_told_of_later_days_is_what_earlier_lines_did_there(cpu: Suggestions) -> None:
    """Each line written down with the moment it was chosen at, folded over what came after that."""
    for one in cpu:
        later = one.numbers["later"]
        assert [part["chosen_until"] for part in later["parts"]] == sorted(p["chosen_until"] for p in later["parts"])
        assert later["alerts"] == sum(part["alerts"] for part in later["parts"])
        assert all(a["until"] == b["chosen_until"] for a, b in itertools.pairwise(later["parts"]))
        assert later["parts"][-1]["until"] == one.numbers["history"]["until"]


def test_in_the_simulated_cloud_the_incidents_are_caught(cloud: Any, cpu: Suggestions) -> None:
    """At three alerts a day over a week: nearly every server of every incident, by the best rule."""
    raised = [event for event in cpu.best.backtest.transitions if event.what == "raised"]
    incidents = [label for label in cloud.truth() if label["what"] == "incident"]
    caught = [
        any(label["start"] < one.due < label["end"] for one in raised if one.instance["source"] == label["source"])
        for label in incidents
    ]
    assert sum(caught) >= len(incidents) - 1
    assert len(raised) <= 3 * 7 + 1


def test_a_disk_is_an_instance_of_its_own(cloud: Any) -> None:
    """By source and mount, the floods are found and the usual filling and cleaning is not."""
    frame = frame_of(cloud, "disk.usage")
    suggestion = suggest(frame, "used_pct", "disk.usage", by=("source", "mount"), alerts_per_day=0.5, **LINE).best
    raised = {
        (e.instance["source"], e.instance["mount"]) for e in suggestion.backtest.transitions if e.what == "raised"
    }
    assert raised == {(x["source"], x["mount"]) for x in cloud.truth() if x["what"] == "disk-full"}
    assert suggestion.frame.columns == ["time", "source", "mount", "value", "line", "clear"]


@pytest.mark.parametrize(
    "name",
    [
        "realAWSCloudwatch/ec2_cpu_utilization_53ea38.csv",
        "realAWSCloudwatch/ec2_cpu_utilization_77c1ca.csv",
        "realAWSCloudwatch/ec2_network_in_257a54.csv",
        "realAWSCloudwatch/rds_cpu_utilization_e47b3b.csv",
    ],
)
def test_on_cloudwatch_series_the_budget_is_kept(name: str) -> None:
    """One alert a day: kept where it was chosen, and within three times on the days after that, by the best rule."""
    best = suggest(nab(name), "value", "cloudwatch", alerts_per_day=1).best
    assert best.numbers["alerts"]["raised"] == len(best.backtest.alerts) <= best.backtest.days
    assert best.numbers["later"]["alerts"] <= 3 * best.numbers["later"]["wanted"]


def test_more_alerts_a_day_mean_a_lower_line() -> None:
    """The budget is what moves it."""
    frame = nab("realAWSCloudwatch/ec2_cpu_utilization_77c1ca.csv")
    how: dict[str, Any] = {**LINE, "over": "15m", "every": "5m", "wait": "0s"}
    lines = [suggest(frame, "value", alerts_per_day=rate, **how).best.candidate.line for rate in (0.2, 1, 5)]
    assert lines == sorted(lines, reverse=True)
    assert lines[0] > lines[-1]


@pytest.mark.parametrize("name", ["1m", "disk %", 'a"b', "end", "größe", "x y.z"])
def test_a_field_of_any_name_can_be_mined(name: str) -> None:
    """It stands in the rule as an expression that means just this field."""
    found = suggest(readings(idle(60), name=name), name, "cpu.usage", **DEMO).best
    assert Rule.read(found.rule().to_yaml()).measure == found.rule().measure
    assert found.backtest.counts["selected"] == 60
    assert found.backtest.counts["null"] == 0


def test_low_values_are_watched_when_asked() -> None:
    """The same, upside down: a drop raises, the return clears."""
    values = [100 + n % 5 for n in range(3000)]
    values[1200:1230] = [3] * 30
    frame = readings([float(v) for v in values], 60, "free")
    suggestion = suggest(frame, "free", "memory", side="low", shapes="constant", wait="5m").best
    assert suggestion.rule().name == "memory-free-low"
    assert -suggestion.candidate.choice.line < -suggestion.candidate.choice.clear <= 104
    assert [event.what for event in suggestion.backtest.transitions] == ["raised", "cleared"]


def test_what_is_suggested_is_a_document_a_person_can_read_and_change() -> None:
    """It survives being written and read, says where it comes from in plain JSON, and the same input gives the same."""
    suggestion = suggest(readings(idle(60)), "used_pct", "cpu.usage", **DEMO).best
    rule = suggestion.rule()
    assert (rule.name, rule.scope, rule.budget) == ("cpu-usage-high", "local.lab.dev", 1.0)
    again = Rule.read(rule.to_yaml())
    assert again.fingerprint == rule.fingerprint
    assert "evidence" in rule.to_yaml()
    assert json.loads(json.dumps(suggestion.to_dict())) == suggestion.to_dict()
    assert suggestion.says in str(suggestion)
    assert "cpu-usage-high" in suggestion._repr_html_()
    pandas = suggest(readings(idle(60)).to_pandas(), "used_pct", "cpu.usage", **DEMO)
    assert pandas.best.rule().to_yaml() == again.to_yaml()
    assert [type(each).__module__.split(".")[0] for each in (pandas.frame, pandas.best.frame, pandas.best.missed)] == [
        "pandas"
    ] * 3


def test_suggestions_are_a_ranked_sequence(cpu: Suggestions) -> None:
    """The best first, each shape and side once, a row for each."""
    assert len(cpu) == len(list(cpu)) == cpu.frame.height == len(cpu.numbers["suggestions"])
    assert cpu[0] is cpu.best
    assert cpu.rule() == cpu.best.rule()
    points = cpu.frame["points"].to_list()
    assert points == sorted(points, reverse=True)
    assert len({(one.shape.name, one.shape.side) for one in cpu}) == len(cpu)
    assert cpu.best.says in cpu.says
    assert "<table" in cpu._repr_html_()


def test_the_kind_may_be_left_out_where_it_is_clear() -> None:
    """A frame with one kind, or without any; of several the sentence lists those that have the field."""
    frame = readings(idle(60))
    assert suggest(frame, "used_pct", **DEMO).best.rule().kind == "reading"
    assert suggest(frame.with_columns(kind=pl.lit("cpu.usage")), "used_pct", **DEMO).best.rule().kind == "cpu.usage"
    both = pl.concat([frame.with_columns(kind=pl.lit(name)) for name in ("cpu.usage", "disk.usage")])
    with pytest.raises(MineError, match=r"Several kinds have a field 'used_pct': cpu.usage, disk.usage. Say which"):
        suggest(both, "used_pct", **DEMO)


def test_only_what_lies_between_since_and_until_is_mined() -> None:
    """A day out of three; `since` counts back from the end of the history."""
    frame = readings([5.0 + n % 3 + n % 17 % 5 for n in range(3 * 1440)], 60)
    best = suggest(frame, "used_pct", since="2d", until=START + timedelta(days=2), **LINE).best
    assert best.numbers["history"]["values"] == best.backtest.counts["selected"] == pytest.approx(1440, abs=2)
    assert datetime.fromisoformat(best.numbers["history"]["until"]) < START + timedelta(days=2)


def test_what_came_later_measures_and_is_never_chosen_on() -> None:
    """Bad hours in the last eighth, far over the budget: lines chosen before it stay, and all of them are told."""
    quiet = [5.0 + n % 3 + (20 if n % 1000 < 30 else 0) for n in range(4 * 1440)]
    bad = list(quiet)
    for begin in range(5000, 5750, 150):
        bad[begin : begin + 60] = [90.0] * 60
    calm, stormy = (
        suggest(readings(values, 60, "value"), "value", "load", alerts_per_day=2, **LINE, over="5m", wait="5m").best
        for values in (quiet, bad)
    )
    lines = [[part["when"] for part in one.numbers["later"]["parts"]] for one in (calm, stormy)]
    assert lines[0] == lines[1]
    alerts = [[part["alerts"] for part in one.numbers["later"]["parts"]] for one in (calm, stormy)]
    assert alerts[0][:3] == alerts[1][:3]
    assert alerts[1][3] >= 5 > alerts[0][3]
    assert f"that followed, it raised {sum(alerts[1])} alerts (wanted: 2 a day)" in stormy.says


def test_with_labels_the_rules_are_ranked_by_what_they_catch() -> None:
    """Drops are what went wrong, peaks are not: the rule is about drops, says what it caught, and what it missed."""
    rng = random.Random(1)
    values = [50 + rng.gauss(0, 2) for _ in range(10 * 288)]
    labels: list[tuple[datetime, datetime]] = []
    for day in range(10):
        at = 288 * day + 100
        values[at : at + 12] = [95.0] * 12  # every day, and nobody minds
        at = 288 * day + 200
        if day % 2:
            values[at : at + 12] = [20.0] * 12
            labels.append((START + timedelta(minutes=5 * at), START + timedelta(minutes=5 * (at + 12))))
    quiet = (START + timedelta(minutes=5 * 2500), START + timedelta(minutes=5 * 2510))
    found = suggest(readings(values, 300, "value"), "value", "load", labels=[*labels, quiet], alerts_per_day=1)
    assert found.best.shape.sign == -1
    told = found.best.numbers["labels"]
    assert (told["caught"], told["missed"], told["false"]) == (3, 1, 0)
    assert 0 <= told["lead_seconds"] <= 900
    assert "caught 3 of 4 labelled incidents" in found.best.says
    assert found.best.missed["begin"].to_list() == [quiet[0]]
    assert found.frame["missed"][0] == 1


def test_without_labels_it_says_what_another_rule_would_have_alerted_on() -> None:
    """Peaks and drops: the rule about the ones has missed the others, with their time and size."""
    rng = random.Random(1)
    values = [50 + rng.gauss(0, 2) for _ in range(10 * 288)]
    for day in range(10):
        values[288 * day + 100 : 288 * day + 112] = [95.0] * 12
    values[2000:2012] = [20.0] * 12
    found = suggest(readings(values, 300, "value"), "value", "load", alerts_per_day=1, shapes="constant")
    high = next(one for one in found if one.shape.side == "high")
    assert high.numbers["missed"] == high.missed.height > 0
    drop = high.missed.filter(pl.col("value") < 40)
    assert drop.height == 1
    assert abs(drop["begin"][0] - (START + timedelta(minutes=5 * 2000))) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (readings([3.0] * 60), "is 3 all the time"),
        (readings([3.0]), "was told once"),
        (readings([3.0, 4.0, 5.0]), "was told for 2s, and a window of 5s held for 5s takes longer"),
        (readings([]), "holds no number"),
        (readings([3.0] * 60).with_columns(used_pct=pl.lit(None, pl.Float64)), "holds no number"),
        (readings([float("nan")] * 60), "holds no number"),
        (readings([3.0, 4.0] * 30).rename({"used_pct": "used_pc"}), "no field 'used_pct'; did you mean used_pc?"),
        (readings([3.0, 4.0] * 30).rename({"used_pct": "x"}), "no field 'used_pct'; it has x."),
        (readings([3.0, 4.0] * 30 + [1.7e308]), "holds numbers as large as 1.7e[+]308"),
        (readings([99.0, 100.0] * 30), "used_pct of cpu.usage: .* too near its limit of 100"),
    ],
)
def test_where_no_rule_can_be_suggested_a_sentence_says_why(frame: pl.DataFrame, said: str) -> None:
    """What, of which field, and what to do."""
    with pytest.raises(MineError, match=said.replace("?", r"\?")):
        suggest(frame, "used_pct", "cpu.usage", **DEMO)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (
            [(START - timedelta(days=9), START - timedelta(days=8))],
            "None of the 1 labels lies in the history, which",
        ),
        ([], "There are no labels"),
    ],
)
def test_labels_of_another_time_are_answered_by_a_sentence(labels: list[Any], said: str) -> None:
    """It says of which time the history is."""
    with pytest.raises(MineError, match=said):
        suggest(readings(idle(600)), "used_pct", "cpu.usage", labels=labels, **DEMO)


def test_an_instance_that_is_no_field_names_the_nearest() -> None:
    """`by` is checked as the field is."""
    frame = readings([3.0, 4.0] * 30).with_columns(mount=pl.lit("/"))
    with pytest.raises(MineError, match=r"no field 'mont'; did you mean mount\?"):
        suggest(frame, "used_pct", "disk.usage", by=("source", "mont"))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"side": "up"}, "side is 'up': write high, low or both"),
        ({"shapes": "line"}, "write some of constant, rate, usual"),
        ({"alerts_per_day": 0}, "alerts_per_day is 0"),
        ({"alerts_per_day": float("nan")}, "alerts_per_day is nan"),
        ({"alerts_per_day": "1"}, "alerts_per_day is '1'"),
        ({"most": 0}, "most is 0: write how many rules to give back"),
        ({"labels": 5}, "A int is no list of labels"),
        ({"over": "soon"}, "'soon' is not a duration"),
        ({"over": "0s"}, "cannot be nothing"),
        ({"over": "5s", "every": "10s"}, "every='10s' is longer than over='5s'"),
        ({"by": ("used_pct",)}, "cannot hold the time nor the field"),
        ({"labels": [1]}, "Label 1 is 1: write"),
        ({"zone": "Mars/Base"}, "no time zone 'Mars/Base'"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused(how: dict[str, Any], said: str) -> None:
    """With what to write instead."""
    with pytest.raises(SettingError, match=said):
        suggest(readings([3.0, 4.0, 4.0] * 30), "used_pct", "cpu.usage", **how)


def test_what_is_no_history_is_refused() -> None:
    """A list of numbers has no time."""
    with pytest.raises(SettingError, match="A list is no history"):
        suggest([1, 2, 3], "used_pct", "cpu.usage")
