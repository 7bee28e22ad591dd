"""What a node says of itself on a real stream: arrives, and is true."""

import sqlite3
from contextlib import closing

import polars as pl
import pytest

from minerlib.deploy.export import export
from minerlib.event.moment import MINUTE

from .bench import SCOPE, Bench, rule
from .processes import until


@pytest.fixture
def every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the bench, so that its host reads it."""
    monkeypatch.setenv("MINERLIB_STATS_SECONDS", "1")
    monkeypatch.setenv("MINERLIB_SOURCE", "here")


def numbers(bench: Bench, *names: str) -> tuple[float, ...]:
    """Some numbers of the newest `node.stats`."""
    frame = bench.rows("node.stats")
    return frame.select(names).row(-1) if frame.height else ()


def folded(bench: Bench, live_from: int, upto: int) -> int:
    """How many events the archive has from `live_from` to `upto`."""
    frame = bench.archive.scan("#", scope=SCOPE, own=True, repeats=True).collect()
    return frame.filter(pl.col("offset").is_between(live_from, upto)).height


def state_bytes(bench: Bench) -> int:
    with closing(sqlite3.connect(bench.folder / "node" / f"{SCOPE}.sqlite")) as db:
        columns = ("length(state)) from rules", "length(data)) from intakes")
        return sum(db.execute(f"select sum({column}").fetchone()[0] for column in columns)


def test_the_numbers_are_true(every_second: None, bench: Bench):
    """They count what happened, say how large the states are and how far behind; a node that starts begins at none."""
    until(lambda: numbers(bench, "rules", "events") == (0, 0), 20, "a node without rules says so")
    export(rule(80), bench.url)
    bench.began(1)
    for value, source, ago in ((90, "web", 0), (10, "db", 0), (20, "db", MINUTE), ("text", "web", 0)):
        bench.say(value, source, ago)  # type: ignore[arg-type]
    until(lambda: numbers(bench, "matched", "late", "faults", "instances") == (2, 1, 1, 2), 20, "they are counted")
    until(lambda: numbers(bench, "state_bytes") == (state_bytes(bench),), 20, "the states are as large as they are")

    began = bench.rows("node.began").row(0, named=True)
    said = bench.rows("node.stats").row(-1, named=True)
    assert (said["source"], said["node"], said["stream"]) == ("here", "here", SCOPE)
    assert said["epoch"] == began["epoch"]
    assert said["events"] == folded(bench, int(began["live_from"]), int(said["body.offset"])) > 0
    assert said["rules"] == 1
    assert 0 <= said["lag_seconds"] < 5
    assert 0 <= said["lag_offsets"] < 20
    assert said["time"] == said["seen"]

    bench.stop("host")
    since = numbers(bench, "since")
    bench.say(95)
    bench.start_host()
    until(lambda: numbers(bench, "since") != since, 20, "the next node speaks")
    until(lambda: numbers(bench, "matched", "late", "faults", "rules", "instances") == (1, 0, 0, 1, 2), 20, "it counts")


def test_a_rule_may_watch_a_node(every_second: None, bench: Bench):
    """Named, and only then: a rule of everything does not see it; one that falls behind is in time when it says so."""
    watch = rule(-1).to_dict() | {"rule": "node-rules", "kind": "node.stats", "measure": {"of": "rules"}}
    everything = rule(-1).to_dict() | {"rule": "everything", "kind": "#", "measure": {"of": "rules"}}
    for each in (watch, everything):
        export(rule().from_dict(each), bench.url)
    bench.began(2)
    until(lambda: bench.rows("alert.node-rules").height == 1, 20, "the one that names it is raised")
    until(lambda: numbers(bench, "matched")[0] > 2, 20, "two more were matched")
    assert bench.rows("alert.everything").is_empty()
    assert numbers(bench, "late") == (0,)
