"""Heavy hitters: who they are, who is new, who has gone, and the rule that bans them."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, top
from minerlib.mine import given as given_module
from minerlib.mine.suggesting import counted as counted_module
from minerlib.rule import backtest

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = 86400


def drops(rows: list[tuple[float, str]], **more: Any) -> pl.DataFrame:
    """Events of (seconds since START, source_ip)."""
    times = [START + timedelta(seconds=second) for second, _ in rows]
    return pl.DataFrame(
        {"time": times, "source_ip": [ip for _, ip in rows], **more}, schema_overrides={"source_ip": pl.String}
    )


@pytest.fixture(scope="module")
def fortnight() -> pl.DataFrame:
    """Two weeks: a talks always, b only in the first week, c only in the second."""
    rows = [(day * DAY + n, "a") for day in range(15) for n in range(5)]
    rows += [(day * DAY + n, "b") for day in range(6) for n in range(9)]
    rows += [(day * DAY + n, "c") for day in range(10, 15) for n in range(4)]
    return drops(rows)


def test_the_most_frequent_come_first_with_their_share(fortnight: pl.DataFrame) -> None:
    """75, 54 and 20 of 149 events."""
    found = top(fortnight, "source_ip", n=2)
    assert found.frame["source_ip"].to_list() == ["a", "b"]
    assert found.frame["count"].to_list() == [75, 54]
    assert found.frame["share"].to_list() == pytest.approx([75 / 149, 54 / 149])
    assert found.frame["cumulative"].to_list() == pytest.approx([75 / 149, 129 / 149])
    assert found.frame["per_hour"][0] == pytest.approx(75 / (14 * 24 + 4 / 3600))
    assert found.numbers["top_share"] == pytest.approx(129 / 149)
    assert (found.numbers["distinct"], found.numbers["half"]) == (3, 1)
    assert found.says == (
        "a leads with 75 of 149 events (50 %); the top 2 hold 87 %, and 1 of the 3 values of source_ip make half. "
        "New in the last 7d: 1, foremost c with 20 events."
    )


def test_newcomers_and_vanished_are_told_by_the_last_week(fortnight: pl.DataFrame) -> None:
    """c was never seen before the last seven days, b has not been seen in them; ranks say how places changed."""
    found = top(fortnight, "source_ip")
    assert found.newcomers["source_ip"].to_list() == ["c"]
    assert found.vanished["source_ip"].to_list() == ["b"]
    ranks = {
        ip: (before, now) for ip, before, now in found.frame.select("source_ip", "rank_before", "rank_recent").rows()
    }
    assert ranks == {"a": (2, 1), "b": (1, None), "c": (None, 2)}


def test_the_last_span_begins_just_behind_its_first_moment() -> None:
    """What was first seen exactly seven days before the end had been seen before the span."""
    found = top(drops([(0, "a"), (DAY, "edge"), (DAY + 1, "inside"), (8 * DAY, "a")]), "source_ip")
    assert found.newcomers["source_ip"].to_list() == ["inside"]
    assert dict(found.frame.select("source_ip", "recent").rows()) == {"a": 1, "edge": 0, "inside": 1}


def test_a_short_history_is_quartered_and_says_so() -> None:
    """Four hours: the last one is the last span."""
    found = top(drops([(n * 60, "a") for n in range(241)] + [(3.5 * 3600, "n")]), "source_ip")
    assert found.numbers["since_last"] == "1h"
    assert "New in the last 1h, a quarter of this short history: 1, foremost n with 1 event." in found.says


def test_each_group_has_its_own_ranks_and_shares() -> None:
    """By source: a leads on one, b on the other; nothing is added up over them."""
    frame = drops([(n, "ab"[n % 3 == 0]) for n in range(30)] + [(n, "b") for n in range(9)])
    frame = frame.with_columns(source=pl.Series(["w1"] * 30 + ["w2"] * 9))
    found = top(frame, "source_ip", by="source", n=1).frame
    assert found.select("source", "source_ip", "count", "rank").rows() == [("w1", "a", 20, 1), ("w2", "b", 9, 1)]
    assert found["share"].to_list() == pytest.approx([20 / 30, 1.0])


def test_several_fields_are_one_value() -> None:
    """Port and protocol together; whole floats are said as integers."""
    frame = drops(
        [(n, "x") for n in range(5)], port=[22.0, 22.0, 53.0, 53.0, 53.0], protocol=["tcp", "tcp", "udp", "udp", "tcp"]
    )
    found = top(frame, ["port", "protocol"])
    assert found.frame.select("port", "protocol", "count").rows()[0] == (22.0, "tcp", 2)
    assert found.says.startswith("22 tcp leads with 2 of 5 events")


def test_a_weight_sums_what_it_names() -> None:
    """Bytes by talker: one large event outweighs many small; null and NaN weigh nothing."""
    frame = drops([(n, ip) for n, ip in enumerate("aaab")], bytes=[1.0, None, float("nan"), 99.0])
    found = top(frame, "source_ip", weight="bytes")
    assert found.frame.select("source_ip", "count", "events").rows() == [("b", 99.0, 1), ("a", 1.0, 1)]
    assert found.says.startswith("b leads with 99 of 100 bytes (99 %)")


def test_beyond_the_bound_no_count_is_wrong_by_more_than_the_error_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 values of a long tail, fifty kept between parts: counts are lower bounds, and the error holds."""
    monkeypatch.setattr(given_module, "_ROWS", 5_000)
    rng = random.Random(3)
    values = [str(int(rng.paretovariate(0.6)) % 20_000) for _ in range(60_000)]
    frame = drops([(n, ip) for n, ip in enumerate(values)]).with_columns(pl.col("time").dt.cast_time_unit("us"))
    truth = Counter(values)
    found = top(frame.lazy(), "source_ip", n=20, bound=50)
    error = found.numbers["error"]
    assert error > 0
    assert found.numbers["events"] == 60_000
    for ip, said in found.frame.select("source_ip", "count").rows():
        assert said <= truth[ip] <= said + error
    assert "too many values to keep all" in found.says
    again = [f"{block % 4} {n}" for block in range(12) for _ in range(30 * (block + 1)) for n in range(50)]
    come = drops([(n, ip) for n, ip in enumerate(again)]).with_columns(pl.col("time").dt.cast_time_unit("us"))
    monkeypatch.setattr(given_module, "_ROWS", 6_000)
    low = top(come.lazy(), "source_ip", n=20, bound=50)
    truth = Counter(again)
    said = dict(low.frame.select("source_ip", "count").rows())
    assert all(many < truth[ip] <= many + low.numbers["error"] for ip, many in said.items())


def test_in_parts_the_same_is_counted_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Firsts, lasts and ranks too, of a long tail."""
    rng = random.Random(3)
    values = [str(int(rng.paretovariate(0.6)) % 20_000) for _ in range(60_000)]
    frame = drops([(n, ip) for n, ip in enumerate(values)]).with_columns(pl.col("time").dt.cast_time_unit("us"))
    monkeypatch.setattr(given_module, "_ROWS", 5_000)
    truth = Counter(values)
    exact = top(frame.lazy(), "source_ip", n=20)
    assert exact.frame.equals(top(frame, "source_ip", n=20).frame)
    assert exact.numbers["error"] == 0
    assert exact.frame["count"].to_list() == sorted(truth.values(), reverse=True)[:20]


def test_pandas_is_given_back_and_its_index_may_be_the_time(fortnight: pl.DataFrame) -> None:
    """The same numbers, in the frame's own kind."""
    pandas = fortnight.to_pandas().set_index("time")
    found = top(pandas, "source_ip")
    assert type(found.frame).__module__.startswith("pandas")
    assert list(found.newcomers["source_ip"]) == ["c"]
    assert found.numbers == top(fortnight, "source_ip").numbers


@pytest.mark.parametrize(
    ("frame", "how", "said"),
    [
        (drops([]), {"field": "source_ip"}, "no events in this history"),
        (drops([(0, "a")], ip=[None]), {"field": "ip"}, "is empty in all of these events"),
        (drops([(0, "a")], ip=[[1]]), {"field": "ip"}, "holds lists or objects"),
        (drops([(0, "a")]), {"field": "source_ib"}, "did you mean source_ip?"),
        (drops([(0, "a")], weight=["x"]), {"field": "source_ip", "weight": "weight"}, "holds text, not numbers"),
        (drops([(0, "a")], weight=[-1]), {"field": "source_ip", "weight": "weight"}, "below zero"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_by_a_sentence(frame: pl.DataFrame, how: dict[str, Any], said: str) -> None:
    """What it is, and what to do."""
    with pytest.raises(MineError, match=said):
        top(frame, **how)


def test_arguments_that_cannot_be_meant_are_refused(fortnight: pl.DataFrame) -> None:
    """No place, the field in its own groups, nothing as a span."""
    for how in ({"n": 0}, {"by": "source_ip"}, {"since_last": "0"}):
        with pytest.raises(SettingError):
            top(fortnight, "source_ip", **how)


def test_one_event_is_an_answer() -> None:
    """It leads with all there is, and nobody is new, as nothing was before."""
    found = top(drops([(0, "a")]), "source_ip")
    assert found.says.startswith("a leads with 1 of 1 event (100 %). All at one moment, so nobody can be called new.")


def test_a_field_called_like_a_number_of_ours_keeps_its_name() -> None:
    """The count then has a dot behind it; the chart is drawn all the same."""
    found = top(drops([(n, "a") for n in range(3)], count=[7, 7, 8]), "count")
    assert found.frame.select("count", "count.").rows() == [(7, 2), (8, 1)]
    assert "7" in found.chart().to_json()


def test_the_rule_bans_the_attackers_of_the_simulated_cloud_and_nobody_else(cloud: Any) -> None:
    """One alert for each of seven attacks among 28,514 addresses: chosen on five days, as true on the two after."""
    rows = [
        {"time": at, "source": host, **body} for at, host, kind, body in cloud.simulate() if kind == "firewall.drop"
    ]
    frame = pl.DataFrame(rows).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    rule = top(frame, "source_ip").rule(alerts_per_day=2, kind="firewall.drop")
    attackers = [label["source_ip"] for label in cloud.truth() if label["what"] == "attack"]
    alerts = backtest(rule, FrameHistory(frame, "firewall.drop")).alerts
    assert sorted(alert.instance["source_ip"] for alert in alerts) == sorted(attackers)
    assert rule.evidence["alerts"] == {"wanted_a_day": 2, "earlier": 6, "later": 1}
    assert rule.to_dict()["measure"] == {"agg": "count", "over": "10m", "every": "2m"}


def test_a_line_that_no_history_can_hold_lies_above_all_that_was_seen() -> None:
    """Ten minutes of events, one alert a day: nothing of the past would have alerted."""
    frame = drops([(n, "a") for n in range(600)])
    rule = top(frame, "source_ip").rule(over="1m", kind="firewall.drop")
    assert rule.evidence["line"]["most_seen"] == 60
    assert float(str(rule.levels[0].when).split()[-1]) > 60
    assert rule.evidence["alerts"]["earlier"] == 0


def test_small_instances_let_go_for_memory_do_not_change_the_line(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for a tenth of the panes the attackers are banned by the same rule."""
    rows = [
        {"time": at, "source": host, **body} for at, host, kind, body in cloud.simulate() if kind == "firewall.drop"
    ]
    frame = pl.DataFrame(rows).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    whole = top(frame, "source_ip").rule(alerts_per_day=2, kind="firewall.drop")
    monkeypatch.setattr(counted_module, "PANES", 3_000)
    small = top(frame, "source_ip").rule(alerts_per_day=2, kind="firewall.drop")
    assert small.evidence["alerts"] == whole.evidence["alerts"]
    assert small.evidence["history"]["instances"] < 1_000


def test_a_rule_needs_to_know_the_kind(fortnight: pl.DataFrame) -> None:
    """A frame without one says so; a kind that is not there is not taken."""
    with pytest.raises(SettingError, match=r"give it, \.rule\(kind="):
        top(fortnight, "source_ip").rule()
    with pytest.raises(SettingError, match="There is no kind 'cpu'"):
        top(fortnight.with_columns(kind=pl.lit("firewall.drop")), "source_ip").rule(kind="cpu")


def test_the_chart_marks_newcomers_and_draws_few_groups(fortnight: pl.DataFrame) -> None:
    """Bars with their counts; of eight groups six."""
    drawn = top(fortnight, "source_ip").chart().to_json()
    assert "20 events, 13 %" in drawn
    assert '"seen": "new"' in drawn
    groups = pl.concat([fortnight.with_columns(source=pl.lit(f"w{n}")) for n in range(8)])
    assert len(top(groups, "source_ip", by="source").chart().to_dict()["vconcat"]) == 6
