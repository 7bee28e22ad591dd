"""Events as they stand onto the bus: the sink of a pipe."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import msgspec

from minerlib.bus.connect import broker_url
from minerlib.bus.publish import Publisher
from minerlib.event.event import Event
from minerlib.event.key import make_key
from minerlib.event.moment import SECOND, read_time, rfc3339


def put(publisher: Publisher, event: Event) -> None:
    """Publish an event into its environment, with its time: in the field `time` of its body, where that says another
    or none; in the message's timestamp, to whole seconds, where the body is no object or the event is `raw`.

    Raises EventError where it has no place on the bus, BrokerError where the broker is gone for good.
    """
    body = event.body
    if event.raw is None and isinstance(body, dict):
        if read_time(body.get("time")) != event.time:
            body = {"time": rfc3339(event.time), **{name: value for name, value in body.items() if name != "time"}}
        publisher.publish(event.scope, event.source, event.kind, body)
        return
    key, _ = make_key(event.scope, event.source, event.kind)
    said = msgspec.json.encode(body) if event.raw is None else event.raw
    publisher.send(key, said, timestamp=max(0, event.time // SECOND))


@contextmanager
def publishing(
    name: str, url: str | None = None, told: Callable[[str], None] | None = None
) -> Generator[Callable[[Event], None]]:
    """A sink that publishes, numbered, under a name of its own; at the end what was given to it is confirmed.

        with publishing("firewall") as bus:
            run(Tap("firewall.drop"), count(by="source_ip"), sink=bus, tick="1s")

    It takes no more than the broker confirms. `told` hears each trouble once. Raises BrokerError.
    """
    with Publisher(broker_url(url), name, told=told) as publisher:
        yield partial(put, publisher)
