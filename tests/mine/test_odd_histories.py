"""Histories that are not as they should be: each gets a rule that is right, or a sentence that says why not."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from minerlib.errors import MineError
from minerlib.mine import Suggestion, Suggestions, suggest
from minerlib.mine.suggesting.look import look

START = datetime(2026, 3, 2, tzinfo=UTC)


def told(values: list[float], step: float = 300, source: str = "web", start: datetime = START) -> pl.DataFrame:
    """Values told every `step` seconds by one server."""
    times = [start + timedelta(seconds=n * step) for n in range(len(values))]
    return pl.DataFrame({"time": times, "source": source, "value": values}, schema_overrides={"value": pl.Float64})


def noise(count: int, middle: float = 50.0, seed: int = 1) -> list[float]:
    """A quiet machine."""
    rng = random.Random(seed)
    return [rng.gauss(middle, 2) for _ in range(count)]


def raised(one: Suggestion) -> list[datetime]:
    """When it raises."""
    return [datetime.fromtimestamp(alert.due / 1e6, UTC) for alert in one.backtest.alerts]


def of(found: Suggestions, shape: str) -> Suggestion:
    """The suggestion of a shape."""
    return next(one for one in found if one.shape.name == shape)


def test_two_cadences_get_a_window_that_holds_a_value_of_each() -> None:
    """A server told every minute and one told every ten: no window of either is empty."""
    fast, slow = told(noise(5 * 1440), 60, "fast"), told(noise(5 * 144, seed=2), 600, "slow")
    one = suggest(pl.concat([fast, slow]), "value", side="high", shapes="constant").best
    assert one.rule().measure is not None
    assert one.rule().measure.over >= 600_000_000  # type: ignore[union-attr]
    assert one.backtest.instances == 2


def test_values_told_twice_at_one_time_and_out_of_order_change_nothing() -> None:
    """The same rule as of the history in order, and each event once."""
    values = noise(10 * 288)
    values[1000:1012] = [90.0] * 12
    frame = told(values)
    twice = pl.concat([frame, frame]).sample(fraction=1.0, shuffle=True, seed=3)
    plain, doubled = (suggest(each, "value", side="high", shapes="constant", over="5m", every="5m", wait="5m").best
                      for each in (frame, twice))  # fmt: skip
    assert doubled.rule().levels == plain.rule().levels
    assert raised(doubled) == raised(plain)


def test_a_step_that_never_returns_is_one_alert_and_not_for_ever() -> None:
    """No suggestion fires from then on; the change itself is what is alerted on."""
    found = suggest(told(noise(1500) + noise(1380, 90.0, 2)), "value", alerts_per_day=0.3, shapes=("constant", "rate"))
    assert all(one.backtest.firing < 0.05 for one in found)
    rising = next(one for one in found if one.shape.name == "rate" and one.shape.sign > 0)
    step = START + timedelta(seconds=1500 * 300)
    assert any(abs(each - step) < timedelta(hours=1) for each in raised(rising))


@pytest.mark.parametrize("wraps", [True, False])
def test_a_counter_is_watched_by_what_it_rises_by(wraps: bool) -> None:
    """It begins anew twice, or wraps: no line is drawn through the count itself, nor an alert made of its fall."""
    rng = random.Random(5)
    total, values = 0.0, list[float]()
    for n in range(10 * 288):
        total += rng.uniform(900, 1100) * (20 if 1700 <= n < 1712 else 1)
        if wraps and total > 1_200_000:
            total -= 1_200_000
        if not wraps and n in (800, 2200):
            total = 0.0
        values.append(total)
    frame = told(values).rename({"value": "bytes"})
    found = suggest(frame, "bytes", alerts_per_day=0.3)
    assert {one.shape.name for one in found} <= {"rate", "absence"}
    rate = of(found, "rate")
    burst = START + timedelta(seconds=1700 * 300)
    assert [each for each in raised(rate) if abs(each - burst) < timedelta(hours=2)]
    assert rate.shape.sign > 0
    assert "only ever rises" in found.says


def test_the_hours_of_a_zone_are_kept_through_a_change_of_its_clocks() -> None:
    """Backups at 2 o'clock in Berlin, before and after the clocks are changed: usual there, and not so in UTC."""
    zone = ZoneInfo("Europe/Berlin")
    rng = random.Random(7)
    times = [START + timedelta(minutes=10 * n) for n in range(6 * 7 * 144)]  # the clocks change on 29 March
    values = [rng.gauss(20, 1) + (60 if time.astimezone(zone).hour == 4 else 0) for time in times]
    frame = pl.DataFrame({"time": times, "value": values})
    how: dict[str, Any] = {"side": "high", "shapes": "usual", "over": "10m", "wait": "0s", "alerts_per_day": 0.2}
    berlin = suggest(frame, "value", zone="Europe/Berlin", **how).best
    assert berlin.rule().usual is not None
    assert berlin.rule().usual.zone == "Europe/Berlin"  # type: ignore[union-attr]
    assert berlin.backtest.firing < 0.01
    at = look(frame, "value", zone="Europe/Berlin", **how)
    tables = at.candidates(measured=False)[0].learnt
    assert len(tables.of[0]["centre"]) == 24
    assert tables.of[0]["centre"][4] > 70


def test_an_instance_that_appears_or_ends_is_no_reason_for_alerts() -> None:
    """A server that is new, and one that is taken away: the others' line stays."""
    parts = [told(noise(10 * 288, seed=n), source=f"web-{n}") for n in range(3)]
    parts += [
        told(noise(288, seed=8), source="new", start=START + timedelta(days=9)),
        told(noise(288, seed=9), source="old"),
    ]
    one = suggest(pl.concat(parts), "value", side="high", shapes="constant", alerts_per_day=1).best
    assert one.backtest.instances == 5
    assert one.numbers["alerts"]["raised"] <= 10


def test_texts_are_counted_by_value() -> None:
    """How often each state is told: a burst of one of them is what alerts."""
    rng = random.Random(2)
    states = [rng.choices(["ok", "retry"], [0.98, 0.02])[0] for _ in range(6 * 1440)]
    states[5000:5060] = ["retry"] * 60
    times = [START + timedelta(minutes=n) for n in range(len(states))]
    one = suggest(pl.DataFrame({"time": times, "state": states}), "state", "job", alerts_per_day=0.5, side="high").best
    rule = one.rule()
    assert rule.by == ("source", "state")
    assert str(rule.where) == "state is not null"
    burst = [alert for alert in one.backtest.alerts if alert.instance["state"] == "retry"]
    assert any(abs(alert.due / 1e6 - times[5030].timestamp()) < 3600 for alert in burst)


def test_names_are_no_states() -> None:
    """Where nearly every text is another, the sentence says so."""
    times = [START + timedelta(minutes=n) for n in range(1000)]
    frame = pl.DataFrame({"time": times, "request": [f"id-{n}" for n in range(1000)]})
    with pytest.raises(MineError, match="holds 1,000 different texts; counted by value they are names"):
        suggest(frame, "request", "job")


def test_a_disk_that_fills_is_forecast() -> None:
    """It fills in four days, is cleaned, and fills faster once: the forecast is about the limit its name says."""
    values = [20 + 70 * (n % 1152) / 1152 for n in range(8 * 1152)]
    values[5000:5200] = [values[5000] + 0.3 * n for n in range(200)]
    values = [min(100.0, value) for value in values]
    frame = told(values).rename({"value": "used_pct"})
    one = suggest(frame, "used_pct", shapes="forecast", alerts_per_day=0.3).best
    assert one.rule().measure.to == 100.0  # type: ignore[union-attr]
    assert "used_pct at 100, going on as over the last" in one.says
    assert any(abs(each - (START + timedelta(seconds=5100 * 300))) < timedelta(hours=12) for each in raised(one))


def test_a_forecast_of_what_has_no_limit_needs_to_be_told_it() -> None:
    """The sentence says how."""
    with pytest.raises(MineError, match="say which with to="):
        suggest(told(noise(2000)), "value", shapes="forecast")
    one = suggest(told([float(n % 500) for n in range(5000)]), "value", shapes="forecast", to=600).best
    assert one.rule().measure.to == 600.0  # type: ignore[union-attr]


def test_times_before_1970_are_said_to_be_so() -> None:
    """They are no moments a rule knows; the values are not said to be 0."""
    with pytest.raises(MineError, match="holds no number since 1970"):
        suggest(told(noise(300), start=datetime(1, 1, 1, tzinfo=UTC)), "value")


def test_an_unusual_silence_is_alerted_on() -> None:
    """Told every five minutes, but for two hours once: longer than any reading is late."""
    frame = told(noise(10 * 288))
    hole = START + timedelta(days=6)
    frame = frame.filter(~pl.col("time").is_between(hole, hole + timedelta(hours=2)))
    one = suggest(frame, "value", "load", shapes="absence", alerts_per_day=0.2).best
    assert one.rule().missing is not None
    assert one.rule().missing.after == 20 * 60_000_000  # type: ignore[union-attr]
    assert [abs(each - hole) < timedelta(hours=1) for each in raised(one)] == [True]


def test_a_constant_may_still_fall_silent() -> None:
    """No line says more than that it is constant, but that it stops can be said."""
    frame = told([3.0] * 2880)
    with pytest.raises(MineError, match=r"is 3 all the time; .* see shapes=\('absence',\)"):
        suggest(frame, "value")
    assert suggest(frame, "value", shapes=("absence",)).best.rule().missing is not None
