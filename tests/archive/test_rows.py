"""An archive read by column is to a rule what its events are."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minerlib.archive import Archive, seal
from minerlib.event.moment import SECOND
from minerlib.rule import Events, Rule, Stream, backtest
from minerlib.rule.batch import Batch
from minerlib.rule.select import Selection

from .made import NOON, SCOPE, event, write

E1 = Stream(SCOPE, "e1")
VALUES: list[Any] = [1, 2.5, 0, -0.0, None, True, "text", [1], {"b": 3}, 2**60 + 1, 10**400, "1"]
BODIES: list[Any] = [{"v": v, "w": w} for v in VALUES for w in (1, "x", None)] + [
    {}, {"a.b": 1}, {"a": {"b": 2}, "v": 1}, {"source": "s", "v": 2}, {"V": 1}, [1, 2], 3, {"v": 1, "": 2},
]  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"measure": {"of": "v"}},
    {"measure": {"of": "v", "agg": "mean", "over": "10s"}, "by": ["source", "w"]},
    {"measure": {"of": "a.b", "agg": "max", "over": "10s"}},
    {"measure": {"agg": "count", "over": "10s"}, "where": "w = 1 and v > 0", "by": []},
    {"measure": {"of": "v", "agg": "distinct", "over": "10s"}, "kind": "#"},
    {"measure": {"of": "body.source"}, "lateness": "1s"},
    {"measure": {"of": "v", "agg": "last", "over": "10s"}, "where": "source <> 'b'", "by": ["kind", "source"]},
]


@pytest.fixture(params=["today", "sealed", "both"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Archive:
    """A few hundred events of bodies of all sorts, some late, of the future, raw, said twice."""
    dice = random.Random(7)
    events = [
        event(
            n, dice.choice(BODIES), source=dice.choice("abc"),
            kind=dice.choice(["cpu.usage", "cpu.usage", "disk.usage"]),
            time=NOON + n * SECOND - dice.choice([0, 0, 0, 9, -90]) * SECOND, seen=NOON + n * SECOND,
            raw=b"?" if dice.random() < 0.05 else None, repeat=dice.random() < 0.05,
        )
        for n in range(400)
    ]  # fmt: skip
    events = [each if each.raw is None else event(each.offset, None, kind=each.kind, raw=b"?") for each in events]
    write(tmp_path, events[:200])
    if request.param != "today":
        seal(tmp_path, SCOPE)
    write(tmp_path, events[200:])
    if request.param == "sealed":
        seal(tmp_path, SCOPE)
    return Archive(tmp_path)


def told(found: list[Selection]) -> tuple[Any, ...]:
    """All that was selected, in an order of its own."""
    rows = sorted(
        repr((row[0], row[1], row[2], each.keys[row[3]], *row[4:]))
        for each in found
        for row in zip(*(np.full(each.rows.size, 0) if c is None else c for c in each.rows), strict=True)
    )
    counts = sum((Counter(each.counts) for each in found), Counter[str]())
    faults = sorted(repr(fault) for each in found for fault in each.faults)
    return rows, counts, sorted(source for each in found for source in each.late), faults


@pytest.mark.parametrize("said", RULES, ids=lambda said: str(said["measure"]))
def test_by_column_as_by_event(archive: Archive, said: dict[str, Any]) -> None:
    """Times, values, instances, what is counted, what is faulty."""
    levels = [{"severity": "info", "when": "> 1"}]
    rule = Rule.from_dict({"rule": "r", "kind": "cpu.usage", "scope": SCOPE, "levels": levels, **said})
    by_event = [Batch(events).select(rule) for events in archive.events(E1, rule.kinds)]
    by_column = [batch.select(rule) for batch in archive.batches(E1, rule.kinds, fields=rule.fields)]
    for one, other in zip(told(by_column), told(by_event), strict=True):
        assert one == other
    assert sum(len(each.rows.time) for each in by_column) >= 10


def test_batches_are_bounded(archive: Archive) -> None:
    """By the clock, `[since, until)`, and by offset, the last included."""

    def offsets(**cut: int) -> list[int]:
        found = [batch.select(rule).rows.offset.tolist() for batch in archive.batches(E1, "cpu.usage", **cut)]
        return sorted(offset for some in found for offset in some)

    rule = Rule.from_dict({
        "rule": "r", "kind": "cpu.usage", "scope": SCOPE, "ahead": "1h", "lateness": "1h",
        "measure": {"agg": "count", "over": "10s"}, "levels": [{"severity": "info", "when": "> 1"}],
    })  # fmt: skip
    every = offsets()
    assert offsets(first=100, last=300) == [offset for offset in every if 100 <= offset <= 300]
    within = offsets(since=NOON + 50 * SECOND, until=NOON + 60 * SECOND)
    assert within == [offset for offset in every if 50 <= offset < 60]


def test_an_instance_is_retired_by_an_event_of_the_archive(tmp_path: Path):
    """What a rule is told to forget it hears of, though no field of its own stands in that event."""
    events = [event(n) for n in range(20)]
    events[10] = event(10, {"rule": "r", "instance": {"source": "web-1"}}, kind="rule.retire", source="ops")
    write(tmp_path, events)
    seal(tmp_path, SCOPE)
    said = {"rule": "r", "kind": "cpu.usage", "scope": SCOPE, "measure": {"of": "value"}}
    rule = Rule.from_dict(said | {"levels": [{"severity": "warning", "when": "> 3"}]})
    found = [each.what for each in backtest(rule, Archive(tmp_path)).transitions]
    assert found == [each.what for each in backtest(rule, Events(events)).transitions]
    assert found.count("retired") == 1
