"""Publishing into a stream and reading it in order, on a real broker."""

import threading
from collections.abc import Callable

import pytest

from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Reader
from minerlib.bus.stream import PREFETCH, Consumer
from minerlib.bus.topology import declare_stream, stream_name
from minerlib.errors import BrokerUnreachable
from minerlib.event.order import Position
from minerlib.nodes.clock import learn, prepare
from minerlib.nodes.unrouted import new_key, run_unrouted

from .conftest import read_until
from .wire import Wire


def publish(url: str, scope: str, numbers: range, name: str = "p") -> None:
    with Publisher(url, name) as publisher:
        for number in numbers:
            publisher.publish(scope, "web", "x.y", {"n": number})


def numbers(events: list) -> list[int]:
    return [event.body["n"] for event in events if event.kind == "x.y" and not event.repeat]


def test_a_stream_begins_with_its_first_tick(broker_url: str, environment: str):
    """So the clock of its first event is defined, and its epoch has a name."""
    publish(broker_url, environment, range(1))
    (event,) = read_until(Reader(broker_url, environment), lambda found: bool(found))
    assert event.offset == 1
    assert event.epoch
    assert event.seen <= event.time + 60_000_000


def test_a_consumer_reads_on_past_its_credit(broker_url: str, environment: str):
    """Over one connection it takes more messages than may be unacknowledged, each once."""
    publish(broker_url, environment, range(2 * PREFETCH))
    offsets: list[int] = []
    with Consumer(broker_url, stream_name(environment), "first") as consumer:
        while got := consumer.read(3):
            offsets += [message.offset for message in got]
    assert len(set(offsets)) == len(offsets) > 2 * PREFETCH


def test_events_come_once_in_order_over_cut_wires(environment: str, wire: Wire):
    """Publisher and reader lose their connection again and again; every event is there, once, in order."""
    stop = threading.Event()

    def cutter() -> None:
        while not stop.wait(0.3):
            wire.cut()

    reader = Reader(wire.url, environment)
    cutting = threading.Thread(target=cutter)
    cutting.start()
    try:
        with Publisher(wire.url, "p") as publisher:
            for number in range(6000):
                publisher.publish(environment, "web", "x.y", {"n": number})
            publisher.flush(60)
            stop.set()
            cutting.join()
        found = read_until(reader, lambda events: len(numbers(events)) >= 6000, 60)
    finally:
        stop.set()
        cutting.join()
    assert numbers(found) == list(range(6000))


def test_a_reader_goes_on_behind_its_position(broker_url: str, environment: str):
    """Stopped and begun anew elsewhere with what it stored, it misses nothing and gives nothing twice."""
    publish(broker_url, environment, range(100))
    first = Reader(broker_url, environment)
    batches = [batch for batch in iter_until_quiet(first) if batch]
    position = batches[-1].position
    publish(broker_url, environment, range(100, 200))
    found = read_until(Reader(broker_url, environment, position), lambda events: len(events) >= 100)
    assert numbers(found) == list(range(100, 200))
    assert {event.epoch for event in found} == {position.epoch}


def iter_until_quiet(reader: Reader) -> list:
    found = []
    for batch in reader.batches(wait=0.5):
        if batch is None:
            return found
        found.append(batch)
    return found


@pytest.mark.parametrize("more", [0, 50], ids=["shorter", "longer"])
def test_a_stream_declared_anew_is_noticed(broker_url: str, environment: str, more: int):
    """A stored offset means nothing there: it is another epoch, read from its first message."""
    publish(broker_url, environment, range(20))
    position = iter_until_quiet(Reader(broker_url, environment))[-1].position
    with connect(broker_url) as connection:
        connection.channel().queue_delete(stream_name(environment))
    prepare(broker_url, "test", [environment])
    publish(broker_url, environment, range(1000, 1005 + more))
    reader = Reader(broker_url, environment, position)
    first = next(batch for batch in reader.batches(wait=0.5) if batch)
    assert first.new_epoch
    assert first.events[0].epoch not in ("", position.epoch)
    found = numbers(first.events)
    if len(found) < 5 + more:
        found += numbers(read_until(reader, lambda events: len(events) >= 5 + more - len(found)))
    assert found == list(range(1000, 1005 + more))


def test_a_stream_deleted_while_it_is_read(broker_url: str, environment: str):
    """The reader waits for it to be declared anew, and then reads the new epoch from its first message."""
    publish(broker_url, environment, range(5))
    told: list[str] = []
    reader = Reader(broker_url, environment, told=told.append)
    batches = reader.batches(wait=0.2)
    before = [batch for batch in (next(batches) for _ in range(4)) if batch]
    with connect(broker_url) as connection:
        connection.channel().queue_delete(stream_name(environment))
    assert next(batches) is None
    prepare(broker_url, "test", [environment])
    publish(broker_url, environment, range(7, 9))
    after = next(batch for batch in batches if batch)
    assert after.new_epoch
    assert after.events[0].epoch != before[0].events[0].epoch
    assert any("deleted" in said for said in told)


def test_retention_that_overtakes_a_reader_is_a_gap(broker_url: str, scope: str, tick_into: Callable[[str], None]):
    """What was removed before it was read is said, first and last offset, and the rest is read."""
    small = {"x-queue-type": "stream", "x-max-length-bytes": 20_000, "x-stream-max-segment-size-bytes": 10_000}
    with connect(broker_url) as connection:
        prepare(broker_url, "test", [])
        connection.channel().queue_declare(stream_name(scope), durable=True, arguments=small)
    prepare(broker_url, "test", [scope])
    tick_into(scope)
    publish(broker_url, scope, range(3))
    position = iter_until_quiet(Reader(broker_url, scope))[-1].position
    for burst in range(30):
        publish(broker_url, scope, range(3 + 100 * burst, 103 + 100 * burst), name=f"p{burst}")
        tick_into(scope)
    batch = next(batch for batch in Reader(broker_url, scope, position).batches(wait=0.5) if batch)
    assert batch.gap is not None
    assert (batch.gap.epoch, batch.gap.first) == (position.epoch, position.offset + 1)
    assert batch.gap.last == batch.messages[0].offset - 1
    assert not batch.new_epoch


def test_an_offset_the_broker_keeps_for_itself_is_no_gap(broker_url: str, scope: str):
    """At the start of each segment RabbitMQ writes down who published what, and that takes an offset of the stream."""
    small = {"x-queue-type": "stream", "x-max-length-bytes": 5_000_000_000, "x-stream-max-segment-size-bytes": 10_000}
    with connect(broker_url) as connection:
        prepare(broker_url, "test", [])
        connection.channel().queue_declare(stream_name(scope), durable=True, arguments=small)
    prepare(broker_url, "test", [scope])
    for burst in range(5):
        publish(broker_url, scope, range(100 * burst, 100 * burst + 100), name=f"p{burst}")
    batches = iter_until_quiet(Reader(broker_url, scope))
    offsets = [message.offset for batch in batches for message in batch.messages]
    assert [n for batch in batches for n in numbers(batch.events)] == list(range(500))
    assert offsets != list(range(offsets[-1] + 1)), "the broker keeps no offset for itself: this test shows nothing"
    assert [batch.gap for batch in batches if batch.gap] == []


@pytest.fixture
def tick_into(broker_url: str) -> Callable[[str], None]:
    """Publishes a tick that knows the epoch of its stream, as a clock does."""
    learnt: dict[str, str] = {}

    def once(scope: str) -> None:
        from minerlib.event.moment import now
        from minerlib.nodes.clock import tick_body

        if scope not in learnt:
            learnt[scope] = learn(broker_url, scope, threading.Event()).epoch
        with Publisher(broker_url, "test-clock") as publisher:
            publisher.publish(scope, "test", "tick", tick_body(now(), learnt[scope]))

    return once


def test_an_event_nobody_declared_an_environment_for_is_not_lost(broker_url: str, scope: str):
    """A shell script's first event makes its environment; its body is what it sent, byte for byte."""
    prepare(broker_url, "test", [])
    stop = threading.Event()
    thread = threading.Thread(target=run_unrouted, args=(broker_url, "test", stop, print))
    thread.start()
    try:
        with Publisher(broker_url, "shell") as publisher:
            publisher.send(f"{scope}.laptop.backup.done", b'{"ok": true}', id="my own id")
            publisher.send("two words", b"no key", id="another")
        (event,) = read_until(Reader(broker_url, scope, stop=threading.Event()), lambda found: bool(found))
    finally:
        stop.set()
        thread.join()
    assert (event.source, event.kind, event.body) == ("laptop", "backup.done", {"ok": True})


def test_a_key_that_says_too_little_becomes_unreadable():
    """Its words stand as the source, so nothing of it is lost."""
    assert new_key("one.two") == ("local.lab.dev.one/two.unreadable", "local.lab.dev")
    assert new_key("") == ("local.lab.dev.unknown.unreadable", "local.lab.dev")
    assert new_key("*.b.c.web.x") == ("local.lab.dev.*/b/c/web/x.unreadable", "local.lab.dev")
    assert new_key("a.b.c.web.x") == ("a.b.c.web.x", "a.b.c")


def test_many_events_fit_one_message(broker_url: str, environment: str):
    """They have one offset and a part each."""
    with Publisher(broker_url, "p") as publisher:
        publisher.publish_lines(environment, "web", "x.y", [{"n": n} for n in range(10)])
    found = read_until(Reader(broker_url, environment), lambda events: len(events) >= 10)
    assert [(event.offset, event.part, event.body["n"]) for event in found] == [(1, n, n) for n in range(10)]


def test_a_source_of_ten_thousand_characters_is_whole(broker_url: str, environment: str):
    """The key holds a cut and hashed one; the event has it all."""
    long = "web." * 2500
    with Publisher(broker_url, "p") as publisher:
        publisher.publish(environment, long, "x.y", {"n": 1})
    (event,) = read_until(Reader(broker_url, environment), lambda found: bool(found))
    assert event.source == long


def test_nothing_is_confirmed_without_the_exchange(broker_url: str):
    """A publisher waits for somebody to declare it, says so, and gives up when told to."""
    with connect(broker_url) as connection:
        connection.channel().exchange_delete("events")
    told: list[str] = []
    publisher = Publisher(broker_url, "p", told=told.append)
    publisher.publish("a.b.c", "web", "x", {})
    with pytest.raises(BrokerUnreachable, match="1 messages are not confirmed"):
        publisher.flush(1.5)
    prepare(broker_url, "test", [])
    publisher.close(20)
    assert publisher.confirmed == 1
    assert any("exchange events is not declared" in said for said in told)


def test_declaring_twice_changes_nothing(broker_url: str, environment: str):
    """A stream that stands is found, whatever its arguments are, and its name is announced once."""
    with connect(broker_url) as connection:
        assert not declare_stream(connection, stream_name(environment), broker_url)
    prepare(broker_url, "test", [environment])
    assert isinstance(Reader(broker_url, environment, Position("e", 0, "d", "{}")).order.epoch, str)
