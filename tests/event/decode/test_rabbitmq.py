"""What RabbitMQ says of itself, 3.10 and 4.0."""

import pytest

from minerlib.event.decode import Delivery, decode

from .captures import captured


@pytest.mark.parametrize(("capture", "node"), [
    ("rabbitmq_event_exchange_310", "pa@localhost"), ("rabbitmq_event_exchange_405", "v4@localhost"),
])  # fmt: skip
def test_the_captures(capture: str, node: str):
    """All that is in the headers, with the milliseconds of the moment and the node, where an event names it."""
    sources = {}
    for delivery in captured(capture):
        name, (found,) = decode(delivery)
        assert name == "rabbitmq"
        assert (found.kind, found.body) == (f"rabbitmq.{delivery.key}", delivery.headers)
        assert found.time == delivery.headers["timestamp_in_ms"] * 1000
        sources[delivery.key] = found.source
    assert {sources[name] for name in ("consumer.created", "connection.created", "channel.created")} == {node}
    assert {sources[name] for name in ("binding.created", "exchange.created")} == {"amq.rabbitmq.event"}
    assert sources["queue.created"] == ("amq.rabbitmq.event" if capture.endswith("310") else node)


def test_headers_of_others():
    """A body, or no such stamp, and it is somebody else's."""
    said = {"timestamp_in_ms": 1795334486662, "vhost": "/"}
    assert decode(Delivery(body=b"", headers=said, key="queue.created"))[0] == "rabbitmq"
    assert decode(Delivery(body=b"x", headers=said))[0] == "text"
    for other in ({"vhost": "/"}, {"timestamp_in_ms": "1"}, {"timestamp_in_ms": 1795334486662, "a": 1}):
        assert decode(Delivery(body=b"", headers={**other}))[0] == "headers"


def test_a_moment_that_no_calendar_has():
    """The timestamp property is there too."""
    (found,) = decode(Delivery(body=b"", headers={"timestamp_in_ms": 10**30, "vhost": "/"}, timestamp=17, at=0))[1]
    assert found.time == 17_000_000
