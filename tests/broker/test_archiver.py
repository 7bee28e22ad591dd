"""The archiver on a real stream: what it could not have is written down."""

import itertools
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import polars as pl

from minerlib.archive import Archive
from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import stream_name
from minerlib.errors import ArchiveError
from minerlib.event.moment import now
from minerlib.nodes.archiver import archive_stream
from minerlib.nodes.clock import learn, prepare, tick_body

from .processes import Process, until


class Archiving:
    """An archiver of one stream, as a thread of the test."""

    def __init__(self, url: str, scope: str, root: Path) -> None:
        self.stop, self.publisher = threading.Event(), Publisher(url, "archiver")
        arguments = (url, scope, root, self.publisher, Counter(), self.stop, print)
        self.thread = threading.Thread(target=archive_stream, args=arguments)

    def __enter__(self) -> "Archiving":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        self.publisher.close()


def highest(archive: Archive, scope: str) -> int:
    try:
        return archive.scan("x.y", scope=scope).collect()["n"].max() or 0
    except ArchiveError:
        return -1


def test_what_retention_took_is_recorded(broker_url: str, scope: str, tmp_path: Path):
    """An archiver that slept too long says which offsets it will never have, in the archive and on the stream."""
    small = {"x-queue-type": "stream", "x-max-length-bytes": 20_000, "x-stream-max-segment-size-bytes": 10_000}
    prepare(broker_url, "test", [])
    with connect(broker_url) as connection:
        connection.channel().queue_declare(stream_name(scope), durable=True, arguments=small)
    prepare(broker_url, "test", [scope])
    epoch = learn(broker_url, scope, threading.Event()).epoch
    root = tmp_path / "archive"
    archive = Archive(root)
    with Publisher(broker_url, "p") as publisher:

        def say(numbers: range) -> None:
            publisher.publish(scope, "test", "tick", tick_body(now(), epoch))
            for number in numbers:
                publisher.publish(scope, "web", "x.y", {"n": number})
            publisher.publish(scope, "test", "tick", tick_body(now(), epoch))
            publisher.flush()

        say(range(3))
        with Archiving(broker_url, scope, root):
            until(lambda: highest(archive, scope) == 2, 30, "the archive begins")
        for burst in range(30):
            say(range(3 + 100 * burst, 103 + 100 * burst))
        with Archiving(broker_url, scope, root):
            until(lambda: highest(archive, scope) == 3002, 30, "the archive goes on")
            until(lambda: "node.error" in archive.kinds()["kind"], 30, "the gap is said on the stream")

    (path,) = (root / scope).glob("*.sqlite")
    with sqlite3.connect(path) as db:
        gaps = db.execute("select epoch, first, last from gaps order by first").fetchall()
        (lost,) = db.execute("select max(last) from gaps where why = 'retention'").fetchone()
    db.close()
    frame = archive.scan("#", scope=scope, own=True, repeats=True).collect()
    missing = sorted(set(range(frame["offset"].max() + 1)) - set(frame["offset"]))
    assert missing
    taken = [offset for _, first, last in gaps for offset in range(first, last + 1)]
    assert taken == [offset for offset in missing if offset <= taken[-1]]  # behind it, the broker keeps some for itself
    numbers = frame.filter(pl.col("kind") == "x.y", pl.col("offset") > lost)["n"].cast(pl.Int64).sort().to_list()
    assert numbers == list(range(numbers[0], 3003))
    assert {name for name, _, _ in gaps} == {epoch}
    said = frame.filter(frame["kind"] == "node.error")
    assert ("gap", float(gaps[0][1]), float(gaps[0][2])) in said.select("what", "first", "last").rows()


def test_another_archiver_takes_over(broker_url: str, environment: str, tmp_path: Path):
    """Two archivers, one archive: the second says who is at it and waits; when that is killed, it goes on at once, and
    each event is there once."""
    archive, told = Archive(tmp_path / "archive"), {"MINERLIB_BROKER_URL": broker_url}
    told["MINERLIB_ARCHIVE"] = str(archive.path)
    numbers = itertools.count()

    def say() -> None:
        for _ in range(300):
            publisher.publish(environment, "web", "x.y", {"n": next(numbers)})
        publisher.flush()

    with Process(tmp_path / "one", "collect", "archive", **told) as one, Publisher(broker_url, "p") as publisher:
        say()
        until(lambda: highest(archive, environment) == 299, 30, "the archive begins")
        with Process(tmp_path / "two", "collect", "archive", **told) as two:
            waits = f"{environment} is archived by process {one.process.pid} on "
            until(lambda: waits in two.said, 30, "the second says whom it waits for")
            say()
            until(lambda: highest(archive, environment) == 599, 30, "the first goes on")
            one.process.kill()
            one.process.wait()
            until(lambda: f"archiving of {environment} goes on here" in two.said, 2, "the second takes over")
            say()
            until(lambda: highest(archive, environment) == 899, 30, "the second goes on")
            assert two.said.count(waits) == 1
    frame = archive.scan("x.y", scope=environment, repeats=True).collect()
    assert frame["n"].cast(pl.Int64).sort().to_list() == list(range(900))
