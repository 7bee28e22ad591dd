"""A season: whether hours and weekdays tell something, what is usual then, and a rule of it. All made data."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import numpy as np
import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import DAY, HOUR, MINUTE
from minerlib.mine import FrameHistory, season
from minerlib.mine.courses.swing import swing
from minerlib.mine.seasons.pattern import pattern
from minerlib.mine.seasons.zones import zoned
from minerlib.rule import backtest

from .courses import MONDAY, level, noise, told


def daily(days: Any) -> Any:
    """Highest at 6:00, lowest at 18:00."""
    return 50 + 5 * np.sin(2 * np.pi * days)


def weekly(days: Any) -> Any:
    """Work from Monday to Friday, quiet at weekends."""
    return 50 + 20 * (days % 7 < 5) * np.sin(np.pi * (days % 1))


def test_the_hour_of_the_day() -> None:
    """F is what a sine of that height is of all that varies, with the noise of half an hour's mean."""
    found = season(told(daily, 14, wide=3), "used_pct", every="30m")
    row = found.frame.row(0, named=True)
    expected = 12.5 / (12.5 + 9 / 3)  # the sine's variance, and that of a mean of three
    assert row["day_strength"] == pytest.approx(expected, abs=0.05)
    assert (row["day_chance"], row["size"]) == (0.005, 24)
    assert row["week_strength"] < 0.1
    assert (row["highest"] in (5, 6), row["lowest"] in (17, 18)) == (True, True)
    assert f"follows the hour of the day ({100 * row['day_strength']:.0f} % of what varies)" in found.says
    json.dumps(found.numbers)


def test_the_day_of_the_week() -> None:
    """Weekends differ: a table by hour of week, Saturday's noon as Sunday's, not as Monday's."""
    found = season(told(weekly, 28), "used_pct")
    assert found.frame["size"][0] == 168
    assert found.frame["week_strength"][0] > 0.5
    centre = found.tables.of[0]["centre"]
    assert [round(centre[24 * day + 12] or 0) for day in range(7)] == [70] * 5 + [50] * 2
    assert "the day of the week" in found.says


def test_noise_has_no_season() -> None:
    """Of 40 series that only remember, hardly one is said to follow hours or weekdays; each has one number."""
    frames = [told(level(50), 14, f"web-{n}", step=1800, seed=n, phi=0.9) for n in range(40)]
    found = season(pl.concat(frames), "used_pct")
    assert found.numbers["by_day"] + found.numbers["by_week"] <= 3
    assert found.numbers["tables"]["always"] >= 38


def test_another_period_is_told() -> None:
    """Every five and a half hours, to a tenth of an hour; noise that remembers has none."""
    found = season(told(lambda days: 10 + np.sin(2 * np.pi * days * 24 / 5.5), 14), "used_pct")
    assert found.numbers["other"]["period_s"] == pytest.approx(5.5 * 3600, abs=360)
    assert "returns every 5h3" in found.says
    assert season(told(level(50), 14, phi=0.95), "used_pct").numbers["other"] is None


def test_hours_are_the_zones_through_a_change_of_its_clocks() -> None:
    """A job at 2:30 in New York, whose clocks went back on 1 November 2026, is in one hour of the table."""
    zone = ZoneInfo("America/New_York")
    times = [MONDAY + timedelta(minutes=10 * n) for n in range(6 * 24 * 49)]
    busy = [100.0 if time.astimezone(zone).hour == 2 else float(n % 3) for n, time in enumerate(times)]
    found = season(pl.DataFrame({"time": times, "v": busy}), "v", zone="America/New_York", every="10m")
    centre = found.tables.of[0]["centre"]
    assert len(centre) == 24
    assert [hour for hour, value in enumerate(centre) if (value or 0) > 50] == [2]
    assert found.usual["zone"] == "America/New_York"
    with pytest.raises(SettingError, match="no time zone"):
        season(pl.DataFrame({"time": times, "v": busy}), "v", zone="Berlin")


def test_after_a_lasting_step_only_what_came_after_is_usual() -> None:
    """The level before is no longer usual."""
    found = season(told(lambda days: daily(days) + 100 * (days > 10), 20), "used_pct")
    assert abs(found.frame["stepped"][0] - (MONDAY + timedelta(days=10))) < timedelta(hours=5)
    assert min(centre or 0 for centre in found.tables.of[0]["centre"]) > 140


@pytest.mark.parametrize(("frame", "said"), [
    (told(level(7), 14, wide=0), "is 7 all the time"), (told(daily, 1), "less than three days"),
    (told(level(7), 14).head(1), "less than three days"), (told(level(7), 14), "does not depend on the hour"),
])  # fmt: skip
def test_what_has_no_season_says_so(frame: pl.DataFrame, said: str) -> None:
    """Constant, brief, one point, noise: one number is usual, its spread above nothing."""
    found = season(frame, "used_pct")
    assert said in found.says
    assert found.usual["of"][0]["instance"] == {"source": "web"}
    assert found.usual["of"][0]["spread"][0] > 0


def test_of_a_constant_no_rule_follows() -> None:
    """And says why; nor of an unknown kind, nor by half a side."""
    with pytest.raises(MineError, match="the same all the time"):
        season(told(level(7), 14, wide=0), "used_pct").rule()
    with pytest.raises(MineError, match="give kind="):
        season(told(daily, 14).drop("kind"), "used_pct").rule()
    with pytest.raises(SettingError, match="write high or low"):
        season(told(daily, 14), "used_pct").rule(side="up")


def test_what_is_no_number_is_refused() -> None:
    """Text, nothing at all, and what stands for nothing."""
    frame = told(daily, 3)
    with pytest.raises(MineError, match="numbers as large as"):
        season(pl.concat([frame, frame.head(1).with_columns(pl.lit(1.7e308).alias("used_pct"))]), "used_pct")
    with pytest.raises(MineError, match="holds text"):
        season(frame.with_columns(pl.lit("high").alias("used_pct")), "used_pct")
    with pytest.raises(MineError, match="holds no number"):
        season(frame.with_columns(pl.lit(None, pl.Float64).alias("used_pct")), "used_pct")


def test_two_of_other_cadence_each_have_their_own() -> None:
    """Unsorted, told twice: each has its own level, and pandas is given back."""
    frame = pl.concat(
        [told(daily, 14, "a"), told(lambda days: daily(days) + 100, 14, "b", step=3600), told(daily, 14, "a")]
    )
    found = season(frame.sample(fraction=1, shuffle=True, seed=2).to_pandas(), "used_pct")
    assert type(found.frame).__module__.startswith("pandas")
    levels = {
        found.extent.name(one): np.mean([c or 0 for c in table["centre"]]) for one, table in found.tables.of.items()
    }
    assert levels == {"a": pytest.approx(50, abs=0.5), "b": pytest.approx(150, abs=0.5)}


def test_the_rule_alerts_of_what_is_unusual_at_its_hour_only() -> None:
    """70 is Monday noon's usual; on Sunday it alerts, within its hours, and nothing else does in a week."""
    rule = season(told(weekly, 28, wide=1), "used_pct").rule(alerts_per_day=0.1)
    new = told(weekly, 7, wide=1, seed=9).with_columns(pl.col("time") + pl.duration(days=35))
    sunday = new["time"].dt.epoch("us") >= round((MONDAY + timedelta(days=41, hours=10)).timestamp() * 1e6)
    more = pl.when(sunday & (new["time"].dt.hour() < 14)).then(20).otherwise(0)
    odd = new.with_columns(pl.col("used_pct") + more)
    assert backtest(rule, FrameHistory(new, "disk.usage")).alerts == []
    alerts = backtest(rule, FrameHistory(odd, "disk.usage")).alerts
    assert len(alerts) == 1
    assert timedelta(days=41, hours=10) <= timedelta(microseconds=alerts[0].due) - timedelta(
        seconds=MONDAY.timestamp()
    ) <= timedelta(days=41, hours=12)  # fmt: skip


def test_low_sides_alert_of_what_is_low() -> None:
    """A rule below what is usual sees a day without work."""
    rule = season(told(weekly, 28, wide=1), "used_pct").rule(alerts_per_day=0.1, side="low")
    assert "usual -" in rule.to_dict()["levels"][0]["when"]
    idle = told(level(50), 1, wide=1).with_columns(pl.col("time") + pl.duration(days=35))
    assert len(backtest(rule, FrameHistory(idle, "disk.usage")).alerts) == 1


def test_more_instances_than_wanted_share_a_table() -> None:
    """The rule stays small."""
    frames = [told(daily, 10, f"web-{n}", seed=n) for n in range(4)]
    found = season(pl.concat(frames), "used_pct")
    assert "of" not in found.rule(most=3).to_dict()["usual"]
    assert len(found.rule(most=4).to_dict()["usual"]["of"]) == 4


def test_strength_is_that_of_the_formula() -> None:
    """Of a square wave and noise worked out by hand, a day's and a moving median's."""
    end = (np.arange(1, 24 * 30 + 1) * HOUR).astype(int)
    y = np.where(end // HOUR % 24 < 12, 3.0, -3.0) + noise(len(end), 4)
    cells = zoned(pl.DataFrame({"time": end}))
    told_ = pattern(end, cells["cell"].to_numpy(), cells["day"].to_numpy(), y, HOUR)
    assert told_.day == pytest.approx(9 / 10, abs=0.03)
    assert swing(end, y, HOUR, DAY).strength > 0.8
    assert swing(end, y, 7 * MINUTE, DAY).strength == 0


def test_the_chart_draws_five_of_many() -> None:
    """A row for each, hours by weekdays beside what is usual."""
    frames = [told(daily, 10, f"web-{n}", step=1800, seed=n, wide=1 + n) for n in range(7)]
    drawn = season(pl.concat(frames), "used_pct").chart()
    assert isinstance(drawn, alt.VConcatChart)
    said = drawn.to_dict()
    assert len(said["vconcat"]) == 5
    assert said["vconcat"][0]["hconcat"][0]["title"]["text"] == "web-0"
    assert "2 are not" in said["title"]["subtitle"][-1]


def test_a_history_longer_than_a_year_is_answered() -> None:
    """Steps are then looked for in days, and one stray time of 1970 does not keep anybody waiting."""
    days = pl.DataFrame({"time": pl.datetime_range(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC),
                                                   "6h", eager=True)})  # fmt: skip
    rows = days.with_columns(value=pl.col("time").dt.hour().cast(pl.Float64) + pl.int_range(pl.len()) % 5)
    stray = pl.DataFrame({"time": [datetime(1970, 1, 1, tzinfo=UTC)], "value": [3.0]}, rows.schema)
    for given in (rows, pl.concat([stray, rows])):
        assert season(given, "value", progress=False).numbers["days"] > 365
