"""A broker closes the channel of a reader that owes it an acknowledgement for half an hour (here for a second): whoever
reads a stream on which little happens still hears what comes.

RabbitMQ's `consumer_timeout`, https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout
"""

import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from minerlib.bus import broker, stream
from minerlib.bus.connect import connect
from minerlib.bus.private import read_node
from minerlib.bus.queue import Queue, Wanted
from minerlib.bus.retry import short_name
from minerlib.bus.stream import Consumer, follow
from minerlib.bus.topology import declare_stream
from minerlib.errors import BrokerUnreachable

from .processes import until

RABBITMQCTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
HASTE = "[application:set_env(rabbit, K, V) || {K, V} <- [{consumer_timeout, 1000}, {channel_tick_interval, 300}]]."


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker that gives its readers a second."""
    state = tmp_path_factory.mktemp("hasty")
    url = broker.start(state)
    try:
        node = read_node(state / "broker")
        assert node
        subprocess.run([RABBITMQCTL, "-q", "eval", HASTE], env=node.environment(), capture_output=True, check=True)
        yield url
    finally:
        broker.stop(state)


@pytest.fixture
def small(hasty: str) -> str:
    """A stream of one message."""
    name = f"small.{short_name()}"
    with connect(hasty) as connection:
        declare_stream(connection, name, hasty)
    say(hasty, name, b"one")
    return name


def say(url: str, name: str, body: bytes) -> None:
    with connect(url) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", name, body)


def test_a_channel_that_was_closed_is_noticed(hasty: str, small: str):
    """Reading from it says so, instead of nothing for ever."""
    with Consumer(hasty, small, "first") as consumer:
        assert [message.body for message in consumer.read(5)] == [b"one"]
        with pytest.raises(BrokerUnreachable, match="closed"):
            consumer.read(20)


def test_who_follows_a_small_stream_hears_what_comes_later(hasty: str, small: str):
    """Attached anew behind the last message, without one said twice."""
    stop, heard = threading.Event(), list[bytes]()
    alarm = threading.Timer(30, stop.set)
    alarm.start()
    began = time.monotonic()
    for messages, _ in follow(hasty, small, stop):
        heard += [message.body for message in messages]
        if len(heard) == 1 and time.monotonic() - began > 4:
            say(hasty, small, b"two")
            began = float("inf")
        if len(heard) == 2:
            break
    alarm.cancel()
    assert heard == [b"one", b"two"]


def test_who_acknowledges_in_time_stays_attached(hasty: str, small: str, monkeypatch: pytest.MonkeyPatch):
    """So that nobody has to attach anew every half hour."""
    monkeypatch.setattr(stream, "_OFTEN", 0.2)
    with Consumer(hasty, small, "first") as consumer:
        assert [message.body for message in consumer.read(5)] == [b"one"]
        end = time.monotonic() + 4
        while time.monotonic() < end:
            assert consumer.read(0.1) == []


def test_a_bridge_that_could_not_publish_takes_its_messages_again(hasty: str):
    """What is not confirmed on our side for so long is not acknowledged on theirs: their broker gives it back."""
    with connect(hasty) as connection:
        connection.channel().exchange_declare("theirs", "fanout", durable=True)
    queue = Queue(hasty, "minerlib.bridge.late", Wanted("theirs"))
    with connect(hasty) as connection:
        connection.channel().basic_publish("theirs", "", b"one")
    assert taken(queue) == [(False, b"one")]
    with pytest.raises(BrokerUnreachable, match="closed"):
        until(lambda: bool(queue.take(0.2)), 30, "something else comes")
    queue.close()
    queue = Queue(hasty, "minerlib.bridge.late", Wanted("theirs"))
    assert taken(queue) == [(True, b"one")]
    queue.close()


def taken(queue: Queue) -> list[tuple[bool, bytes]]:
    found: list[tuple[bool, bytes]] = []

    def some() -> bool:
        found.extend((again, delivery.body) for _, again, delivery in queue.take(0.2))
        return bool(found)

    until(some, 20, "a message comes")
    return found
