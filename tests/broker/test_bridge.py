"""A bridge carries what others publish: all of it, with the rights of somebody who only looks."""

import gzip
import hashlib
import json
import subprocess
import threading
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus import broker
from minerlib.bus.connect import connect
from minerlib.bus.private import read_node
from minerlib.bus.queue import Wanted
from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.decode.mapping import Entry
from minerlib.event.moment import SECOND
from minerlib.nodes.bridge import Terms, run_bridge

from .conftest import read_until
from .processes import Process, until
from .wire import Wire

ANALYST = (r"^minerlib\..*", r"^minerlib\..*", r"^(minerlib\..*|theirs)$")  # configure, write, read


@pytest.fixture
def theirs(broker_url: str) -> Iterator[BlockingChannel]:
    """An exchange of somebody else, which nobody listens to yet."""
    with connect(broker_url) as connection:
        channel = connection.channel()
        channel.exchange_declare("theirs", "topic", durable=True)
        yield channel
        channel = connection.channel() if channel.is_closed else channel
        channel.queue_delete("minerlib.bridge.test")
        channel.exchange_delete("theirs")


def terms(url: str, scope: str, *mapping: Entry) -> Terms:
    return Terms(url, "minerlib.bridge.test", Wanted("theirs"), scope, mapping)


@contextmanager
def bridged(carried: Terms, url: str) -> Iterator[list[str]]:
    """A bridge as a thread; what it tells."""
    stop, told = threading.Event(), list[str]()

    def run() -> None:
        counts.update(run_bridge(carried, "test", url, stop, told.append))

    counts: Counter[str] = Counter()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join()
        told.append(json.dumps(counts))


def bound(channel: BlockingChannel) -> None:
    """Until the bridge's queue stands: what is published before goes nowhere."""

    def there() -> bool:
        look = channel.connection.channel()
        try:
            look.queue_declare("minerlib.bridge.test", passive=True)
        except pika.exceptions.ChannelClosedByBroker:
            return False
        look.close()
        return True

    until(there, 20, "the queue of the bridge")
    time.sleep(0.2)  # it is bound right after it was declared


def read(url: str, scope: str, enough: Callable[[list[Event]], bool]) -> list[Event]:
    return read_until(Reader(url, scope), enough, 60)


def test_what_is_carried(broker_url: str, environment: str, theirs: BlockingChannel):
    """JSON, lines, bytes, nothing but headers: with source, kind and time, and what is not understood with its
    properties. What the mapping makes of a message goes where it says, or as unreadable where that is no place."""
    mapping = Entry(key="orders.*", source="{customer}", kind="order.{key.2}", scope="{scope}")
    with bridged(terms(broker_url, environment, mapping), broker_url) as told:
        bound(theirs)
        stamp = pika.BasicProperties(timestamp=1_795_334_432, app_id="shop", headers={"team": "blue"})
        for key, body in (
            ("app.load", b'{"host": "web-1", "load": 0.4, "time": 1795334400000}'),
            ("app.text", b"one\ntwo\n"),
            ("app.bytes", b"\xff\x00"),
            ("app.headers", b""),
            ("orders.paid", json.dumps({"customer": "c7", "scope": environment}).encode()),
            ("orders.lost", b'{"customer": "c7", "scope": "nowhere"}'),
            ("app.number", b"17"),
        ):
            theirs.basic_publish("theirs", key, body, stamp)
        found = read(broker_url, environment, lambda events: len(events) >= 8)
    said = {event.kind: event for event in found}
    at = 1_795_334_432 * SECOND
    load = said["app.load"]
    assert (load.source, load.time) == ("web-1", 1_795_334_400 * SECOND)
    assert load.body["time_said"] == 1795334400000
    assert [each.body["message"] for each in found if each.kind == "app.text"] == ["one", "two"]
    assert said["app.bytes"].body["base64"] == "/wA="
    assert (said["app.bytes"].body["key"], said["app.bytes"].body["headers"]) == ("app.bytes", {"team": "blue"})
    assert (said["app.headers"].source, said["app.headers"].body["team"], said["app.headers"].time) == (
        "shop",
        "blue",
        at,
    )
    assert said["order.paid"].source == "c7"
    assert (said["unreadable"].body["key"], said["unreadable"].body["scope"]) == ("orders.lost", "nowhere")
    assert said["app.number"].body["value"] == 17
    assert json.loads(told[-1]) == {"messages": 7, "events": 8, "raw": 1, "again": 0}
    assert any("'nowhere' is not a scope" in line for line in told)
    assert not theirs.queue_declare("minerlib.bridge.test", passive=True).method.message_count


def test_what_went_before(broker_url: str, environment: str, theirs: BlockingChannel):
    """What came before its queue was there is gone, and that is said; what came while nobody read it is carried."""
    with bridged(terms(broker_url, environment), broker_url) as told:
        bound(theirs)
    assert any("minerlib.bridge.test is new" in line and "theirs" in line for line in told)
    theirs.basic_publish("theirs", "x.y", b'{"n": 1}')
    with bridged(terms(broker_url, environment), broker_url) as told:
        (event,) = read(broker_url, environment, bool)
    assert event.body == {"n": 1}
    assert not any("is new" in line for line in told)


def test_a_key_that_is_no_text(broker_url: str, environment: str, theirs: BlockingChannel):
    """Keys are bytes to AMQP: one that is not UTF-8 becomes a kind with escapes, and its neighbours are carried."""
    bad: Any = b"\xff.a.b.c.tick"
    stamp = pika.BasicProperties(headers={"team": "blue"})
    with bridged(terms(broker_url, environment), broker_url) as told:
        bound(theirs)
        for key in ("x.y", bad, "x.z"):
            theirs.basic_publish("theirs", key, b'{"n": 1}', stamp)
        found = read(broker_url, environment, lambda events: len(events) >= 3)
    assert [event.kind for event in found] == ["x.y", r"\xff.a.b.c.tick", "x.z"]
    assert json.loads(told[-1])["messages"] == 3


def test_what_is_too_large(broker_url: str, environment: str, theirs: BlockingChannel):
    """A message that unpacks to more than a broker takes is said by its size, hash and beginning, and is acked."""
    text = json.dumps({"host": "web-1", "text": "\u00e9" * 4_100_000}, ensure_ascii=False).encode()
    junk = b"\xff" * 7_000_000
    with bridged(terms(broker_url, environment), broker_url) as told:
        bound(theirs)
        for key, body in (("x.y", b'{"n": 1}'), ("x.text", text), ("x.junk", junk), ("x.z", b'{"n": 2}')):
            theirs.basic_publish("theirs", key, gzip.compress(body), pika.BasicProperties(timestamp=1_795_334_432))
        found = read(broker_url, environment, lambda events: len(events) >= 4)
    assert [event.kind for event in found] == ["x.y", "unreadable", "unreadable", "x.z"]
    for event, said, key in zip(found[1:3], (text, junk), ("x.text", "x.junk"), strict=True):
        assert (event.source, event.time, event.body["key"]) == ("theirs", 1_795_334_432 * SECOND, key)
        assert "more than 8,000,000 bytes" in event.body["fault"]
        assert event.body["bytes"] >= len(said) - 10  # without the blanks of its JSON, with its time
    assert found[1].body["text"].count("\u00e9") > 32_000
    assert b64decode(found[2].body["base64"]) == junk[:65_536]
    assert found[2].body["sha256"] == hashlib.sha256(junk).hexdigest()
    assert sum("more than 8,000,000 bytes" in line for line in told) == 1
    assert not theirs.queue_declare("minerlib.bridge.test", passive=True).method.message_count


def test_over_a_wire_that_is_cut(broker_url: str, environment: str, theirs: BlockingChannel, wire: Wire):
    """Nothing is lost; the bridge remembers what it could not ack, and only of what it acked last it is unsure."""
    stop = threading.Event()

    def cutter() -> None:
        while not stop.wait(0.2):
            wire.cut()

    with bridged(terms(wire.url, environment), broker_url):
        bound(theirs)
        cutting = threading.Thread(target=cutter)
        cutting.start()
        for n in range(3000):
            theirs.basic_publish("theirs", "x.y", b'{"n": %d}' % n, pika.BasicProperties(delivery_mode=2))
            if n % 100 == 0:
                theirs.connection.process_data_events(0.05)
        try:
            found = read(broker_url, environment, lambda events: len({e.body["n"] for e in events}) == 3000)
        finally:
            stop.set()
            cutting.join()
    once = [event.body["n"] for event in found if not event.body.get("redelivered")]
    again = {event.body["n"] for event in found if event.body.get("redelivered")}
    assert len(once) == len(set(once))
    assert {*once, *again} == set(range(3000))
    assert len(found) < 3100


def test_killed(broker_url: str, environment: str, theirs: BlockingChannel, tmp_path: Path):
    """kill -9 again and again: nothing is lost, and what is there twice says `redelivered`."""
    said = {"MINERLIB_BROKER_URL": broker_url, "MINERLIB_SCOPE": environment}
    command = ("collect", "app", "--exchange", "theirs", "--queue", "minerlib.bridge.test")
    bridge = Process(tmp_path, *command, **said)
    bound(theirs)
    for n in range(4000):
        theirs.basic_publish("theirs", "x.y", b'{"n": %d}' % n, pika.BasicProperties(delivery_mode=2))
        if n % 1000 == 500:
            theirs.connection.process_data_events(0.5)
            bridge.process.kill()
            bridge.process.wait()
            bridge = Process(tmp_path, *command, **said)
    with bridge:
        found = read(broker_url, environment, lambda events: len({e.body["n"] for e in events}) == 4000)
        assert bridge.interrupt() == 0
    times = Counter(event.body["n"] for event in found)
    assert sorted(times) == list(range(4000))
    again = Counter(event.body["n"] for event in found if event.body.get("redelivered"))
    assert all(times[n] - 1 <= again[n] for n in times)
    assert "messages" in bridge.said


def test_the_rights_of_an_analyst_are_enough(tmp_path: Path):
    """To configure and write what is named minerlib.*, to read that and the exchange."""
    state = tmp_path / "state"
    url = broker.start(state)
    try:
        node = read_node(state / "broker")
        assert node
        for command in (
            ["add_user", "analyst", "secret"], ["set_permissions", "analyst", *ANALYST],
        ):  # fmt: skip
            done = subprocess.run(
                ["/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", *command], env=node.environment(), capture_output=True,
                text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr + done.stdout
        from minerlib.nodes.clock import prepare

        prepare(url, "test", ["a.b.c"])
        with connect(url) as connection:
            channel = connection.channel()
            channel.exchange_declare("theirs", "fanout", durable=True)
            there = url.replace(url.partition("://")[2].partition("@")[0], "analyst:secret")
            with bridged(terms(there, "a.b.c"), url) as told:
                bound(channel)
                channel.basic_publish("theirs", "", b'{"n": 1}')
                (event,) = read(url, "a.b.c", bool)
        assert event.body == {"n": 1}
        assert event.kind == "theirs"
        assert "secret" not in "".join(told)
    finally:
        broker.stop(state)
