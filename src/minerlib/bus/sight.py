"""What a message of any exchange looks like as events: never raises, whatever the producer sent."""

from collections.abc import Iterable

import pika

from minerlib.bus.delivery import delivery_of
from minerlib.bus.topology import EVENTS
from minerlib.event.body import read_parts
from minerlib.event.decode import Decoded, decode
from minerlib.event.event import Event
from minerlib.event.key import LOCAL, UNREADABLE, Key, split_key, whole_source
from minerlib.event.moment import read_time
from minerlib.event.pattern import OWN


def words_of(patterns: Iterable[str]) -> set[str]:
    """The words of patterns on our exchange: kinds of the workbench's own are seen where one of them names them."""
    return {word for each in patterns for word in each.split(".")}


def hidden(kind: str, words: set[str]) -> bool:
    """Whether a kind is one of the workbench's own that nobody asked for.

    >>> hidden("tick", words_of(["#"])), hidden("alert.full", words_of(["alert.#"]))
    (True, False)
    """
    root = kind.partition(".")[0]
    return root in OWN and root not in words


def events_of(
    exchange: str, key: str, body: bytes, properties: pika.BasicProperties, clock: int, offset: int
) -> list[Event]:
    """The events in a message as a tap shows them; `clock` (µs) stands for `seen`, `offset` counts the tap's messages.

    On our exchange the routing key says scope, source and kind. On a foreign one the decoders find out what it is, and
    the scope is `local.lab.dev`.
    """
    scope, found = LOCAL, list[Decoded]()
    if exchange == EVENTS:
        named = split_key(key) or Key(LOCAL, "unknown", UNREADABLE)
        scope = named.scope
        stamped = read_time(properties.timestamp) if isinstance(properties.timestamp, int) else None
        for value, raw in read_parts(body):
            said = read_time(value.get("time")) if isinstance(value, dict) else None
            source = whole_source(named.source, value)
            found.append(Decoded(source, named.kind, stamped if said is None else said, value, raw))
    else:
        _, found = decode(delivery_of(exchange, key, body, properties, clock))
    company, system, environment = scope.split(".")
    return [
        Event(
            time=clock if time is None else time, seen=clock, epoch="", offset=offset, part=number,
            company=company, system=system, environment=environment, source=source, kind=kind, body=body, raw=raw,
        )
        for number, (source, kind, time, body, raw) in enumerate(found)
    ]  # fmt: skip
