"""A broken archive and a real stream: what that still has is there again as it was, the rest is said to be gone."""

import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pika
import polars as pl
import pytest

from minerlib.archive import Archive, seal
from minerlib.archive.check.verify import verify
from minerlib.archive.mend.repair import repair
from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import stream_name
from minerlib.event.moment import now
from minerlib.nodes.archiver import archive_stream
from minerlib.nodes.clock import learn, prepare, tick_body
from minerlib.nodes.refill import refill

from .processes import until

COUNT = 600


class Archiving:
    """An archiver of one stream, as a thread of the test; what it says is in `said`."""

    def __init__(self, url: str, scope: str, root: Path) -> None:
        self.stop, self.publisher, self.said = threading.Event(), Publisher(url, "archiver"), list[str]()
        arguments = (url, scope, root, self.publisher, Counter(), self.stop, self.said.append)
        self.thread = threading.Thread(target=archive_stream, args=arguments)

    def __enter__(self) -> "Archiving":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        self.publisher.close()


def publish(url: str, scope: str, numbers: range) -> None:
    """Events, now and then a tick, a message of three events, one said twice."""
    epoch = learn(url, scope, threading.Event()).epoch
    with Publisher(url, "p") as publisher:
        for number in numbers:
            publisher.publish(scope, "web", f"x.y{number % 3}", {"n": number})
            if number % 50 == 0:
                publisher.publish(scope, "test", "tick", tick_body(now(), epoch))
        publisher.publish(scope, "test", "tick", tick_body(now(), epoch))
        publisher.flush()
    with connect(url) as connection:
        channel = connection.channel()
        body = b'{"n":-1}\n{"n":-2}\nno json\n'
        for _ in range(2):
            said = pika.BasicProperties(message_id=f"minerlib/twice-{numbers.start}:1")
            channel.basic_publish("events", f"{scope}.web.x.y0", body, said)


def rows(root: Path, scope: str) -> pl.DataFrame:
    frame = Archive(root).scan("#", scope=scope, own=True, repeats=True).collect()
    return frame.select(sorted(frame.columns)).sort("offset", "part")


def count(root: Path, scope: str) -> int:
    try:
        return rows(root, scope).filter(pl.col("kind").str.starts_with("x.y")).height
    except Exception:
        return 0


@pytest.fixture
def root(broker_url: str, environment: str, tmp_path: Path) -> Path:
    """An archive of a stream in several commits, whose newest events are not sealed."""
    root = tmp_path / "archive"
    with Archiving(broker_url, environment, root):
        for begin in (0, 200, 400):
            publish(broker_url, environment, range(begin, begin + 200))
            wanted = begin + 200 + 6 * (begin // 200 + 1)
            until(lambda wanted=wanted: count(root, environment) == wanted, 30, "it is archived")
            if begin < 400:
                seal(root, environment)
    return root


def mend(root: Path, url: str) -> list[str]:
    done = repair(root, verify(root), now(), refill(url))
    assert [each for each in verify(root, deep=True) if each.broken] == []
    return [each.what for each in done]


def test_sealed_files(broker_url: str, environment: str, root: Path) -> None:
    """Events with their clock, their repeats and their raw lines, exactly as they were."""
    seal(root, environment)
    before = rows(root, environment)
    path = next((root / environment).glob("*.sqlite"))
    with sqlite3.connect(path) as db:  # as if it had been sealed long ago
        db.execute("delete from events")
        db.execute("delete from hashes")
    db.close()
    for kind in ("x.y0", "tick"):
        for file in (root / "sealed" / kind).glob("date=*/*.parquet"):
            file.write_bytes(file.read_bytes()[:300])
    said = mend(root, broker_url)
    assert any("from the stream" in what for what in said)
    assert not any("gone" in what for what in said)
    assert rows(root, environment).equals(before)


def test_rows_of_today(broker_url: str, environment: str, root: Path) -> None:
    """A byte in a row: the stream says what it was."""
    before = rows(root, environment)
    path = next((root / environment).glob("*.sqlite"))
    data = path.read_bytes()
    at = data.index(b'{"n":555}')
    path.write_bytes(data[: at + 6] + b"0" + data[at + 7 :])
    assert not rows(root, environment).equals(before)
    mend(root, broker_url)
    assert rows(root, environment).equals(before)


def test_the_archiver_waits_for_the_repair(broker_url: str, environment: str, root: Path) -> None:
    """It names the file, waits, and goes on by itself once it is repaired, without a hole."""
    before = rows(root, environment)
    path = next((root / environment).glob("*.sqlite"))
    data = path.read_bytes()
    path.write_bytes(b"no database at all".ljust(4096, b".") + data[4096:])
    with Archiving(broker_url, environment, root) as archiving:
        until(lambda: archiving.said, 30, "it says what is broken")
        assert f"{path} is broken (file is not a database): minerlib archive verify" in archiving.said[0]
        assert archiving.said[0].endswith(f"Archiving of {environment} waits; nothing is lost meanwhile.")
        mend(root, broker_url)
        publish(broker_url, environment, range(COUNT, COUNT + 10))
        until(lambda: count(root, environment) == COUNT + 18 + 16, 30, "it goes on")
    assert rows(root, environment)[: before.height].equals(before)
    assert len(archiving.said) == 1


def test_a_stream_declared_anew(broker_url: str, environment: str, root: Path) -> None:
    """Its old messages are nowhere any more, and its new ones are not taken for them."""
    queue = stream_name(environment)
    seal(root, environment)
    with connect(broker_url) as connection:
        connection.channel().queue_delete(queue)
    prepare(broker_url, "test", [environment])
    publish(broker_url, environment, range(1000))
    next((root / "sealed/x.y1").glob("date=*/*.parquet")).unlink()
    path = next((root / environment).glob("*.sqlite"))
    with sqlite3.connect(path) as db:
        db.execute("delete from events where kind = 'x.y1'")
        db.execute("delete from hashes")
    db.close()
    (said,) = [what for what in mend(root, broker_url) if "gone" in what]
    assert "the stream has no more of them" in said
    assert rows(root, environment).filter(pl.col("n") >= COUNT).height == 0


def test_no_stream(environment: str, root: Path, broker_url: str) -> None:
    """Without the stream nothing is given up."""
    with connect(broker_url) as connection:
        connection.channel().queue_delete(stream_name(environment))
    next((root / "sealed/x.y1").glob("date=*/*.parquet")).unlink()
    path = next((root / environment).glob("*.sqlite"))
    with sqlite3.connect(path) as db:
        db.execute("delete from events where kind = 'x.y1'")
        db.execute("delete from hashes")
    db.close()
    done = repair(root, verify(root), now(), refill(broker_url))
    assert "There is no stream" in done[-1].what
    assert [each.fault for each in verify(root) if each.broken] == ["hole"]
