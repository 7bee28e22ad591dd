"""Incidents: bursts beyond chance, joined over sources, and the quiet left quiet."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND
from minerlib.mine import FrameHistory, incidents
from minerlib.mine.bursts.joined import learned
from minerlib.mine.bursts.unusual import unusual
from minerlib.rule import backtest

START = datetime(2026, 11, 2, tzinfo=UTC)
WEEK = 2016  # buckets of five minutes


def frame_of(cloud: Any, kind: str, **how: Any) -> pl.DataFrame:
    """The simulated readings of one kind."""
    rows = [
        {"time": at, "source": host, "kind": what, **body}
        for at, host, what, body in cloud.simulate(**how)
        if what == kind
    ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))


def events(counts: dict[str, Any], seed: int = 1) -> pl.DataFrame:
    """So many events of each source in each five minutes of a week, at random times within."""
    rng, rows = np.random.default_rng(seed), list[pl.DataFrame]()
    for source, many in counts.items():
        seconds = np.repeat(np.arange(len(many)) * 300, many) + rng.uniform(0, 300, int(np.sum(many)))
        rows.append(pl.DataFrame({"time": np.sort(seconds) + START.timestamp(), "source": [source] * len(seconds)}))
    return pl.concat(rows)


def steady(rng: np.random.Generator, rate: float, **bursts: tuple[int, int, float]) -> Any:
    """Poisson counts, with bursts of (first bucket, last bucket, rate)."""
    mean = np.full(WEEK, rate)
    for first, last, much in bursts.values():
        mean[first : last + 1] = much
    return rng.poisson(mean)


def matched(bursts: pl.DataFrame, labels: list[dict[str, Any]]) -> tuple[int, int]:
    """How many labels have a burst at their source and time, how many bursts have a label."""
    found = bursts.select("source", pl.col("begin", "end").dt.epoch("us")).rows()
    pairs = {
        (n, m)
        for n, label in enumerate(labels)
        for m, (source, begin, end) in enumerate(found)
        if source == label["source"] and begin < label["end"] and end > label["start"]
    }
    return len({n for n, _ in pairs}), len({m for _, m in pairs})


@pytest.mark.parametrize("seed", [7, 8])
def test_every_attack_in_the_simulated_cloud_is_an_incident_and_nothing_else_is(cloud: Any, seed: int) -> None:
    """Precision and recall of one, on seeds that nothing was chosen on."""
    labels = [label for label in cloud.truth(seed) if label["what"] == "attack"]
    found = incidents(frame_of(cloud, "firewall.drop", seed=seed))
    assert matched(found.bursts, labels) == (len(labels), found.bursts.height)


@pytest.mark.parametrize("seed", [7, 8])
def test_incidents_that_spread_are_one_with_their_sources_in_order(cloud: Any, seed: int) -> None:
    """Of errors in requests: each incident whole, begun within two minutes of the truth, no other."""
    labels = [label for label in cloud.truth(seed) if label["what"] == "incident"]
    found = incidents(frame_of(cloud, "http.requests", seed=seed), weight="errors")
    assert matched(found.bursts, labels) == (len(labels), found.bursts.height)
    for number, row in enumerate(found.frame.rows(named=True), 1):
        mine = sorted((label for label in labels if label["incident"] == number), key=lambda label: label["start"])
        assert row["order"].split(", ") == [label["source"] for label in mine]
        assert abs(row["begin"].timestamp() * 1e6 - mine[0]["start"]) < 2 * MINUTE
        assert row["sources"] == len(mine)


def test_chance_alone_makes_no_incident() -> None:
    """Steady sources of any rate, sources with a day's rhythm, sources that scatter more than Poisson: ten weeks."""
    rng, hours = np.random.default_rng(4), np.arange(WEEK) * 2 * np.pi / 288
    found = 0
    for week in range(10):
        counts = {f"steady{n}": rng.poisson(np.full(WEEK, 10 ** rng.uniform(-2, 1))) for n in range(4)}
        counts |= {f"rhythm{n}": rng.poisson(5 * (1 + 0.8 * np.sin(hours))) for n in range(4)}
        if week % 2:
            counts |= {f"noisy{n}": rng.poisson(3 * rng.gamma(2, 0.5, WEEK)) for n in range(2)}
        found += incidents(events(counts, week), over="5m").numbers["incidents"]
    assert found <= 2


def test_a_burst_is_told_with_what_was_expected() -> None:
    """Twenty a bucket for half an hour, where two are usual; the peak is in events a minute."""
    rng = np.random.default_rng(2)
    found = incidents(events({"web": steady(rng, 2, a=(1000, 1005, 20)), "db": steady(rng, 2)}), over="5m")
    row = found.frame.row(0, named=True)
    assert found.frame.height == 1
    assert row["order"] == "web"
    assert row["begin"] >= START + timedelta(seconds=300_000)
    assert row["end"] <= START + timedelta(seconds=300 * 1008)
    assert 80 < row["events"] < 160
    assert 10 < row["expected"] < 14
    assert 4 <= row["peak"] <= 7
    assert found.says.startswith("1 incident in 6d23h")
    assert "none reached a second one" in found.says


def test_what_is_beyond_chance_is_that_of_poisson() -> None:
    """For one steady source: strong exactly where SciPy's tail of the mean is below chance over the buckets."""
    rng = np.random.default_rng(6)
    x = rng.poisson(4, 5000)
    x[[100, 200, 300]] = 14, 18, 40
    counts = pl.DataFrame({"instance": 0, "bucket": np.arange(5000), "x": x.astype(float)}).filter(pl.col("x") > 0)
    found = unusual(counts, 0, 4999, MINUTE, 0.05)
    strong = found.filter("strong")["x"].to_list()
    mean = np.delete(x, [200, 300]).mean()
    least = next(many for many in range(100) if poisson.sf(many - 1, mean) < 0.05 / 5000)
    assert strong == [value for value in (18.0, 40.0) if value >= least]
    assert found["expected"][0] == pytest.approx(mean, rel=0.02)


def test_overlapping_bursts_are_one_incident_and_later_ones_another() -> None:
    """Three sources within ten minutes, one alone a day later."""
    rng = np.random.default_rng(3)
    counts = {
        "a": steady(rng, 1, x=(500, 510, 30)), "b": steady(rng, 1, x=(502, 512, 30)),
        "c": steady(rng, 1, x=(505, 507, 30)), "d": steady(rng, 1, x=(600, 605, 30)), "e": steady(rng, 1),
    }  # fmt: skip
    found = incidents(events(counts), over="5m")
    assert found.frame["order"].to_list() == ["a, b, c", "d"]
    assert found.numbers["widest"] == 3
    assert found.bursts.select("incident", "source").rows() == [(0, "a"), (0, "b"), (0, "c"), (1, "d")]
    assert incidents(events(counts), over="5m", gap="2d").frame["order"].to_list() == ["a, b, c, d"]


def test_one_source_busy_a_third_of_the_time_is_still_told() -> None:
    """What is usual is not learnt from the bursts."""
    rng = np.random.default_rng(5)
    found = incidents(events({"a": steady(rng, 2, x=(100, 250, 60)), "b": steady(rng, 2)}), over="5m")
    assert found.frame["order"].to_list() == ["a"]
    assert found.frame["expected"][0] < 151 * 4


def alerts(minutes: list[float], **more: Any) -> pl.DataFrame:
    """Alerts at these minutes."""
    times = [START + timedelta(minutes=minute) for minute in minutes]
    return pl.DataFrame({"time": times, "kind": ["alert.disk"] * len(times), **more})


def test_alerts_near_to_each_other_are_an_incident() -> None:
    """Storms of minutes, hours apart: the gap is learnt, the first kind and value are told."""
    minutes = [hour * 60 + n for hour in (0, 7, 15, 40) for n in (0, 0.5, 1.2, 2, 2.1)]
    frame = alerts(minutes, source=["a", "b", "a", "c", "c"] * 4, value=[float(n) for n in range(20)])
    found = incidents(frame)
    assert found.frame["events"].to_list() == [5, 5, 5, 5]
    assert found.frame["order"].to_list() == ["a, b, c"] * 4
    assert found.frame["first_value"].to_list() == [0, 5, 10, 15]
    assert found.frame["first_kind"].unique().to_list() == ["alert.disk"]
    assert found.numbers["gap_learned"]
    assert found.numbers["share"] == 1
    assert incidents(frame, gap="30s").frame.height > 4


def test_only_what_raised_is_counted_of_alerts_that_say_what_they_did() -> None:
    """A cleared one begins nothing."""
    found = incidents(alerts([0, 1, 300], what=["raised", "cleared", "cleared"]), gap="5m")
    assert found.frame["events"].to_list() == [1]


def test_a_gap_is_learnt_where_there_are_two_sorts_of_them() -> None:
    """Seconds within and hours between: something in the middle. All alike: five minutes, and it is said."""
    near = np.cumsum(np.tile([2 * SECOND] * 9 + [3 * HOUR], 20))
    gap, known = learned(pl.Series(near))
    assert known
    assert 2 * SECOND < gap < 3 * HOUR
    assert learned(pl.Series(np.arange(100) * MINUTE)) == (5 * MINUTE, False)
    random = np.cumsum(np.random.default_rng(1).exponential(10 * MINUTE, 500))
    assert learned(pl.Series(random)) == (5 * MINUTE, False)
    assert learned(pl.Series([0, DAY])) == (5 * MINUTE, False)


def test_the_rule_raises_at_every_incident(cloud: Any) -> None:
    """Of errors, at three alerts a day: all fifteen, and what the evidence says is what a backtest finds."""
    frame = frame_of(cloud, "http.requests")
    labels = [label for label in cloud.truth() if label["what"] == "incident"]
    rule = incidents(frame, weight="errors").rule(alerts_per_day=3)
    raised = backtest(rule, FrameHistory(frame, "http.requests")).alerts
    assert len(raised) == rule.evidence["alerts"]["earlier"] + rule.evidence["alerts"]["later"] == len(labels)
    for label in labels:
        assert any(a.instance["source"] == label["source"] and label["start"] < a.due < label["end"] for a in raised)


def test_the_rule_of_alerts_counts_them_all_together() -> None:
    """An alert storm, whoever raised."""
    minutes = [day * 1440 + n for day in range(10) for n in range(1 + 9 * (day in (3, 8)))]
    rule = incidents(alerts(minutes, source="a", what="raised")).rule(alerts_per_day=0.2)
    assert rule.to_dict()["by"] == []
    assert str(rule.where) == "what in ('raised', 'escalated', 'flapping')"
    assert rule.evidence["alerts"] == {"wanted_a_day": 0.2, "earlier": 1, "later": 1}


def test_no_source_no_kind_no_matter() -> None:
    """All of it is one; pandas is given back; first_kind is empty."""
    rng = np.random.default_rng(2)
    frame = events({"web": steady(rng, 2, a=(1000, 1005, 20))}).drop("source").to_pandas()
    found = incidents(frame, over="5m")
    assert type(found.frame).__module__.startswith("pandas")
    assert list(found.frame["order"]) == ["all"] or list(found.frame["order"]) == [""]
    assert found.chart().to_json()


@pytest.mark.parametrize(
    ("frame", "how", "said"),
    [
        (pl.DataFrame({"time": [], "source": []}), {}, "no events in this history"),
        (alerts([0, 1], errors=[-1, 2]), {"weight": "errors"}, "negative values"),
        (alerts([0, 1]), {"weight": "errors"}, "There is no field 'errors'"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(frame: pl.DataFrame, how: dict[str, Any], said: str) -> None:
    """What it is."""
    with pytest.raises(MineError, match=said):
        incidents(frame, **how)


@pytest.mark.parametrize("seconds", [[0], [0, 0, 0], list(range(50)), [0, 86400]])
def test_few_events_are_no_incident(seconds: list[int]) -> None:
    """One, several at one moment, a steady minute; there is nothing to draw, and that is said."""
    found = incidents(pl.DataFrame({"time": seconds}))
    assert found.numbers["incidents"] == 0
    assert found.says.startswith("No incident in ")
    with pytest.raises(MineError, match="no incident to draw"):
        found.chart()


def test_all_of_a_weight_may_be_nothing() -> None:
    """No errors at all: no incident."""
    found = incidents(pl.DataFrame({"time": [0, 60, 120], "errors": [0, None, 0]}), weight="errors")
    assert found.says == "No incident in 2m: no errors, nowhere far more than usual."


def test_a_chance_is_between_nothing_and_one() -> None:
    """What else could be meant?"""
    with pytest.raises(SettingError, match=r"0\.05 say"):
        incidents(pl.DataFrame({"time": [0]}), chance=1)
