"""What is in concert is found, who is first is told, and independent series are left alone."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from beside import files

from minerlib.errors import MineError, SettingError
from minerlib.mine import together

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday


def frame(rows: Any, every: int = 60, name: str = "v") -> pl.DataFrame:
    """One value every `every` seconds for each row, of sources s0, s1, ..."""
    times = [START + timedelta(seconds=every * n) for n in range(np.shape(rows)[1])]
    return pl.concat(
        [pl.DataFrame({"time": times, "source": f"s{n}", name: np.asarray(row, float)}) for n, row in enumerate(rows)]
    )


def events(*times: list[float], kind: str = "restart") -> pl.DataFrame:
    """Events of s0, s1, ... at these minutes."""
    return pl.DataFrame(
        [
            {"time": START + timedelta(minutes=at), "source": f"s{n}", "kind": kind}
            for n, each in enumerate(times)
            for at in each
        ]
    )


def noise(seed: int, rows: int, many: int = 1500) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, many))


def remembering(fresh: np.ndarray, phi: float = 0.9) -> np.ndarray:
    """AR(1) of what is new in each moment."""
    found = np.zeros_like(fresh)
    for at in range(1, fresh.shape[1]):
        found[:, at] = phi * found[:, at - 1] + fresh[:, at]
    return found


@pytest.fixture(scope="module")
def week(cloud: Any) -> dict[str, pl.DataFrame]:
    """Seven simulated days of seed 1, by kind."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for time, source, kind, body in cloud.simulate(seed=1):
        rows.setdefault(kind, []).append({"time": time, "source": source, **body})
    moment = pl.col("time").cast(pl.Datetime("us", "UTC"))
    return {kind: pl.DataFrame(some).with_columns(moment) for kind, some in rows.items()}


SHAPES = {
    "random walks": lambda seed: np.cumsum(noise(seed, 21), axis=1),
    "random walks with leaps": lambda seed: np.cumsum(np.random.default_rng(seed).standard_t(2.5, (21, 1500)), axis=1),
    "AR(1)": lambda seed: remembering(noise(seed, 21)),
    "noise without a mean (Cauchy)": lambda seed: np.random.default_rng(seed).standard_cauchy((21, 1500)),
    "noisy at the same hours": lambda seed: (
        noise(seed, 21, 4 * 1440) * (1.5 + np.sin(np.arange(4 * 1440) * 2 * np.pi / 1440)) ** 2
    ),
    "the same day": lambda seed: (
        noise(seed, 21, 5 * 1440) + 20 * np.sin(np.arange(5 * 1440) * 2 * np.pi / 1440) * (1 + np.arange(21)[:, None])
    ),
    "saw teeth": lambda seed: (
        np.cumsum(np.random.default_rng(seed).uniform(0.5, 1.5, (21, 1500)), axis=1)
        % (300 + 20 * np.arange(21)[:, None])
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_independent_series_are_not_in_concert(name: str) -> None:
    """Of three times 210 pairs none but for one time, where the usual correlation finds most random walks to be."""
    found = [together(frame(SHAPES[name](seed))) for seed in (11, 12, 13)]
    assert [each.numbers["pairs"] for each in found] == [210] * 3
    assert sum(each.numbers["in_concert"] > 0 for each in found) <= 1
    assert sum(each.numbers["in_concert"] for each in found) <= 2
    low = np.mean([(each.frame["p"] < 0.05).mean() for each in found])
    assert low < 0.07


def test_the_usual_correlation_would_have_found_most_random_walks_in_concert() -> None:
    """So the test above has something to resist."""
    r = np.corrcoef(SHAPES["random walks"](1))[np.triu_indices(21, 1)]
    z = np.abs(np.arctanh(r)) * np.sqrt(1500 - 3)
    assert (z > 1.96).mean() > 0.9


def test_the_share_of_false_findings_is_the_one_promised() -> None:
    """Sixty times twenty series, two pairs of them in concert: of what is found one in twenty is wrong, on average."""
    wrong: list[float] = []
    missed = 0
    for seed in range(60):
        rows = noise(seed, 20, 400)
        rows[1, 3:] += 0.6 * rows[0, :-3]
        rows[3] += 0.6 * rows[2]
        found = together(frame(rows)).frame.filter(pl.col("q") < 0.05)
        pairs = set(found.select("a", "b").rows())
        false = pairs - {("s0", "s1"), ("s2", "s3"), ("s3", "s2")}
        wrong.append(len(false) / max(1, len(pairs)))
        missed += 2 - len(pairs - false)
    assert np.mean(wrong) <= 0.05 + 2 * np.std(wrong) / np.sqrt(60)
    assert missed <= 1


def test_q_is_benjamini_and_hochbergs() -> None:
    """Of the i-th smallest p of m: the least p * m / i from there on, worked out by hand."""
    rows = noise(17, 12)
    rows[1] += 0.1 * rows[0]
    found = together(frame(rows)).frame
    p = found["p"].to_list()
    by_hand = [min(1.0, *(p[j] * len(p) / (j + 1) for j in range(i, len(p)))) for i in range(len(p))]
    assert found["q"].to_list() == pytest.approx(by_hand)


@pytest.mark.parametrize("phi", [0.0, 0.9, 1.0])
def test_what_follows_is_found_with_its_lag_and_its_sign(phi: float) -> None:
    """s5 follows s3 by seven minutes, s6 does the opposite of s5 three minutes later, whatever memory they have."""
    fresh = noise(4, 9)
    fresh[5, 7:] += 0.8 * fresh[3, :-7]
    fresh[6, 3:] -= 0.8 * fresh[5, :-3]
    found = together(frame(remembering(fresh, phi)))
    rows = {(row["a"], row["b"]): row for row in found.frame.filter(pl.col("q") < 0.05).iter_rows(named=True)}
    assert set(rows) == {("s3", "s5"), ("s5", "s6"), ("s3", "s6")}
    assert [rows[pair]["lag"] for pair in rows] == [{"s3s5": 420, "s5s6": 180, "s3s6": 600}[a + b] for a, b in rows]
    assert [rows[pair]["sign"] for pair in (("s3", "s5"), ("s5", "s6"), ("s3", "s6"))] == [1, -1, -1]
    expected = np.corrcoef(fresh[3, :-7], fresh[5, 7:])[0, 1]
    assert rows["s3", "s5"]["strength"] == pytest.approx(expected, abs=0.05)
    [group] = found.groups
    assert (group["members"], group["after"], group["leader"]) == (["s3", "s5", "s6"], [0, 420, 600], "s3")
    assert found.says == (
        "3 of 36 pairs of 9 series move together within 10m, more than chance explains; "
        "s3 is first, then s5 after 7m, s6 after 10m."
    )


def test_what_moves_at_once_has_no_leader() -> None:
    """Both are told, neither is first."""
    rows = noise(5, 4)
    rows[1] += rows[0]
    found = together(frame(rows))
    assert [(group["members"], group["leader"]) for group in found.groups] == [(["s0", "s1"], None)]
    assert "s0, s1 go together, and no one of them is always first." in found.says


def test_incidents_that_spread_are_found_in_the_order_in_which_they_did(
    cloud: Any, week: dict[str, pl.DataFrame]
) -> None:
    """In the simulated cloud each of four incidents, server by server, to the minute; and nothing else."""
    found = together(week["cpu.usage"])
    incidents: dict[int, list[tuple[int, str]]] = {}
    for label in cloud.truth(seed=1):
        if label["what"] == "incident":
            incidents.setdefault(label["incident"], []).append((label["start"], label["source"]))
    told = found.waves.rows(named=True)
    assert len(told) == len(incidents) == 4
    for wave, incident in zip(told, (sorted(each) for each in incidents.values()), strict=True):
        assert wave["members"] == [source for _, source in incident]
        begin = incident[0][0]
        assert wave["time"].timestamp() == pytest.approx(begin / 1e6, abs=60)
        assert wave["after"] == pytest.approx([(start - begin) / 1e6 for start, _ in incident], abs=60)


def test_a_server_that_comes_first_each_time_is_the_leader() -> None:
    """Five leaps of s2, each followed by s0 and s1; the others leap alone."""
    rows = noise(16, 6, 4000)
    for at in (500, 1200, 1900, 2600, 3300):
        for row, late in ((2, 0), (0, 3), (1, 6)):
            rows[row, at + late : at + late + 90] += 15
        for row in (3, 4, 5):
            rows[row, at + 100 + 90 * row : at + 130 + 90 * row] += 15
    found = together(frame(rows))
    [group] = found.groups
    assert (group["members"], group["after"]) == (["s2", "s0", "s1"], [0, 180, 360])
    assert (group["leader"], group["first_in"], group["waves"]) == ("s2", 5, 5)
    with pytest.raises(MineError, match=r"one measure, not two. s2 comes first; have a rule suggested for it"):
        found.rule()


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("memory.usage", {}),
        ("disk.usage", {"by": ("source", "mount")}),
        ("http.requests", {"fields": "count"}),
        ("firewall.drop", {"fields": ()}),
    ],
)
def test_what_only_has_the_same_day_and_week_is_not_in_concert(
    week: dict[str, pl.DataFrame], kind: str, how: dict[str, Any]
) -> None:
    """Memory, disks that fill and are cleaned, requests and drops of the simulated servers: none causes another."""
    found = together(week[kind], **how)
    assert found.numbers["in_concert"] == 0
    assert "nothing moves together within" in found.says
    with pytest.raises(MineError, match="nothing here comes before something else"):
        found.rule()


def test_events_that_follow_others_are_found() -> None:
    """Restarts of s1 four minutes after those of s0; s2 restarts when it likes."""
    rng = np.random.default_rng(7)
    first, other = (sorted(rng.choice(9000, 25, replace=False).tolist()) for _ in range(2))
    found = together(events(first, [at + 4 for at in first[:20]], other), every="1m", within="10m")
    row = found.frame.row(0, named=True)
    assert (row["a"], row["b"], row["how"], row["lag"]) == ("s0", "s1", "jumps", 240)
    assert row["strength"] > 0.8
    assert found.numbers["in_concert"] == 1


def test_what_both_do_at_three_each_night_is_no_finding() -> None:
    """A backup at three on both; its hour says so, not the other server. On shifting hours it would be found."""
    nights = [day * 1440 + 180 for day in range(10)]
    assert together(events(nights, nights), every="1m", within="10m").numbers["in_concert"] == 0
    shifting = [day * 1440 + 180 + 97 * (day % 7) + 11 * day for day in range(10)]
    assert together(events(shifting, shifting), every="1m", within="10m").numbers["in_concert"] == 1


def test_several_scans_are_looked_at_together() -> None:
    """Requests make load three minutes later; names are the dict's, and a field's events may be counted."""
    rows = noise(8, 2)
    rows[1, 3:] += 2 * rows[0, :-3]
    a, b = (frame(rows[n : n + 1], name=name).lazy() for n, name in ((0, "count"), (1, "used_pct")))
    found = together({"requests": (a, "count"), "cpu": (b, "used_pct")})
    assert found.frame.select("a", "b", "lag").rows() == [("requests", "cpu", 180.0)]


def test_the_19_metrics_of_a_real_service_go_together_the_same_way_in_two_halves_of_their_history() -> None:
    """What goes with what is not known, but what is found in 20 days is found in the 25 after that; m5 changed."""
    rows: list[dict[tuple[str, str], float]] = []
    for which in ("train", "test"):
        [path] = files("services", f"*_{which}.csv")
        table = pl.read_csv(path, infer_schema_length=None).with_columns(time=pl.col("step") * 300)
        found = together(table, [f"m{n}" for n in range(19)])
        assert found.numbers["left_out"] == ["m2 never changed"]
        strength = pl.col("strength") * pl.col("sign") * (pl.col("q") < 0.05)
        pairs = found.frame.select("a", "b", strength).iter_rows()
        rows.append({(min(a, b), max(a, b)): strength for a, b, strength in pairs})
    one, other = (np.array([half[pair] for pair in sorted(rows[0])]) for half in rows)
    assert np.corrcoef(one, other)[0, 1] > 0.9
    turned = {pair for pair, x, y in zip(sorted(rows[0]), one, other, strict=True) if abs(x) > 0.2 and x * y < 0}
    assert {name for pair in turned for name in pair if all(name in each for each in turned)} == {"m5"}


def test_the_same_dependency_told_twice_is_found() -> None:
    """Of eleven dependencies of a real service two are the same numbers: strength 1, at once."""
    tables = [
        pl.read_csv(path, schema_overrides={"Value": pl.Float64})
        .select(pl.col("TimeStamp").str.to_datetime(time_zone="UTC").alias("time"), "Value")
        .with_columns(source=pl.lit(path.stem))
        for path in files("mscloud", "middle-tier-api-dependency-latency/outbound-*.csv")
    ]
    row = together(pl.concat(tables)).frame.row(0, named=True)
    assert (row["a"], row["b"], row["lag"]) == ("outbound-10", "outbound-22", 0)
    assert row["strength"] == pytest.approx(1)


def test_a_finding_is_plain_and_gives_back_what_was_given() -> None:
    """pandas for pandas, numbers that are JSON, each number of the sentence among them."""
    table = frame(noise(9, 3)).to_pandas()
    found = together(table)
    assert isinstance(found.frame, pd.DataFrame)
    assert isinstance(found.waves, pd.DataFrame)
    assert json.loads(json.dumps(found.numbers)) == found.numbers
    assert (found.numbers["series"], found.numbers["buckets"], found.numbers["pairs"]) == (3, 1500, 3)
    assert (found.numbers["every_seconds"], found.numbers["within_seconds"]) == (60, 600)
    indexed = table.set_index("time").drop(columns="source").iloc[:1500].assign(w=lambda some: some["v"] * 2)
    assert together(indexed).frame.loc[0, ["a", "b"]].tolist() == ["v", "w"]


def test_order_and_repetition_of_rows_change_nothing() -> None:
    """Shuffled and doubled, the same."""
    table = frame(noise(10, 3))
    twice = pl.concat([table, table]).sample(fraction=1, shuffle=True, seed=1)
    assert together(twice).frame.equals(together(table).frame)


def test_counters_are_taken_as_what_they_rise_by_and_a_reset_is_not_seen() -> None:
    """Two counters that rise independently are not in concert, although both rise; one that copies another is."""
    rng = np.random.default_rng(11)
    rises = rng.poisson(50, (3, 1500))
    rises[2] = rises[0] + rng.poisson(5, 1500)
    rows = np.cumsum(rises, axis=1).astype(float)
    rows[:, 700:] -= rows[:, 700:701]  # all three start anew
    found = together(frame(rows))
    assert set(found.frame.filter(pl.col("q") < 0.05).select("a", "b").rows()[0]) == {"s0", "s2"}
    assert found.numbers["in_concert"] == 1
    assert found.numbers["waves"] == 0


def test_series_of_different_cadence_meet_in_the_wider_bucket() -> None:
    """One told each minute, one each five: five minutes."""
    rows = noise(12, 1, 3000)
    slow = rows[:, 2::5] + 0.1 * noise(13, 1, 600)
    found = together(pl.concat([frame(rows), frame(slow, 300).with_columns(source=pl.lit("slow"))]))
    assert found.numbers["every_seconds"] == 300
    assert found.frame["q"][0] < 1e-6


@pytest.mark.parametrize(("paces", "bucket"), [((1500, 1500), 1500), ((600, 1500), 3000)])
def test_buckets_that_would_hold_now_more_readings_and_now_fewer_make_no_concert(
    paces: tuple[int, int], bucket: int
) -> None:
    """Series that only rise and are cleaned, each at its own pace: their means beat with the bucket, not together."""
    dice, days = np.random.default_rng(21), 14
    tables = []
    for number in range(10):
        pace = paces[number % 2]
        at = np.arange(0, days * 86_400, pace)
        rows = (dice.uniform(0, 50) + at / 86_400 * dice.uniform(8, 25)) % 50 + dice.normal(35, 0.02, len(at))
        tables.append(frame(rows[None, :], pace).with_columns(source=pl.lit(f"disk{number}")))
    found = together(pl.concat(tables))
    assert found.numbers["in_concert"] <= 1
    assert found.numbers["every_seconds"] == bucket


def test_daylight_saving_changes_nothing() -> None:
    """A frame in Berlin's time over the change of October is the same as in UTC."""
    rows = noise(14, 3, 2000)
    table = frame(rows).with_columns(pl.col("time") + timedelta(days=292))
    berlin = table.with_columns(pl.col("time").dt.convert_time_zone("Europe/Berlin"))
    assert berlin["time"].dt.dst_offset().n_unique() == 2
    assert together(berlin).frame.equals(together(table).frame)


def test_what_is_left_out_is_said() -> None:
    """A constant, one told half of the time, and what is beyond the most that is looked at."""
    table = frame(noise(15, 4))
    table = table.with_columns(v=pl.when(pl.col("source") == "s0").then(3.0).otherwise("v"))
    early = (pl.col("source") != "s1") | (pl.col("time") < START + timedelta(minutes=400))
    assert together(table.filter(early)).says.endswith(
        " Left out: s0 never changed; s1 held nothing for more than half of the time."
    )
    found = together(frame(noise(15, 4)), most=3)
    assert found.numbers["left_out"] == ["1 series with fewer values than the 3 looked at (most=)"]
    assert found.numbers["pairs"] == 3


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (frame(noise(1, 1)), "two series that change to move together, and there is 1"),
        (frame(noise(1, 3)).clear(), "and there is none"),
        (frame(noise(1, 3)).with_columns(v=pl.lit(None, pl.Float64)), "and there is none"),
        (frame(noise(1, 3)).with_columns(v=pl.lit(float("nan"))), "and there is none"),
        (frame(np.ones((3, 100))), r"and there is none \(s0, s1, s2 never changed\)"),
        (frame(noise(1, 3, 20)), "holds 20 buckets of 1m; it takes 40"),
        (frame(noise(1, 3, 1)), "and there is none"),
        (frame(noise(1, 3)).with_columns(v=pl.lit("3 %")), "The field 'v' holds text, not numbers"),
        (frame(noise(1, 3)).rename({"v": "vv"}), r"There is no field 'v'; did you mean vv\?"),
    ],
)
def test_where_nothing_can_be_said_a_sentence_says_why(table: pl.DataFrame, said: str) -> None:
    """What there is, and what it takes."""
    with pytest.raises(MineError, match=said):
        together(table, "v")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"most": 1}, "most is 1: write how many"),
        ({"every": "0s"}, "every cannot be nothing"),
        ({"every": "1ms"}, "every=1ms makes .* buckets"),
        ({"within": "soon"}, "'soon' is not a duration"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused(how: dict[str, Any], said: str) -> None:
    """With what to write instead."""
    with pytest.raises(SettingError, match=said):
        together(frame(noise(1, 3)), **how)


def test_a_dict_says_its_fields_itself() -> None:
    """And it is not empty."""
    with pytest.raises(SettingError, match="Say the fields in the dict"):
        together({"a": (frame(noise(1, 2)), "v")}, "v")
    with pytest.raises(MineError, match="The dict is empty"):
        together({})


def test_the_chart_says_what_is_seen() -> None:
    """The map's title counts the pairs, each pair's says who follows; nothing found is nothing to draw."""
    rows = noise(4, 4)
    rows[1, 7:] += rows[0, :-7]
    drawn = json.dumps(together(frame(rows)).chart().to_dict())
    assert "1 pairs in concert" not in drawn
    assert "1 pair in concert" in drawn
    assert "s1 moves 7m after s0" in drawn
    assert '"type": "utc"' in drawn
    with pytest.raises(MineError, match="nothing to draw"):
        together(frame(noise(9, 3))).chart()
