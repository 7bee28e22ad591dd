"""A field in buckets: what whoever adds it up by hand gets, in however many parts it is read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

import minerlib.mine.given as reading
from minerlib.errors import MineError, SettingError
from minerlib.event.moment import HOUR, MINUTE, SECOND
from minerlib.mine.courses.counter import increases
from minerlib.mine.courses.resample import resample
from minerlib.mine.given import given

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


def rows(values: list[Any], seconds: list[float], **more: Any) -> pl.DataFrame:
    """Values at seconds after 4:00."""
    return pl.DataFrame({"time": [START + timedelta(seconds=one) for one in seconds], "v": values, **more})


def test_a_bucket_is_what_a_window_of_a_rule_is() -> None:
    """(T - every, T], at T: the value at 4:01:00 belongs to the minute that ends then, unsorted rows or not."""
    frame = rows([3.0, 1.0, 8.0, 5.0, float("nan"), None], [60, 1, 61, 30, 31, 32])
    found = resample(given(frame), "v", every=MINUTE).frame
    assert found.drop("instance").rows() == [
        (START + timedelta(minutes=1), 3, 3.0, 1.0, 5.0, 1.0, 3.0),
        (START + timedelta(minutes=2), 1, 8.0, 8.0, 8.0, 8.0, 8.0),
    ]


def test_parts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read at once or in many parts, by instance; a counter's rates too."""
    random = np.random.default_rng(1)
    seconds = np.sort(random.integers(0, 7200, 3000)).astype(float).tolist()
    frame = rows(np.cumsum(random.integers(0, 9, 3000)).tolist(), seconds, source=random.choice(["a", "b"], 3000))
    frame = frame.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    whole = resample(given(frame), "v", every=10 * MINUTE, counter=True).frame
    monkeypatch.setattr(reading, "_ROWS", 250)
    parts = given(frame.lazy())
    assert len(parts.map(lambda part: part.select(pl.len()))) > 10
    found = resample(parts, "v", every=10 * MINUTE, counter=True).frame
    assert found.drop("rate").equals(whole.drop("rate"))
    assert found["rate"].to_list() == pytest.approx(whole["rate"].to_list())


def test_a_counters_rate_makes_up_for_resets_and_wraps() -> None:
    """One a second all along, reset after an hour and a half, wrapped after three: still one a second."""
    seconds = np.arange(0, 6 * 3600, 10)
    true = np.where(seconds < 5400, seconds + 100, seconds - 5400)
    wrapping = (true + np.where(seconds < 5400, 0, 2**32 - 7000)) % 2**32
    found = resample(given(rows(wrapping.tolist(), seconds.tolist())), "v", every=HOUR, counter=True).frame
    rates = found["rate"].to_list()
    assert rates[0] is None
    assert rates[1:2] + rates[3:] == pytest.approx([1.0] * (len(rates) - 2))


def test_a_counter_that_falls_from_the_middle_was_reset() -> None:
    """It rose by what it shows now."""
    found = increases(pl.LazyFrame({"i": [0] * 4, "value": [5.0, 2.0**31, 7.0, 8.0]}), ["i"]).collect()
    assert found["rose"].to_list() == [0, 2**31 - 5, 7, 1]


def test_the_length_of_a_bucket_is_one_that_a_person_writes() -> None:
    """A day told every 10 s in at most 100 buckets is 15 minutes each; never shorter than the time between values."""
    frame = rows([1.0] * 8640, [10.0 * n for n in range(8640)])
    assert resample(given(frame), "v", buckets=100).every == 15 * MINUTE
    assert resample(given(frame), "v", buckets=10**6).every == 10 * SECOND


def test_without_a_source_all_is_one_instance() -> None:
    """And with one it is by source, those told most often first."""
    assert resample(given(rows([1.0, 2.0], [0, 60])), "v").frame["instance"].to_list() == [0, 0]
    found = resample(given(rows([1.0, 2.0, 3.0], [0, 60, 90], source=["a", "b", "b"])), "v").extent
    assert [found.name(one) for one in (0, 1)] == ["b", "a"]
    assert resample(given(rows([1.0, 2.0, 3.0], [0, 60, 90], source=["a", "b", "b"])), "v", most=1).extent.left_out == 1


def test_keys_are_what_they_were() -> None:
    """A rule is about port 22, not about the text 22."""
    frame = rows([1.0, 2.0], [0, 60], port=[22, 22], up=[True, True], name=["a", "a"])
    found = resample(given(frame), "v", by=("port", "up", "name")).extent
    assert found.keys(0) == {"port": 22, "up": True, "name": "a"}


@pytest.mark.parametrize(("values", "said"), [
    (["a", "b"], "holds text, not numbers"), ([None, None], "holds no number"), ([float("nan")] * 2, "holds no number"),
])  # fmt: skip
def test_what_is_no_number_is_said(values: list[Any], said: str) -> None:
    """In a sentence."""
    with pytest.raises(MineError, match=said):
        resample(given(rows(values, [0, 60])), "v")


def test_no_rows_and_no_such_field_are_said() -> None:
    """With the nearest name."""
    with pytest.raises(MineError, match="holds no number"):
        resample(given(rows([1.0], [0]).clear()), "v")
    with pytest.raises(MineError, match="did you mean"):
        resample(given(rows([1.0], [0], used_pct=1.0)), "usd_pct")
    with pytest.raises(SettingError, match="cannot hold"):
        resample(given(rows([1.0], [0])), "v", by="v")


def test_more_than_memory_should_hold_is_refused() -> None:
    """Before anything is read."""
    frame = rows([1.0, 2.0] * 2, [0, 1e8] * 2, source=["a", "a", "b", "b"])
    with pytest.raises(MineError, match="take a longer every="):
        resample(given(frame), "v", every=SECOND)
