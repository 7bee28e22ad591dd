"""RabbitMQ's firehose: the messages of others, and what became of them."""

import gzip

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND

from .captures import CAPTURES, captured

SAID = {"x": 1, "headers": {"h": 1}, "message_id": "m1"}


def traced(of: Delivery, key: str = "publish.x") -> Delivery:
    """A message as the firehose says it."""
    texts = ("content_type", "content_encoding", "message_id", "app_id", "type")
    properties = {name: getattr(of, name) for name in texts if getattr(of, name)} | {"headers": dict(of.headers)}
    if of.timestamp is not None:
        properties["timestamp"] = of.timestamp
    headers = {"exchange_name": of.exchange, "routing_keys": [of.key], "properties": properties, "node": "r@h"}
    return Delivery(body=of.body, exchange="amq.rabbitmq.trace", key=key, headers=headers, at=of.at)


def read(delivery: Delivery) -> list[Decoded]:
    name, found = decode(delivery)
    assert name == "firehose"
    return found


def test_the_capture():
    """The message as its producer meant it, and beside it where it was published or delivered, by whom, to whom."""
    published, delivered = captured("rabbitmq_firehose_310")
    assert read(published) == [Decoded("ev", "publish.a.b", 1795334432 * SECOND, {**SAID, "traced": published.headers})]
    assert read(delivered) == [
        Decoded("ev", "deliver.a.b", 1795334432 * SECOND, {**SAID, "traced": {**delivered.headers, "queue": "ev.q"}})
    ]
    assert published.headers["routed_queues"] == ["ev.q"]


@pytest.mark.parametrize("capture", [name for name in CAPTURES if "firehose" not in name])
def test_all_producers(capture: str):
    """Traced they say what they say without; a trace beside it."""
    for of in captured(capture):
        for plain, found in zip(decode(of)[1], read(traced(of)), strict=True):
            assert (found.source, found.kind, found.time) == (plain.source, f"publish.{plain.kind}", plain.time)
            assert found.body == {**plain.body, "traced": traced(of).headers}


def test_what_is_no_object():
    """A value, bytes, nothing, and a field of the same name."""
    assert read(traced(Delivery(body=b"17")))[0].body["value"] == 17
    for body in (b"\xff\x00", b""):
        (found,) = read(traced(Delivery(body=body)))
        assert (found.raw, found.body["traced"]["node"]) == (body, "r@h")
    assert read(traced(Delivery(body=b'{"traced": 1}')))[0].body["traced_said"] == 1
    assert read(traced(Delivery(body=gzip.compress(b'{"n": 1}'))))[0].body["n"] == 1


def test_a_trace_of_a_trace():
    """One level is read, the next is a message."""
    trace = traced(Delivery(body=b'{"n": 1}', exchange="e", key="k"), "deliver.q")
    (found,) = read(traced(trace))
    assert (found.source, found.kind) == ("amq.rabbitmq.trace", "publish.deliver.q")
    assert found.body["n"] == 1
    assert found.body["traced"]["properties"]["headers"]["exchange_name"] == "e"


def test_others_are_none_of_it():
    """A key or headers that only look like it."""
    trace = traced(Delivery(body=b'{"n": 1}'))
    assert decode(Delivery(body=b'{"n": 1}', key="publish.x"))[0] == "json"
    assert decode(Delivery(body=b'{"n": 1}', key="order.x", headers=trace.headers))[0] == "json"
    for name in ("exchange_name", "routing_keys", "properties"):
        broken = {**trace.headers, name: 1}
        assert decode(Delivery(body=b'{"n": 1}', key="publish.x", headers=broken))[0] == "json"
