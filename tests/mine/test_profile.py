"""The first look: what is there, what could be `by` and what to measure, what is odd."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from minerlib.archive import Archive
from minerlib.errors import MineError, SettingError
from minerlib.mine import Profile, profile

from .made import START, archived, every, frame


def disks(hours: float = 50) -> pl.DataFrame:
    """Two mounts of each of five servers by the minute; a counter that starts anew once, a state, a constant."""
    dice, parts = random.Random(1), list[pl.DataFrame]()
    for server in range(5):
        for mount in ("/", "/var"):
            times, written = every(60, hours, [(20, 21)]), 0
            rows: list[dict[str, Any]] = []
            for number, time in enumerate(times):
                written = 0 if number == 900 else written + dice.randrange(100)
                rows.append({
                    "time": time, "source": f"web-{server}", "kind": "disk.usage", "mount": mount, "fs": "ext4",
                    "state": dice.choice(["ok", "ok", "busy"]), "used_pct": round(dice.uniform(20, 99), 1),
                    "writes": written, "idle_ratio": dice.random(), "code": str(dice.randrange(400, 600)),
                    "io": {"wait": dice.gauss(0, 1), "depth": {"now": dice.randrange(9)}}, "tags": ["a", "b"],
                    "maybe": dice.random() if dice.random() < 0.25 else None,
                })  # fmt: skip
            parts.append(pl.DataFrame(rows, schema_overrides={"time": pl.Datetime("us", "UTC")}))
    return pl.concat(parts)


@pytest.fixture(scope="module")
def found() -> Profile:
    return profile(disks())


def row(found: Profile, name: str) -> dict[str, Any]:
    return found.frame.filter(field=name).row(0, named=True)


def test_a_row_for_each_field_nested_ones_by_dotted_names(found: Profile) -> None:
    """In the order of the columns; what is the event's own is none."""
    assert sorted(found.frame["field"]) == [
        "code", "fs", "idle_ratio", "io.depth.now", "io.wait", "maybe", "mount", "state", "tags", "used_pct", "writes",
    ]  # fmt: skip
    types = dict(found.frame.select("field", "type").rows())
    assert (types["mount"], types["used_pct"], types["tags"]) == ("text", "number", "list")


def test_ranges_shares_and_values_are_those_of_the_frame(found: Profile) -> None:
    """Counted, where there are few rows."""
    rows = disks()
    used = row(found, "used_pct")
    assert (used["min"], used["max"]) == (rows["used_pct"].min(), rows["used_pct"].max())
    assert used["p95"] == pytest.approx(np.quantile(rows["used_pct"], 0.95), abs=0.1)
    assert used["distinct"] == rows["used_pct"].n_unique()
    assert used["exact"]
    maybe = row(found, "maybe")
    assert maybe["present"] == rows["maybe"].count() / rows.height
    assert maybe["null"] == 1 - maybe["present"]
    assert row(found, "fs")["constant"]
    assert row(found, "fs")["examples"] == ["ext4"]
    assert row(found, "state")["examples"] == ["ok", "busy"]


def test_what_could_be_by_and_what_to_measure(found: Profile) -> None:
    """What splits a source into series that go by the clock is `by`; a state does not."""
    assert found.by == ["source", "mount"]
    assert found.numbers["labels"] == ["state"]
    assert found.measures == ["used_pct", "writes", "idle_ratio", "maybe", "io.wait", "io.depth.now"]
    looks = found.numbers["looks"]
    assert looks == {
        "used_pct": "percentage", "writes": "counter", "idle_ratio": "ratio", "maybe": "ratio",
        "code": "numbers as text",
    }  # fmt: skip
    assert "by source and mount; state may tell groups apart" in found.says


def test_the_rhythm_is_that_of_the_series(found: Profile) -> None:
    """Not of the source, which tells two mounts at once."""
    assert (found.numbers["usual"], found.numbers["sources"], found.numbers["events"]) == (60, 5, 29_400)
    assert found.sources.filter(source="web-3")["usual"].to_list() == [60]
    assert found.sources["regular"].min() > 0.99
    assert "a series tells every 60 s, by the clock" in found.says


def test_what_is_odd_is_said(found: Profile) -> None:
    """A hole, what is not always there, text of numbers, what never changes."""
    holes, lacking, text, constant = found.numbers["odd"]
    assert holes == "1 hole without any event, the longest about 1.02 h"
    assert lacking.startswith("not in every event: maybe (7")
    assert text == "text that holds numbers: code"
    assert constant == "always the same: fs"


def test_regular_events_of_one_series_are_not_split() -> None:
    """A label that goes round by the clock is not `by`."""
    rows = frame({"a": every(60, 24)}).with_columns(turn=pl.Series(["x", "y"] * 720), used=pl.Series(range(1440)))
    assert profile(rows).by == ["source"]


def test_events_without_a_clock_are_said_to_be_so() -> None:
    dice = np.random.default_rng(1)
    times = [START + timedelta(seconds=float(at)) for at in dice.exponential(60, 3_000).cumsum()]
    assert "irregularly" in profile(frame({"a": times})).says


def test_late_and_ahead_and_not_finite() -> None:
    """Beside the clock of the stream, and beside numbers."""
    rows = frame({"a": every(60, 24)}).with_columns(used=pl.Series([1.0, float("inf"), float("nan"), 2.0] * 360))
    moved = pl.Series([timedelta(seconds=10)] * 36 + [timedelta(0)] * 1332 + [timedelta(minutes=-2)] * 72)
    odd = profile(rows.with_columns(seen=pl.col("time") + moved)).numbers["odd"]
    assert odd == [
        "2.5 % of the events came more than 5 s late", "5.0 % have a time more than a minute ahead of the clock",
        "720 values that are no finite number",
    ]  # fmt: skip


def test_doubled_events_are_odd() -> None:
    rows = frame({"a": every(60, 24)}).with_columns(used=pl.Series(np.arange(1440.0) % 7))
    assert profile(pl.concat([rows, rows[:144]])).numbers["odd"] == [
        "9.1 % of the events have the time of another one of their series"
    ]


def bodies(number: int) -> dict[str, Any]:
    """A field of two types, a list, a null, a nested object."""
    body: dict[str, Any] = {"used": "much" if number % 10 == 3 else number, "cpu": {"user": number % 7}, "tags": [1]}
    return body | ({"owner": None} if number % 4 == 0 else {}) | ({"extra": 1.5} if number % 2 else {})


def test_an_archive_tells_null_missing_and_mixed_apart(tmp_path: Path) -> None:
    """What does not fit a column is looked for in `rest`."""
    archive = archived(tmp_path, [(60.0 * n, "a", bodies(n)) for n in range(200)], sealed=120)
    found = profile(archive.scan("disk.usage"))
    used, owner, extra, tags = (row(found, name) for name in ("used", "owner", "extra", "tags"))
    assert (used["type"], used["present"], used["missing"]) == ("number, text", 1, 0)
    assert (owner["type"], owner["null"], owner["missing"]) == ("null", 0.25, 0.75)
    assert (extra["present"], extra["missing"], extra["constant"]) == (0.5, 0.5, False)
    assert (tags["type"], tags["examples"]) == ("list", ["[1]"] * len(tags["examples"]))
    assert row(found, "cpu.user")["max"] == 6
    assert "of several types: used" in found.says
    assert found.numbers["kinds"] == {"disk.usage": 200}


def test_a_pattern_of_kinds(tmp_path: Path) -> None:
    """A field's shares are those of the kinds that have it; one that is text in one of them is text that often
    holds numbers."""
    archived(tmp_path, [(60.0 * n, "a", {"used": n, "state": n}) for n in range(60)], kind="disk.usage")
    archived(tmp_path, [(60.0 * n, "a", {"load": 0.5 * n, "state": "ok"}) for n in range(40)], kind="cpu.load")
    found = profile(Archive(tmp_path).scan("#"))
    assert found.numbers["kinds"] == {"cpu.load": 40, "disk.usage": 60}
    assert "100 events of 2 kinds" in found.says
    assert (row(found, "used")["present"], row(found, "used")["kinds"]) == (1, "disk.usage")
    assert row(found, "state")["kinds"] == "cpu.load, disk.usage"
    assert row(found, "state")["looks"] == "some numbers"


def test_a_sample_of_many_rows_says_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and ranges are exact all the same; and it is the same sample the next time."""
    rows = disks()
    monkeypatch.setattr("minerlib.mine.profiling.survey.SAMPLE", 3_000)
    monkeypatch.setattr("minerlib.mine.profiling.rhythm.ROWS", 12_000)
    heard: list[tuple[int, int]] = []
    found = profile(rows.lazy(), progress=lambda done, of: heard.append((done, of)))
    whole = profile(rows)
    assert heard[-1] == (rows.height, rows.height)
    assert 2_000 < found.numbers["looked_at"]["rows"] < 4_000
    assert found.numbers["looked_at"]["sources"] == 5
    same = ("field", "type", "present", "null", "min", "max", "constant", "looks", "use")
    assert found.frame.select(same).rows() == whole.frame.select(same).rows()
    assert (found.by, found.measures, found.numbers["usual"]) == (whole.by, whole.measures, 60)
    used = row(found, "used_pct")
    assert not used["exact"]
    assert used["p50"] == pytest.approx(row(whole, "used_pct")["p50"], abs=4)
    assert row(found, "state")["distinct"] == 2
    again = profile(rows.lazy())
    assert again.frame.equals(found.frame)
    assert again.says == found.says


def test_pandas_with_columns_of_several_types() -> None:
    """Given back as pandas; what is now a number and now text is text."""
    rows = disks(2).filter(source="web-1").to_pandas().set_index("time")[["used_pct", "mount"]]
    rows["mixed"] = [1, "x", None, 2.5, 3] * (len(rows) // 5)
    found = profile(rows)
    assert type(found.frame).__module__.startswith("pandas")
    assert found.numbers["sources"] is None
    assert found.by == ["mount"]
    mixed = found.frame.set_index("field").loc["mixed"]
    assert (mixed["type"], mixed["present"], mixed["looks"]) == ("text", 0.8, "some numbers")


def test_fields_called_anything(tmp_path: Path) -> None:
    """A pattern of Polars, an event's own column, a blank."""
    names = ["*", "^f.*$", "source", "time of day", "f0"]
    archive = archived(tmp_path, [(60.0 * n, "a", dict.fromkeys(names, n)) for n in range(20)])
    found = profile(archive.scan("disk.usage"))
    assert found.frame["field"].to_list() == names
    assert found.frame["max"].to_list() == [19] * 5


def test_a_column_seen_that_is_no_time_is_no_clock() -> None:
    """A frame of anybody's may count how often something was seen."""
    rows = frame({"a": every(60, 100)})
    found = profile(rows.with_columns(seen=pl.Series(range(rows.height))))
    assert "late" not in found.says
    assert found.frame.filter(field="seen")["max"].item() == rows.height - 1


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (frame({"a": []}), MineError, "no rows to look at"),
        (pl.DataFrame({"used": [1]}), MineError, "no column of times"),
        (3, SettingError, "A int is no history"),
    ],
)
def test_what_cannot_be_looked_at(data: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        profile(data)


def test_one_event_and_nothing_but_nulls() -> None:
    """Said as it is; no rule follows."""
    one = profile(frame({"a": every(60, 1)[:1]}).with_columns(used=pl.lit(None)))
    assert one.says == (
        "1 event of cpu.usage from 1 source, 2026-11-02 00:00 to 2026-11-02 00:00 UTC. No field holds numbers that "
        "vary, by source. Odd: not in every event: used (100 %)."
    )
    with pytest.raises(MineError, match="No rule follows"):
        one.rule()


def test_the_chart_is_small_and_tells_how_much_it_leaves_out(found: Profile) -> None:
    """A few hundred bars over time, and a small histogram of each measure up to twelve."""
    drawn = found.chart().to_dict()
    assert len(drawn["vconcat"]) == 3
    bars = drawn["datasets"][drawn["vconcat"][0]["data"]["name"]]
    assert sum(bar["events"] for bar in bars) == 29_400
    assert 100 < len(bars) <= 301
    assert [small["title"]["text"] for small in drawn["vconcat"][1]["hconcat"]] == found.measures[:4]
    wide = frame({"a": every(60, 1)}).with_columns(pl.Series(f"m{n}", range(60)) for n in range(15))
    assert profile(wide).chart().to_dict()["vconcat"][0]["title"]["subtitle"][-1] == "3 more measures are not drawn"


@pytest.mark.parametrize("values", [[1.7e308, -1.7e308], [1.8446744073709552e19, 1.8446744073709550e19]])
def test_numbers_too_far_apart_or_too_near_for_bins_are_drawn_as_one(values: list[float]) -> None:
    """What stands for none, and counts of nanoseconds."""
    rows = frame({"a": every(60, 100)})
    rows = rows.with_columns(used=pl.Series(values * rows.height).head(rows.height))
    assert "used" in profile(rows).chart().to_json()
