"""A trend: which way, how fast, since when, when it is full; and a rule that says so ahead. All of made data."""

import json
from datetime import timedelta
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, trend
from minerlib.rule import backtest

from .courses import MONDAY, level, told


def filling(days: Any) -> Any:
    """From 40 by 2 a day."""
    return 40 + 2 * days


def test_a_filling_disk_says_when_it_is_full() -> None:
    """From 40 by 2 a day: full after 30 days, the interval holds that, and the sentence tells it."""
    found = trend(told(filling, 20), "used_pct")
    row = found.frame.row(0, named=True)
    assert row["per_day"] == pytest.approx(2, rel=0.01)
    assert row["low"] < 2 < row["high"]
    assert row["moves"]
    full = MONDAY + timedelta(days=30)
    assert row["earliest"] <= full <= row["latest"]
    assert abs(row["reaches"] - full) < timedelta(hours=6)
    assert found.numbers["to"] == 100
    days = found.numbers["soonest"]["in_days"]
    assert f"it is at 100 in {days['reaches']:.3g} days" in found.says
    assert f"rises by {row['per_day']:.3g} a day ({row['low']:.3g} to {row['high']:.3g})" in found.says
    json.dumps(found.numbers)


def test_of_a_cleaned_disk_it_is_the_trend_since_then() -> None:
    """It drops every seven days, and rises by 3 a day between."""
    found = trend(told(lambda days: 30 + 3 * (days % 7), 18), "used_pct")
    row = found.frame.row(0, named=True)
    assert row["changes"] == 2
    assert abs(row["since"] - (MONDAY + timedelta(days=14))) <= timedelta(hours=4)
    assert row["per_day"] == pytest.approx(3, rel=0.1)
    assert [one.what for one in found.courses[0].changes] == ["drop", "drop"]
    assert "since it changed on 2026-10-19" in found.says


def test_a_step_that_never_returns_is_no_trend() -> None:
    """It goes nowhere, and says that it stepped, from what to what, when."""
    found = trend(told(lambda days: 20 + 30 * (days > 10), 20), "used_pct")
    assert not found.frame["moves"][0]
    assert found.frame["reaches"][0] is None
    assert "goes nowhere" in found.says
    assert "stepped up from 20 to 50 on 2026-10-15" in found.says


def test_a_daily_swing_is_no_change_and_no_trend() -> None:
    """It is taken out, and the slow rise beneath is seen."""
    found = trend(told(lambda days: 50 + 10 * np.sin(2 * np.pi * days) + 0.5 * days, 20), "used_pct")
    assert found.courses[0].swings == ("day",)
    assert found.frame["changes"][0] == 0
    assert found.frame["per_day"][0] == pytest.approx(0.5, abs=0.05)


def test_the_one_that_moves_most_and_the_one_that_is_full_first() -> None:
    """They need not be the same; what stands still is last."""
    frames = [
        told(level(50), 10, "still", seed=1), told(lambda days: 90 + 0.5 * days, 10, "near", seed=2),
        told(lambda days: 10 + 2 * days, 10, "fast", seed=3), told(lambda days: 60 - days, 10, "falls", seed=4),
    ]  # fmt: skip
    found = trend(pl.concat(frames).sample(fraction=1, shuffle=True, seed=1), "used_pct")
    assert found.frame["source"].to_list() == ["fast", "falls", "near", "still"]
    assert found.says.startswith("used_pct of fast rises by")
    assert "near is the first of 2 at 100" in found.says
    assert (found.numbers["moving"], found.numbers["reaching"]) == (3, 2)


def test_what_falls_to_nothing_is_told_with_to() -> None:
    """50 GB less 4 a day is gone in 12.5 days."""
    found = trend(told(lambda days: 50 - 4 * days, 8, field="free"), "free", to=0)
    assert abs(found.frame["reaches"][0] - (MONDAY + timedelta(days=12.5))) < timedelta(hours=6)
    assert trend(told(lambda days: 50 - 4 * days, 8, field="free"), "free").numbers["to"] is None


def test_a_hundred_that_only_wander_do_not_move() -> None:
    """Noise that remembers half of itself: hardly one of 60 is said to move."""
    frames = [told(level(50), 10, f"web-{n}", step=3600, seed=n, phi=0.5) for n in range(60)]
    found = trend(pl.concat(frames), "used_pct")
    assert found.numbers["moving"] <= 2


def test_a_counter_is_its_rate() -> None:
    """5 a second and a reset in between: nothing changes."""
    frame = told(lambda days: days * 86400 * 5, 6, wide=0, field="bytes")
    reset = pl.when(pl.int_range(pl.len()) >= 500).then(pl.col("bytes") - 500 * 600 * 5).otherwise("bytes")
    found = trend(frame.with_columns(reset.alias("bytes")), "bytes", counter=True)
    assert found.frame["end"][0] == pytest.approx(5)
    assert not found.frame["moves"][0]
    with pytest.raises(MineError, match="counter's resets"):
        found.rule()


@pytest.mark.parametrize(("frame", "said"), [
    (told(level(7), 5, wide=0), "goes nowhere"), (told(level(7), 5).head(1), "told too briefly"),
    (told(level(7), 5, wide=0).head(3), "told too briefly"),
])  # fmt: skip
def test_what_has_no_trend_says_so(frame: pl.DataFrame, said: str) -> None:
    """Constant, one point, three points."""
    found = trend(frame, "used_pct")
    assert said in found.says
    assert found.frame["moves"].to_list() == [False]


def test_of_what_never_moves_there_is_no_rule() -> None:
    """No limit, no slope."""
    with pytest.raises(MineError, match="does not move in this history"):
        trend(told(level(7), 5, wide=0, field="gb"), "gb").rule()


@pytest.mark.parametrize(("values", "said"), [
    (["full"] * 3, "holds text"), ([None] * 3, "holds no number"), ([float("nan")] * 3, "holds no number"),
])  # fmt: skip
def test_what_is_no_number_is_refused(values: list[Any], said: str) -> None:
    """In a sentence."""
    frame = told(level(1), 1).head(3).with_columns(pl.Series("used_pct", values))
    with pytest.raises(MineError, match=said):
        trend(frame, "used_pct")
    with pytest.raises(MineError, match="holds no number"):
        trend(frame.clear().with_columns(pl.lit(None, pl.Float64).alias("used_pct")), "used_pct")


def test_a_confidence_that_is_none_is_refused() -> None:
    """95 is meant as 0.95."""
    with pytest.raises(SettingError, match=r"write 0\.95"):
        trend(told(level(1), 1), "used_pct", confidence=95)


def test_pandas_gives_pandas_and_its_index_is_the_time() -> None:
    """Twice told rows, another cadence, no source: the same trend."""
    frame = pl.concat([told(filling, 10), told(filling, 10).head(300), told(filling, 10, step=3600, seed=2)])
    given = frame.drop("source", "kind").to_pandas().set_index("time")
    found = trend(given, "used_pct")
    assert type(found.frame).__module__.startswith("pandas")
    assert found.frame["per_day"][0] == pytest.approx(2, rel=0.05)
    with pytest.raises(MineError, match="give kind="):
        found.rule()


def test_the_rule_alerts_ahead_of_full_and_not_otherwise() -> None:
    """Learnt on disks that fill slowly; on others: one that fills alerts in the day before, others never."""
    seen = pl.concat([told(filling, 20, "a"), told(level(50), 20, "b", seed=2),
                      told(lambda days: 30 + 3 * (days % 7), 20, "c", seed=3)])  # fmt: skip
    rule = trend(seen, "used_pct").rule(lead="1d")
    assert rule.to_dict()["measure"] | {"over": "", "every": ""} == {
        "of": "used_pct", "agg": "forecast", "to": 100.0, "over": "", "every": "",
    }  # fmt: skip
    full = MONDAY + timedelta(days=60 / 3.5)
    later = pl.concat([
        told(lambda days: 40 + 3.5 * days, 17, "fills", seed=5), told(level(80), 24, "still", seed=6),
        told(lambda days: 30 + 5 * (days % 11), 24, "cleaned", seed=7),
        told(lambda days: 60 - days, 24, "falls", seed=8),
    ])  # fmt: skip
    alerts = backtest(rule, FrameHistory(later, "disk.usage")).alerts
    assert [one.instance for one in alerts] == [{"source": "fills"}]
    ahead = full.timestamp() - alerts[0].due / 1e6
    assert 6 * 3600 < ahead < 36 * 3600


def test_without_a_limit_the_rule_is_of_the_slope() -> None:
    """A climb as steep as never seen alerts, the usual one does not."""
    frame = told(lambda days: 100 + 2 * days, 20, field="gb")
    rule = trend(frame, "gb").rule(alerts_per_day=0.01)
    assert rule.to_dict()["measure"]["agg"] == "slope"
    assert backtest(rule, FrameHistory(frame, "disk.usage")).alerts == []
    burst = told(lambda days: 100 + 2 * days + 60 * np.clip(days - 10, 0, 2), 20, field="gb", seed=4)
    alerts = backtest(rule, FrameHistory(burst, "disk.usage")).alerts
    assert len(alerts) == 1
    assert 10 < (alerts[0].due / 1e6 - MONDAY.timestamp()) / 86400 < 12


def test_a_history_too_short_for_a_rule_says_so() -> None:
    """With what it takes."""
    with pytest.raises(MineError, match="Let it collect"):
        trend(told(filling, 0.2), "used_pct").rule(lead="1d")


def test_the_chart_draws_ten_of_many() -> None:
    """A row for each of those that move most, and says how many are not drawn."""
    frames = [told(lambda days, pace=n: 20 + pace * days, 5, f"web-{n}", step=3600, seed=n) for n in range(14)]
    drawn = trend(pl.concat(frames), "used_pct").chart()
    assert isinstance(drawn, alt.VConcatChart)
    said = drawn.to_dict()
    assert len(said["vconcat"]) == 10
    assert said["vconcat"][0]["title"]["text"].startswith("web-13: +13")
    assert said["title"]["subtitle"][-1] == "The 10 that move most are drawn, 4 are not."
