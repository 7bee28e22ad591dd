"""A suggestion: a rule that keeps its budget, catches what is there, and says no more than is so."""

import importlib.util
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, suggest
from minerlib.mine.sweep import sweep
from minerlib.rule import Rule, backtest

ROOT = Path(__file__).parents[2]
NAB = ROOT.parent / "shared" / "data" / "nab" / "data"
START = datetime(2026, 11, 23, 4, tzinfo=UTC)
DEMO: dict[str, Any] = {"over": "5s", "every": "1s", "wait": "5s"}


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


@pytest.fixture(scope="module")
def cloud() -> Any:
    """The simulated cloud's program."""
    spec = importlib.util.spec_from_file_location("simulate_for_mining", ROOT / "collectors" / "simulate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def frame_of(cloud: Any, kind: str, **how: Any) -> pl.DataFrame:
    """The simulated readings of one kind."""
    rows = [
        {"time": time, "source": source, **body} for time, source, what, body in cloud.simulate(**how) if what == kind
    ]
    return pl.DataFrame(rows).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))


def test_a_minute_of_idling_gives_a_rule_that_a_full_load_raises_and_its_end_clears() -> None:
    """The demo in small: nothing in the baseline, one alert under load, over when the load is."""
    suggestion = suggest(readings(idle(60)), "cpu.usage", "used_pct", **DEMO)
    assert suggestion.backtest.transitions == []
    lived = readings(idle(60) + [99.0, 100.0] * 15 + idle(60, seed=2))
    seen = backtest(suggestion.rule, FrameHistory(lived, "cpu.usage")).transitions
    assert [event.what for event in seen] == ["raised", "cleared"]
    begun = round(START.timestamp() * 1e6) + 60_000_000
    raised, cleared = (event.due - begun for event in seen)
    assert 0 < raised <= 12_000_000
    assert 30_000_000 < cleared <= 45_000_000


def test_a_machine_that_is_busy_already_gets_a_rule_that_a_full_load_still_raises() -> None:
    """Half loaded, with peaks near 90: the line is above these and below 100."""
    rng = random.Random(4)
    busy = [min(100.0, rng.gauss(60, 12)) for _ in range(60)]
    suggestion = suggest(readings(busy), "cpu.usage", "used_pct", **DEMO)
    lived = readings(busy + [100.0] * 30 + busy)
    transitions = backtest(suggestion.rule, FrameHistory(lived, "cpu.usage")).transitions
    assert [event.what for event in transitions] == ["raised", "cleared"]


def test_little_history_is_owned_up_to() -> None:
    """Nothing was measured, and the sentence says that the line is a guess with a margin."""
    suggestion = suggest(readings(idle(60)), "cpu.usage", "used_pct", **DEMO)
    assert suggestion.evidence["history"]["chosen_until"] is None
    assert suggestion.evidence["alerts"]["later"] is None
    assert "In the 59 seconds seen it raised no alert; that is too little to measure a rule on" in suggestion.says
    assert "so short a history holds no alert at 1 a day" in suggestion.says


def test_the_sweep_that_chose_counts_what_the_backtest_counts(cloud: Any) -> None:
    """Over all alerts of two days of four servers: there is one arithmetic."""
    frame = frame_of(cloud, "cpu.usage", days=2, servers=4)
    suggestion = suggest(frame, "cpu.usage", "used_pct", alerts_per_day=6)
    windows = suggestion.frame.with_columns(
        pl.col("source").rle_id().cast(pl.Int64).alias("instance"),
        pl.col("time").dt.epoch("us"),
        pl.col("used_pct").alias("value"),
    )
    swept = sweep(windows, [(suggestion.line, suggestion.clear)], suggestion.shape.wait)["raised"][0]
    raised = [event for event in suggestion.backtest.transitions if event.what == "raised"]
    assert swept == len(raised) > 2
    seen = {(source, at): value for at, source, value in windows.select("time", "source", "used_pct").rows()}
    assert all(seen[event.instance["source"], event.due] == pytest.approx(event.value) for event in raised)


def test_in_the_simulated_cloud_the_incidents_are_caught(cloud: Any) -> None:
    """Chosen on five days and measured on two, at three alerts a day: every server of every incident."""
    suggestion = suggest(frame_of(cloud, "cpu.usage"), "cpu.usage", "used_pct", alerts_per_day=3)
    raised = [event for event in suggestion.backtest.transitions if event.what == "raised"]
    incidents = [label for label in cloud.truth() if label["what"] == "incident"]
    caught = [
        any(label["start"] < one.due < label["end"] for one in raised if one.instance["source"] == label["source"])
        for label in incidents
    ]
    assert sum(caught) >= len(incidents) - 1
    assert len(raised) <= 3 * 7 + 1
    assert suggestion.evidence["alerts"]["later"] > 0


def test_a_disk_is_an_instance_of_its_own(cloud: Any) -> None:
    """By source and mount, the floods are found and the usual filling and cleaning is not."""
    frame = frame_of(cloud, "disk.usage")
    suggestion = suggest(frame, "disk.usage", "used_pct", by=("source", "mount"), alerts_per_day=0.5)
    raised = {
        (e.instance["source"], e.instance["mount"]) for e in suggestion.backtest.transitions if e.what == "raised"
    }
    assert raised == {(x["source"], x["mount"]) for x in cloud.truth() if x["what"] == "disk-full"}
    assert suggestion.frame.columns == ["time", "source", "mount", "used_pct"]


@pytest.mark.parametrize(
    "name",
    [
        "realAWSCloudwatch/ec2_cpu_utilization_53ea38.csv",
        "realAWSCloudwatch/ec2_cpu_utilization_77c1ca.csv",
        "realAWSCloudwatch/ec2_cpu_utilization_ac20cd.csv",
        "realAWSCloudwatch/ec2_network_in_257a54.csv",
        "realAWSCloudwatch/ec2_network_in_5abac7.csv",
        "realAWSCloudwatch/rds_cpu_utilization_e47b3b.csv",
    ],
)
def test_on_cloudwatch_series_the_budget_is_kept(name: str) -> None:
    """One alert a day: kept where it was chosen, and within three times on the days after that."""
    suggestion = suggest(nab(name), "cloudwatch", "value", alerts_per_day=1)
    history, alerts = suggestion.evidence["history"], suggestion.evidence["alerts"]
    since, split, until = (datetime.fromisoformat(history[k]) for k in ("since", "chosen_until", "until"))
    assert alerts["earlier"] <= (split - since).total_seconds() / 86400
    assert alerts["later"] <= 3 * (until - split).total_seconds() / 86400
    assert alerts["earlier"] + alerts["later"] == sum(e.what == "raised" for e in suggestion.backtest.transitions)


def test_more_alerts_a_day_mean_a_lower_line() -> None:
    """The budget is what moves it."""
    frame = nab("realAWSCloudwatch/ec2_cpu_utilization_77c1ca.csv")
    lines = [suggest(frame, "cpu.utilization", "value", alerts_per_day=rate).line for rate in (0.2, 1, 5)]
    assert lines == sorted(lines, reverse=True)
    assert lines[0] > lines[-1]


@pytest.mark.parametrize("name", ["1m", "disk %", 'a"b', "end", "größe", "x y.z"])
def test_a_field_of_any_name_can_be_mined(name: str) -> None:
    """It stands in the rule as an expression that means just this field."""
    found = suggest(readings(idle(60), name=name), "cpu.usage", name, **DEMO)
    assert Rule.read(found.rule.to_yaml()).measure == found.rule.measure
    assert found.backtest.counts["selected"] == 60
    assert found.backtest.counts["null"] == 0


def test_low_values_are_watched_when_asked() -> None:
    """The same, upside down: a drop raises, the return clears."""
    values = [100 + n % 5 for n in range(3000)]
    values[1200:1230] = [3] * 30
    suggestion = suggest(readings([float(v) for v in values], 60, "free"), "memory", "free", side="low", wait="5m")
    assert suggestion.rule.name == "memory-free-low"
    assert suggestion.line < suggestion.clear <= 104
    assert [event.what for event in suggestion.backtest.transitions] == ["raised", "cleared"]


def test_what_is_suggested_is_a_document_a_person_can_read_and_change() -> None:
    """It survives being written and read, says where it comes from in plain JSON, and the same input gives the same."""
    suggestion = suggest(readings(idle(60)), "cpu.usage", "used_pct", **DEMO)
    assert suggestion.rule.name == "cpu-usage-high"
    assert suggestion.rule.scope == "local.lab.dev"
    again = Rule.read(suggestion.rule.to_yaml())
    assert again.fingerprint == suggestion.rule.fingerprint
    assert "evidence" in suggestion.rule.to_yaml()
    assert json.loads(json.dumps(suggestion.evidence)) == suggestion.evidence
    assert suggestion.says in str(suggestion)
    assert "cpu-usage-high" in suggestion._repr_html_()
    assert suggest(readings(idle(60)).to_pandas(), "cpu.usage", "used_pct", **DEMO).rule.to_yaml() == again.to_yaml()


def test_spans_are_learnt_from_the_data() -> None:
    """Told every minute: windows of five minutes, a step of one, and as long again."""
    shape = suggest(readings(idle(600), 60), "cpu.usage", "used_pct").shape
    assert (shape.every, shape.over, shape.wait) == (60_000_000, 300_000_000, 300_000_000)


def test_only_what_lies_between_since_and_until_is_mined() -> None:
    """A day out of three; `since` counts back from the end of the history."""
    frame = readings([5.0 + n % 3 for n in range(3 * 1440)], 60)
    history = suggest(frame, "cpu.usage", "used_pct", since="2d", until=START + timedelta(days=2)).evidence["history"]
    assert history["values"] == pytest.approx(1440, abs=2)
    assert datetime.fromisoformat(history["until"]) < START + timedelta(days=2)


def test_a_long_history_is_split_and_both_parts_are_told() -> None:
    """Seventy per cent to choose on, the rest to measure on; both counts are the backtest's."""
    suggestion = suggest(readings([5.0 + n % 3 for n in range(1440)], 60), "cpu.usage", "used_pct", alerts_per_day=1)
    history = suggestion.evidence["history"]
    whole = datetime.fromisoformat(history["until"]) - datetime.fromisoformat(history["since"])
    assert (datetime.fromisoformat(history["chosen_until"]) - START) / whole == pytest.approx(0.7, abs=0.01)
    assert "Chosen on 16.8 hours, where it raised no alert; in the 7.2 hours after" in suggestion.says


def test_what_came_later_measures_and_is_never_chosen_on() -> None:
    """Five bad hours in the last third, far over the budget: the line stays, and all five are told."""
    quiet = [5.0 + n % 3 + (20 if n % 1000 < 30 else 0) for n in range(4 * 1440)]
    bad = list(quiet)
    for begin in range(4100, 5600, 300):
        bad[begin : begin + 60] = [90.0] * 60
    calm, stormy = (
        suggest(readings(values, 60, "value"), "load", "value", alerts_per_day=2) for values in (quiet, bad)
    )
    assert (stormy.line, stormy.clear) == (calm.line, calm.clear)
    assert stormy.evidence["alerts"]["earlier"] == calm.evidence["alerts"]["earlier"] > 0
    assert stormy.evidence["alerts"]["later"] >= 5
    assert f"after that it raised {stormy.evidence['alerts']['later']} alerts (wanted: 2 a day)" in stormy.says


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (readings([3.0] * 60), "is 3 all the time"),
        (readings([3.0]), "was told once"),
        (readings([3.0, 4.0, 5.0]), "was told for 2s, and a mean over 5s held for 5s takes longer"),
        (readings([]), "holds no number"),
        (readings([3.0] * 60).with_columns(used_pct=pl.lit(None, pl.Float64)), "holds no number"),
        (readings([float("nan")] * 60), "holds no number"),
        (readings([3.0] * 60).with_columns(used_pct=pl.lit("3 %")), "holds text, not numbers"),
        (readings([3.0] * 60).with_columns(used_pct=pl.lit(True)), "holds true and false, not numbers"),
        (readings([3.0, 4.0] * 30).rename({"used_pct": "used_pc"}), "no field 'used_pct'; did you mean used_pc?"),
        (readings([3.0, 4.0] * 30).rename({"used_pct": "x"}), "no field 'used_pct'; it has x."),
        (readings([99.0, 100.0] * 30), "used_pct of cpu.usage: .* too near its limit of 100"),
    ],
)
def test_where_no_rule_can_be_suggested_a_sentence_says_why(frame: pl.DataFrame, said: str) -> None:
    """What, of which field, and what to do."""
    with pytest.raises(MineError, match=said.replace("?", r"\?")):
        suggest(frame, "cpu.usage", "used_pct", **DEMO)


def test_an_instance_that_is_no_field_names_the_nearest() -> None:
    """`by` is checked as the field is."""
    frame = readings([3.0, 4.0] * 30).with_columns(mount=pl.lit("/"))
    with pytest.raises(MineError, match=r"no field 'mont'; did you mean mount\?"):
        suggest(frame, "disk.usage", "used_pct", by=("source", "mont"))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"side": "up"}, "side is 'up': write high or low"),
        ({"alerts_per_day": 0}, "alerts_per_day is 0"),
        ({"alerts_per_day": float("nan")}, "alerts_per_day is nan"),
        ({"over": "soon"}, "'soon' is not a duration"),
        ({"over": "0s"}, "cannot be nothing"),
        ({"by": ("used_pct",)}, "cannot hold the time nor the field"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused(how: dict[str, Any], said: str) -> None:
    """With what to write instead."""
    with pytest.raises(SettingError, match=said):
        suggest(readings([3.0, 4.0] * 30), "cpu.usage", "used_pct", **how)


def test_what_is_no_history_is_refused() -> None:
    """A list of numbers has no time."""
    with pytest.raises(SettingError, match="A list is no history"):
        suggest([1, 2, 3], "cpu.usage", "used_pct")
