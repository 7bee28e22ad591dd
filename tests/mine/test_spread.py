"""The distribution of a field: percentiles and how sure they are, tails, and a rule at a percentile."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, spread
from minerlib.rule import backtest

from .made import archived, every, frame


def readings(values: Any, source: str = "a") -> pl.DataFrame:
    """One a minute."""
    values = np.asarray(values, dtype=float)
    return frame({source: every(60, len(values) / 60)[: len(values)]}).with_columns(used=pl.Series(values))


def alike(size: int, memory: float, seed: int) -> Any:
    """A series in which each value remembers the one before it: AR(1), standard normal."""
    dice = np.random.default_rng(seed)
    steps = dice.normal(0, np.sqrt(1 - memory**2), size)
    steps[0] /= np.sqrt(1 - memory**2)
    from scipy.signal import lfilter

    return lfilter([1], [1, -memory], steps)


def test_percentiles_moments_and_missing_are_as_scipy_has_them() -> None:
    """By nearest rank, over all and for each source."""
    dice = np.random.default_rng(1)
    one, two = dice.gamma(2, 3, 5_000), dice.normal(50, 5, 3_000)
    rows = pl.concat([readings(one, "one"), readings([*two, *[np.nan] * 1000], "two")])
    found = spread(rows, "used")
    whole, first, second = found.frame.rows(named=True)
    assert (whole["source"], first["source"], second["source"]) == (None, "one", "two")
    for row, values in ((whole, [*one, *two]), (first, one), (second, two)):
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99.9", 0.999)):
            assert row[name] == np.quantile(values, share, method="inverted_cdf")
        assert row["skewness"] == pytest.approx(stats.skew(values))
        assert row["kurtosis"] == pytest.approx(stats.kurtosis(values))
        assert row["std"] == pytest.approx(np.std(values, ddof=1))
        assert (row["count"], row["min"], row["max"]) == (len(values), min(values), max(values))
    assert second["missing"] == 0.25
    assert "11.1 % of the events have no number in it" in found.says


def test_thrown_dice_are_taken_for_independent() -> None:
    """Values without memory count nearly all, and the interval is that of order statistics."""
    found = spread(readings(np.random.default_rng(3).normal(0, 1, 20_000)), "used")
    assert found.numbers["percentiles"]["p50"]["independent"] > 10_000


def test_intervals_hold_though_neighbours_are_alike() -> None:
    """Of 200 series whose values remember each other the true median lies in nine tenths of the intervals at least; in
    those that take each value for independent it would in fewer than six tenths."""
    held = naive = 0
    for seed in range(200):
        values = alike(2_000, 0.9, seed)
        row = spread(readings(values), "used", percentiles=[50]).frame.row(0, named=True)
        held += row["p50_low"] <= 0 <= row["p50_high"]
        low, high = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
        naive += low <= 0 <= high
    assert held >= 180
    assert naive < 120


def test_it_says_how_much_the_values_tell() -> None:
    """A day by the second that wanders slowly is worth few independent values."""
    found = spread(readings(alike(20_000, 0.98, 1)), "used")
    said = found.numbers["percentiles"]["p50"]["independent"]
    assert 20_000 * 0.02 / 1.98 / 2.5 < said < 20_000 * 0.02 / 1.98 * 2.5  # (1 - r)/(1 + r) of them, for a mean
    assert "neighbouring values are alike" in found.says


def test_a_heavy_tail_is_told_from_a_light_one() -> None:
    """A power of the value beside an exponential and a normal distribution."""
    dice = np.random.default_rng(5)
    assert "Its tail is heavy" in spread(readings(dice.pareto(2.5, 20_000)), "used").says
    for light in (dice.exponential(1, 20_000), dice.normal(50, 9, 20_000), dice.uniform(0, 1, 20_000)):
        assert "tail" not in spread(readings(light), "used").says


def test_a_short_history_does_not_bound_a_high_percentile() -> None:
    """Of a hundred values nobody can say how high the 99.9th percentile may lie."""
    found = spread(readings(np.random.default_rng(1).normal(0, 1, 100)), "used", percentiles=[99.9])
    assert found.numbers["percentiles"]["p99.9"]["high"] is None
    assert "how far is not known yet" in found.says


def test_a_rule_at_a_percentile() -> None:
    """Its line is beyond just the share of values that it says, and the backtest fires on just these."""
    values = np.random.default_rng(1).gamma(2, 3, 10_000).round(1)
    rows = readings(values)
    found = spread(rows, "used")
    rule = found.rule(99)
    line = float(rule.to_dict()["levels"][0]["when"].removeprefix("> "))
    assert line == np.quantile(values, 0.99, method="inverted_cdf")
    assert rule.evidence["values"]["beyond"] == (values > line).sum() <= 100
    tested = backtest(rule, FrameHistory(rows, "cpu.usage"))
    clear = float(rule.to_dict()["clear"]["when"].removeprefix("< "))
    assert np.median(values) < clear < line
    raised, firing = 0, False
    for value in values:
        raised += value > line and not firing
        firing = value > line or (firing and not value < clear)
    assert len(tested.alerts) == raised > 50
    low = found.rule(1)
    assert low.to_dict()["levels"][0]["when"].startswith("< ")
    assert backtest(low, FrameHistory(rows, "cpu.usage")).alerts


@pytest.mark.parametrize("field", ["größe %", "cpu load [%]", "负载"])
def test_a_field_of_any_name_gets_a_rule(field: str) -> None:
    """The rule's name has only letters that a rule's name may have."""
    dice = np.random.default_rng(3)
    rows = readings(dice.normal(50, 5, 3_000)).rename({"used": field})
    assert re.fullmatch("[a-z0-9-]+", spread(rows, field).rule(99, kind="disk.usage", scope="acme.web.prod").name)


def test_a_rule_that_waits() -> None:
    rule = spread(readings(np.arange(1000.0)), "used").rule(95, wait="10m")
    assert rule.to_dict()["levels"][0] == {"severity": "warning", "when": "> 949", "for": "10m"}


def test_large_histories_are_counted_by_their_first_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts, merged as they come: within a two-thousandth of the value, an instance within a two-hundredth."""
    dice = np.random.default_rng(1)
    bodies = [(60.0 * n, name, {"used": float(dice.lognormal(3, 1))}) for n in range(2000) for name in ("a", "b")]
    scan = archived(tmp_path, bodies, sealed=3000).scan("disk.usage")
    exact = spread(scan, "used")
    monkeypatch.setattr("minerlib.mine.given._ROWS", 300)
    monkeypatch.setattr("minerlib.mine.given._PENDING", 3)
    assert spread(scan, "used").to_dict() == exact.to_dict()
    monkeypatch.setattr("minerlib.mine.values.tally.EXACT", 1000)
    found = spread(scan, "used")
    assert (exact.numbers["exact"], found.numbers["exact"]) == (True, False)
    for row, true, within in zip(
        found.frame.rows(named=True), exact.frame.rows(named=True), (5e-4, 5e-3, 5e-3), strict=True
    ):
        assert (row["source"], row["count"]) == (true["source"], true["count"])
        for name in ("min", "p50", "p95", "p99", "p99.9", "max"):
            assert row[name] == pytest.approx(true[name], rel=1.001 * within)
    assert found.rule().kind == "disk.usage"


def test_pandas_without_a_source() -> None:
    """One instance, which is all of it."""
    rows = readings(np.arange(100.0)).to_pandas().set_index("time")[["used"]]
    found = spread(rows, "used")
    assert type(found.frame).__module__.startswith("pandas")
    assert found.frame["p50"].tolist() == [49.0]
    assert found.rule(90, kind="cpu.usage").by == ()


def test_a_constant_is_said_to_be_one() -> None:
    found = spread(readings([7.0] * 50), "used")
    assert found.says == "used is 7 in all values, 50 in number."
    assert found.frame["skewness"].to_list() == [None, None]
    with pytest.raises(MineError, match="none lies above it, 7"):
        found.rule()
    with pytest.raises(MineError, match="no distribution to draw"):
        found.chart()


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (lambda: spread(readings([1, 2]), "usd"), MineError, r"no field 'usd'; did you mean used\?"),
        (lambda: spread(readings([1, 2]).with_columns(used=pl.lit("x")), "used"), MineError, "holds text, not numbers"),
        (lambda: spread(readings([np.nan] * 3), "used"), MineError, "holds no number in these 3 rows"),
        (lambda: spread(readings([1, -1.7e308]), "used"), MineError, "numbers as large as -1.7e[+]308"),
        (lambda: spread(readings([]), "used"), MineError, "no rows to look at"),
        (lambda: spread(readings([1, 2]), "used", percentiles=[0.0]), SettingError, "percentile 0.0 is none"),
        (lambda: spread(readings([1, 2]), "used", confidence=95), SettingError, "confidence is 95"),
        (lambda: spread(readings([1, 2]), "used", by=["source", "used"]), SettingError, "cannot hold 'used'"),
    ],
)
def test_what_cannot_be_said_is_said(asked: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        asked()


def test_the_chart_has_the_histogram_its_lines_and_twenty_instances() -> None:
    """Shares that add up, and a line for each percentile."""
    rows = pl.concat(readings(np.random.default_rng(n).normal(n, 1, 200), f"web-{n:02}") for n in range(30))
    drawn = spread(rows, "used").chart().to_dict()
    top, below = drawn["vconcat"]
    bars, lines = (drawn["datasets"][top["layer"][place]["data"]["name"]] for place in (0, 1))
    assert sum(row["share"] for row in bars) == pytest.approx(1)
    assert len(lines) == 6
    assert len(drawn["datasets"][below["data"]["name"]]) == 20
