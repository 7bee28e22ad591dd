"""What a publisher holds while nobody takes it."""

import threading

import pytest

from minerlib.bus import publish
from minerlib.bus.publish import Publisher
from minerlib.errors import BrokerUnreachable
from minerlib.nodes.clock import prepare

NOBODY = "amqp://127.0.0.1:1/"


def send(publisher: Publisher, count: int, size: int, key: str = "a.b.c.d.e") -> None:
    for _ in range(count):
        publisher.send(key, b"x" * size)


@pytest.mark.parametrize(("size", "most"), [(10, 5000), (1_000_000, 64)])
def test_what_waits_is_bounded(size: int, most: int) -> None:
    """In messages and in bytes: then sending waits, until it is told to stop."""
    stop = threading.Event()
    publisher = Publisher(NOBODY, "test", stop=stop)
    alarm = threading.Timer(1.0, stop.set)
    alarm.start()
    try:
        with pytest.raises(BrokerUnreachable, match="takes nothing more"):
            send(publisher, 10_000, size)
        assert publisher.sent == most
    finally:
        alarm.cancel()
        publisher.abandon()


def test_what_is_confirmed_makes_room(broker_url: str, scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher goes on as long as the broker takes what it sends."""
    monkeypatch.setattr(publish, "_ROOM", 100_000)
    prepare(broker_url, "test", [scope])
    with Publisher(broker_url, "test") as publisher:
        send(publisher, 30, 10_000, f"{scope}.web-1.large")
        publisher.flush()
        assert publisher.confirmed == 30
