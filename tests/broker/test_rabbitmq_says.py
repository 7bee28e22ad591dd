"""What a RabbitMQ that runs says of itself, by its event exchange and its firehose, read as a bridge reads it."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pika
import pytest

from minerlib.bus import broker
from minerlib.bus.connect import connect
from minerlib.bus.private import PrivateNode, read_node
from minerlib.bus.queue import Queue, Wanted
from minerlib.event.decode import Decoded, decode
from minerlib.event.moment import SECOND, now

BIN = Path("/usr/lib/rabbitmq/bin")


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a broker with its event exchange, and its firehose on."""
    state = tmp_path_factory.mktemp("talkative")
    url = broker.start(state)
    try:
        node = read_node(state / "broker")
        assert node
        run(node, "rabbitmq-plugins", "-q", "enable", "rabbitmq_event_exchange")
        run(node, "rabbitmqctl", "-q", "trace_on")
        yield url
    finally:
        broker.stop(state)


def run(node: PrivateNode, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [BIN / program, *arguments], env=node.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


def taken(queue: Queue, enough: Callable[[list[Decoded]], bool], seconds: float = 30) -> list[Decoded]:
    """The events of what comes, each message's decoder being the one that is meant."""
    found: list[Decoded] = []
    until = time.monotonic() + seconds
    while not enough(found):
        assert time.monotonic() < until, found
        for _, _, delivery in queue.take():
            name, events = decode(delivery)
            assert name == ("firehose" if delivery.exchange == "amq.rabbitmq.trace" else "rabbitmq")
            found += events
    return found


def test_the_event_exchange(talkative: str):
    """A queue that is declared and deleted is told, at its moment, with its name."""
    with closing(Queue(talkative, "minerlib.events", Wanted("amq.rabbitmq.event"))) as queue:
        begun = now()
        with connect(talkative) as connection:
            channel = connection.channel()
            channel.queue_declare("theirs", durable=True)
            channel.queue_delete("theirs")
        found = taken(queue, lambda events: any(each.kind == "rabbitmq.queue.deleted" for each in events))
    said = {each.kind: each for each in found}
    for kind in ("rabbitmq.queue.created", "rabbitmq.queue.deleted"):
        assert said[kind].body["name"] == "theirs"
        assert said[kind].time == said[kind].body["timestamp_in_ms"] * 1000
        assert abs((said[kind].time or 0) - begun) < 30 * SECOND
    assert "@" in said["rabbitmq.connection.created"].source
    assert all(each.time for each in found)


def test_the_firehose(talkative: str):
    """A message is told where it is published and where it is delivered, and is what its producer meant."""
    with closing(Queue(talkative, "minerlib.trace", Wanted("amq.rabbitmq.trace"))) as queue:
        with connect(talkative) as connection:
            channel = connection.channel()
            channel.exchange_declare("orders", "topic")
            channel.queue_declare("theirs")
            channel.queue_bind("theirs", "orders", "#")
            properties = pika.BasicProperties(timestamp=1_795_334_432, headers={"team": "blue"}, message_id="m1")
            channel.basic_publish("orders", "eu.paid", b'{"host": "shop-1", "sum": 7}', properties)
            channel.basic_publish("orders", "raw", b"\xff\x00")
            for _ in range(2):
                channel.basic_get("theirs", auto_ack=True)
        found = taken(queue, lambda events: len(events) >= 4)
    said = {each.kind: each for each in found}
    assert set(said) == {"publish.eu.paid", "deliver.eu.paid", "publish.raw", "deliver.raw"}
    for kind in ("publish.eu.paid", "deliver.eu.paid"):
        assert (said[kind].source, said[kind].time) == ("shop-1", 1_795_334_432 * SECOND)
        traced = said[kind].body["traced"]
        plain = {name: value for name, value in said[kind].body.items() if name != "traced"}
        assert plain == {"host": "shop-1", "sum": 7, "headers": {"team": "blue"}, "message_id": "m1"}
        assert (traced["exchange_name"], traced["routing_keys"]) == ("orders", ["eu.paid"])
    assert said["publish.eu.paid"].body["traced"]["routed_queues"] == ["theirs"]
    assert said["deliver.eu.paid"].body["traced"]["queue"] == "theirs"
    assert said["deliver.raw"].raw == b"\xff\x00"
