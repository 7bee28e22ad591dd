"""What is usual: the smallest table that foretells, with a centre and a spread that outliers do not move."""

from datetime import UTC, datetime, timedelta
from statistics import NormalDist, median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.seasons.usualtables import UsualTables, usual_tables
from minerlib.rule import Rule, backtest

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
Shape = Any


def told(
    shape: Shape, days: float, step: int = 600, instance: int = 0, seed: int = 1, noise: float = 1
) -> pl.DataFrame:
    """What `shape` makes of seconds since a Monday, with noise, every `step` seconds."""
    seconds = np.arange(0, int(days * 86400), step)
    values = shape(seconds) + noise * np.random.default_rng(seed + instance).normal(size=len(seconds))
    begun = int(MONDAY.timestamp() * 1e6)
    return pl.DataFrame({"instance": instance, "time": begun + seconds * 1_000_000, "value": values})


def flat(seconds: Any) -> Any:
    return 50.0 + 0 * seconds


def daily(seconds: Any) -> Any:
    return 50 + 5 * np.sin(2 * np.pi * seconds / 86400)


def weekly(seconds: Any) -> Any:
    """Work from Monday to Friday, quiet at weekends."""
    return 50 + 20 * (seconds // 86400 % 7 < 5) * np.sin(np.pi * (seconds % 86400) / 86400)


@pytest.mark.parametrize(("shape", "days", "size"), [
    (flat, 28, 1), (daily, 14, 24), (weekly, 28, 168), (weekly, 14, 168), (daily, 2, 1), (weekly, 5, 24),
])  # fmt: skip
def test_the_smallest_table_that_foretells(shape: Shape, days: float, size: int) -> None:
    """No pattern one number, a daily one 24, a weekly one 168 once two weeks were seen."""
    table = usual_tables(told(shape, days)).of[0]
    assert (len(table["centre"]), len(table["spread"])) == (size, size)


def test_noise_has_no_hours() -> None:
    """Of 200 series of noise that remembers its last hours, hardly one gets a table of hours."""
    seconds = np.arange(0, 14 * 86400, 1800)
    frames: list[pl.DataFrame] = []
    for instance in range(200):
        shocks, values = np.random.default_rng(instance).normal(size=len(seconds)), np.zeros(len(seconds))
        for n in range(1, len(seconds)):
            values[n] = 0.9 * values[n - 1] + shocks[n]
        frames.append(pl.DataFrame({"instance": instance, "time": seconds * 1_000_000, "value": values}))
    sizes = [len(table["centre"]) for table in usual_tables(pl.concat(frames)).of.values()]
    assert sum(size > 1 for size in sizes) <= 4


def test_centre_and_spread_are_median_and_mad() -> None:
    """By the standard library's median, and the normal quantile that makes a MAD a standard deviation."""
    frame = told(flat, 7).with_columns(
        pl.when(pl.int_range(pl.len()) % 20 == 3).then(1e6).otherwise("value").alias("value")
    )
    values = frame["value"].to_list()
    centre = median(values)
    spread = median(abs(value - centre) for value in values) / NormalDist().inv_cdf(0.75)
    table = usual_tables(frame).of[0]
    assert table["centre"] == [pytest.approx(centre, rel=1e-5)]
    assert table["spread"] == [pytest.approx(spread, rel=1e-4)]


def test_by_hour_it_is_the_hours_median() -> None:
    """Each of 168 numbers is the median of just that hour of the week."""
    frame = told(weekly, 28)
    centre = usual_tables(frame).of[0]["centre"]
    hours = frame.with_columns(((pl.col("time") - frame["time"][0]) // 3_600_000_000 % 168).alias("hour"))
    for hour in (0, 12, 36, 167):
        assert centre[hour] == pytest.approx(hours.filter(pl.col("hour") == hour)["value"].median(), rel=1e-5)


def test_hours_are_those_on_the_wall_through_a_change_of_the_clocks() -> None:
    """Berlin's clocks went back on 25 October 2026: work from 9 to 10 is one hour of the table, before and after."""
    berlin = ZoneInfo("Europe/Berlin")
    times = [MONDAY + timedelta(minutes=10 * n) for n in range(6 * 24 * 42)]
    busy = [time.astimezone(berlin).hour == 9 for time in times]
    frame = pl.DataFrame(
        {"instance": 0, "time": times, "value": [float(99 if one else n % 3) for n, one in enumerate(busy)]}
    )
    centre = usual_tables(frame, "Europe/Berlin").of[0]["centre"]
    assert [hour for hour, value in enumerate(centre) if value == 99] == [9]


@pytest.mark.parametrize(("values", "spread"), [
    ([7.0] * 50, 1.0), ([0.0] * 50, 1.0), ([2.5] * 50, 0.1), ([123456789.25] * 50, 123.456789),
    ([3.0] * 45 + [4.0] * 5, 1.0), ([1e9 / 3] * 50, 1e3 / 3),
])  # fmt: skip
def test_a_spread_is_never_less_than_rounding(values: list[float], spread: float) -> None:
    """What is constant, or nearly so, has the last digit it is written with as its spread."""
    frame = pl.DataFrame({"instance": 0, "time": [n * 60_000_000 for n in range(50)], "value": values})
    assert usual_tables(frame).of[0]["spread"] == [pytest.approx(spread, rel=1e-4)]


def test_what_is_nearly_always_nothing_is_as_wide_as_all_of_it() -> None:
    """Where most values are equal, their standard deviation says how far the others go."""
    frame = pl.DataFrame(
        {"instance": 0, "time": [n * 60_000_000 for n in range(100)], "value": [0.0] * 95 + [1000.0] * 5}
    )
    assert usual_tables(frame).of[0]["spread"] == [pytest.approx(1000 * (0.05 * 0.95) ** 0.5, rel=1e-5)]


def test_an_hour_never_seen_is_unknown() -> None:
    """A machine that is off from 2 to 4 has no table there."""
    frame = told(daily, 14).filter((pl.col("time") // 3_600_000_000 % 24).is_in([2, 3]).not_())
    table = usual_tables(frame).of[0]
    assert [hour for hour, value in enumerate(table["centre"]) if value is None] == [2, 3]
    assert [hour for hour, value in enumerate(table["spread"]) if value is None] == [2, 3]


def test_bad_values_are_left_out() -> None:
    """NaN, null and infinite values change nothing, nor does the order of the rows, nor integers for floats."""
    frame = told(daily, 14)
    bad = pl.concat([frame.head(3).with_columns(value=pl.Series([None, float("nan"), float("inf")])), frame])
    assert usual_tables(bad.sample(fraction=1, shuffle=True, seed=1)).of == usual_tables(frame).of
    moments = frame.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    assert usual_tables(moments).of == usual_tables(frame).of


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")] * 2])
def test_of_no_values_nothing_is_usual(values: list[Any]) -> None:
    """There are no tables, and making a rule of them says so."""
    frame = pl.DataFrame({"instance": [0] * len(values), "time": list(range(len(values))), "value": values},
                         {"instance": pl.Int64, "time": pl.Int64, "value": pl.Float64})  # fmt: skip
    tables = usual_tables(frame)
    assert tables == UsualTables()
    with pytest.raises(MineError, match="Nothing is usual"):
        tables.document({0: {"source": "web"}})


def test_a_zone_that_is_none_is_refused() -> None:
    """With how to write one."""
    with pytest.raises(SettingError, match="write one like Europe/Berlin"):
        usual_tables(told(flat, 1), "Berlin/Europe")


def test_each_has_its_own_and_all_share_one() -> None:
    """Instances of other levels and cadences do not mix but in the shared table."""
    high = told(lambda seconds: flat(seconds) + 100, 14, 60, instance=1)
    tables = usual_tables(pl.concat([told(daily, 14), high]))
    assert len(tables.of[0]["centre"]) == 24
    assert tables.of[1]["centre"] == [pytest.approx(150, abs=0.1)]
    assert tables.shared is not None
    names = {0: {"source": "a"}, 1: {"source": "b"}}
    said = tables.document(names)
    assert [one["instance"] for one in said["of"]] == [{"source": "a"}, {"source": "b"}]
    assert said["shared"] == tables.shared
    assert "of" not in tables.document(names, most=1)


def test_a_rule_compares_as_the_tables_do() -> None:
    """`score` above 4 is where an exported rule "> usual + 4 * spread" is, hour by hour, in its zone."""
    frame = told(weekly, 28, step=1800, noise=3)
    busy = frame.with_columns(
        pl.when(pl.int_range(pl.len()) % 97 == 5).then(pl.col("value") + 60).otherwise("value").alias("value")
    )
    tables = usual_tables(frame, "America/New_York")
    rule = Rule.from_dict({
        "rule": "busy", "kind": "load", "measure": {"of": "value"}, "usual": tables.document({0: {"source": "web"}}),
        "levels": [{"severity": "warning", "when": "> usual + 4 * spread"}],
    })  # fmt: skip
    rows = busy.select(pl.col("time").cast(pl.Datetime("us", "UTC")), "value", source=pl.lit("web"))
    raised = {one.due for one in backtest(rule, FrameHistory(rows, "load")).transitions if one.what == "raised"}
    above = tables.compared(busy).with_columns((pl.col("score") > 4).alias("above"))
    begins = above.filter("above", ~pl.col("above").shift(1).fill_null(False))["time"].to_list()
    assert len(begins) > 10
    assert {due // 60_000_000 for due in raised} == {time // 60_000_000 for time in begins}
