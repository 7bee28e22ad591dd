"""The nightly check on a real stream and a real archive, as the archiver starts it."""

import sqlite3
import threading
from contextlib import closing
from typing import Any

import polars as pl
import pytest

from minerlib.bus.publish import Publisher
from minerlib.deploy.export import export
from minerlib.event.moment import DAY, HOUR, now, rfc3339
from minerlib.nodes.nightly import run_nightly, verify_night
from minerlib.nodes.replay import replay

from .bench import SCOPE, Bench, rule
from .processes import until


@pytest.fixture
def every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the bench, so that its host reads it: a check goes as far as its numbers say."""
    monkeypatch.setenv("MINERLIB_STATS_SECONDS", "1")


def bodies(bench: Bench, kind: str) -> list[dict[str, Any]]:
    """What was said, in the order of the stream."""
    streams = bench.archive.streams()
    return [event.body for stream in streams for part in bench.archive.events(stream, kind) for event in part]


def checked(bench: Bench, kind: str) -> dict[str, Any]:
    """Verify, and what that said last."""
    before = bench.rows(kind).height
    verify_night(bench.url, bench.archive.path, SCOPE, now() - HOUR, threading.Event(), bench.said.append)
    until(lambda: bench.rows(kind).height > before, 20, f"{kind} is archived")
    return bodies(bench, kind)[-1]


def folded(bench: Bench) -> None:
    """Wait until a node said that it has folded what is archived now, and a second more."""
    wanted = bench.rows("alert.hot").row(-1, named=True)["seen"] + pl.Series([2_000_000]).cast(pl.Duration("us"))[0]
    until(lambda: bench.rows("node.stats")["seen"].max() > wanted, 20, "the node has come further")


def test_a_night(every_second: None, bench: Bench):
    """Equal: said so. One alert that no rule said, one that is not archived: an alert. And archiving goes on."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: len(bench.alerts()) == 1, 20, "it raises")
    bench.say(10)
    until(lambda: len(bench.alerts()) == 2, 20, "it clears")
    folded(bench)

    night, stop = now() - HOUR, threading.Event()
    clocks = {SCOPE: now() - DAY}
    nightly = (bench.url, bench.archive.path, night % DAY, clocks, stop, bench.said.append)
    thread = threading.Thread(target=run_nightly, args=nightly)
    thread.start()
    stop.wait(1.5)
    assert bench.rows("node.verified").is_empty()
    clocks[SCOPE] = now()
    until(lambda: bench.rows("node.verified").height == 1, 30, "the night is verified")
    stop.set()
    thread.join()
    (said,) = bodies(bench, "node.verified")
    assert {name: said[name] for name in ("rules", "published", "equal")} == {"rules": 1, "published": 2, "equal": True}
    assert (said["stream"], said["since"]) == (SCOPE, rfc3339(night - DAY - HOUR))

    (first,) = (body for body in bodies(bench, "alert.hot") if body["what"] == "raised")
    with Publisher(bench.url, "vandal") as publisher:
        publisher.publish(SCOPE, "web", "alert.hot", {**first, "id": "0" * 32})
    until(lambda: len(bench.alerts()) == 3, 20, "the false one is archived")
    said = checked(bench, "alert.replay-differs")
    assert (said["instance"], said["severity"], said["what"]) == ({"rule": "hot"}, "critical", "raised")
    assert (said["extra"], said["missing"], said["first_extra"]) == (1, 0, ["0" * 32])

    (file,) = (bench.archive.path / SCOPE).glob("*.sqlite")
    gone = bench.rows("alert.hot").filter(pl.col("id") == first["id"])["offset"].item()
    with closing(sqlite3.connect(file)) as db, db:
        assert db.execute("delete from events where offset = ?", (gone,)).rowcount == 1
    said = checked(bench, "alert.replay-differs")
    assert (said["extra"], said["missing"], said["first_missing"]) == (1, 1, [first["id"]])
    assert bench.rows("node.verified").height == 1
    (run,) = replay(bench.archive)
    assert (run.missing, run.extra) == ([first["id"]], ["0" * 32])


def test_a_node_that_is_away_differs_in_nothing(every_second: None, bench: Bench):
    """What happens meanwhile it will say when it is back; until then the check goes as far as it had come."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: len(bench.alerts()) == 1, 20, "it raises")
    folded(bench)
    bench.stop("host")
    bench.say(10)
    until(lambda: bench.rows("tick")["seen"].max() > bench.rows("x.value")["seen"].max(), 20, "the clock is past it")
    threading.Event().wait(4)
    (run,) = replay(bench.archive)
    assert len(run.missing) == 1  # by the archive's own clock it is missing
    said = checked(bench, "node.verified")
    assert (said["published"], said["equal"]) == (1, True)
    bench.start_host()
    until(lambda: len(bench.alerts()) == 2, 20, "it clears")
    folded(bench)
    assert checked(bench, "node.verified")["published"] == 2
