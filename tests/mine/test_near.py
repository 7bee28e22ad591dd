"""A backtest of the instances near a line is the backtest of all of them."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minerlib.archive import Archive, load
from minerlib.errors import MineError
from minerlib.event.moment import from_datetime
from minerlib.mine.suggesting.look import look
from minerlib.mine.suggesting.near import folded
from minerlib.mine.suggesting.tries import SHAPES
from minerlib.rule import backtest

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


def frame(seed: int, hosts: int = 8, minutes: int = 400) -> pl.DataFrame:
    """Quiet hosts, two of them with a bad half hour or a silence; holes, nulls, and readings that come twice."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for host in range(hosts):
        bad, base = rng.randrange(minutes - 40), 10.0 + rng.randrange(3)
        for n in range(rng.randrange(20), minutes):
            value: float | None = base + rng.random()
            if host < 2 and bad <= n < bad + 30:
                value = 90.0 + rng.random() if rng.random() < 0.9 else None
            if rng.random() < 0.02 or (host == 2 and bad <= n < bad + 30):
                continue
            if rng.random() < 0.01:
                value = None
            time = START + timedelta(minutes=n, seconds=rng.randrange(50))
            rows += [{"time": time, "source": f"web-{host}", "used": value}] * (2 if rng.random() < 0.01 else 1)
    return pl.DataFrame(rows).sort("time")


def told(found: Any) -> dict[str, Any]:
    """All that a backtest says, but the numbers that rise over the transitions of all instances."""
    return {**found.to_dict(), "watched": found.watched, "ends": found.ends, "firings": len(found.firings)}


def compared(history: Any, **how: Any) -> int:
    """Each candidate's backtest, folded near its line and as a whole; how many alerts there were."""
    alerts = 0
    at = look(history, "used", "cpu.usage", alerts_per_day=8, **how)
    for one in at.candidates(measured=False):
        near = folded(at, one.shape, one.choice, one.scored, at.begin, at.end, None, whole=True)
        whole = backtest(at.rule(one), at.history, since=at.begin, until=at.end)
        assert told(near) == told(whole), one.shape
        alerts += len(whole.alerts)
    return alerts


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, "3h"]))
def test_it_says_and_counts_the_same(seed: int, since: str | None) -> None:
    """Every shape, to the last transition and count, with a begin and without."""
    try:
        assert compared(frame(seed), since=since) >= 0
    except MineError:
        assert since is not None


def test_an_archive_too(tmp_path: Path) -> None:
    """Of which only the sources near the line are read."""
    load(frame(1), "cpu.usage", scope="acme.web.prod", source_column="source", archive=tmp_path)
    assert compared(Archive(tmp_path)) > 0
    assert compared(Archive(tmp_path), since="3h", until="10m") > 0


def test_few_instances_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of eight come near."""
    at = look(frame(1), "used", "cpu.usage", alerts_per_day=8, shapes="constant", side="high")
    folds: list[set[str]] = []
    monkeypatch.setattr(type(at.history), "only", lambda self, sources, share: folds.append(set(sources)) or self)
    (one,) = at.candidates(measured=False)
    folded(at, one.shape, one.choice, one.scored, None, None, None, whole=True)
    assert folds == [{"web-0", "web-1"}]


@pytest.mark.parametrize("shape", [*SHAPES[:3], "absence"])
def test_where_every_instance_is_silent_the_stream_is(shape: str) -> None:
    """A hole in all of them is one alert of the whole stream, also when few are folded."""
    rows = frame(3).filter(~pl.col("time").is_between(START + timedelta(minutes=200), START + timedelta(minutes=260)))
    compared(rows, shapes=shape)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 300))
def test_from_a_moment_on_it_says_the_same(seed: int, minute: int) -> None:
    """Every alert raised behind it, by full windows."""
    at = look(frame(seed), "used", "cpu.usage", alerts_per_day=8)
    since = from_datetime(START + timedelta(minutes=minute))
    for one in at.candidates(measured=False):
        near = folded(at, one.shape, one.choice, one.scored, since, None, None)
        whole = backtest(at.rule(one), at.history, since=since)
        told = [[alert.id for alert in each.alerts if alert.reason != "primed"] for each in (near, whole)]
        assert told[0] == told[1], one.shape
