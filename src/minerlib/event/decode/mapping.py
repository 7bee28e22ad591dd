"""What a site says about its own messages: where they belong, what they are called, which field is their time."""

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from minerlib.event.body import field
from minerlib.event.decode.decoders import decode
from minerlib.event.decode.defaults import clean_kind, read_any
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.times import in_unit
from minerlib.event.pattern import OWN, topic_matches

_NAME = re.compile(r"\{([^{}]+)\}")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of the messages of a `producer` (a decoder's name), an `exchange`, a `key` (a pattern of AMQP).

    `source`, `kind` and `scope` are texts in which `{field}` is a body's field, `{key.2}` a word of the routing key,
    `{header.NAME}` a header, `{exchange}` and `{app_id}` these; where one of them is not there the default stays.
    `time` is a field's name, `unit` that of a number in it, `zone` that of times that name none: Europe/Berlin.
    """

    producer: str = ""
    exchange: str = ""
    key: str = "#"
    source: str = ""
    kind: str = ""
    scope: str = ""
    time: str = ""
    unit: Literal["", "s", "ms", "us", "ns"] = ""
    zone: str = ""


class Placed(NamedTuple):
    """An event and where it belongs; `scope` is empty where nobody said."""

    scope: str
    event: Decoded


def read(delivery: Delivery, mapping: Sequence[Entry] = ()) -> tuple[str, list[Placed]]:
    """The producer's name and the events of a message, as `decode` has them, with what the first entry of a mapping
    says that fits. A kind of the workbench's own is `foreign.` and it: nobody else's `tick` moves a stream's clock.
    Never raises."""
    entries = [each for each in mapping if _concerns(each, delivery)]
    zone = next((each.zone for each in entries if each.zone), "")
    if zone:
        delivery = msgspec.structs.replace(delivery, zone=ZoneInfo(zone))
    name, found = decode(delivery)
    entry = next((each for each in entries if each.producer in ("", name)), None)
    placed = [_placed(entry, event, delivery) if entry else Placed("", event) for event in found]
    return name, [_foreign(each) if each.event.kind.partition(".")[0] in OWN else each for each in placed]


def _concerns(entry: Entry, delivery: Delivery) -> bool:
    return entry.exchange in ("", delivery.exchange) and topic_matches(entry.key, delivery.key)


def _foreign(placed: Placed) -> Placed:
    return placed._replace(event=placed.event._replace(kind=f"foreign.{placed.event.kind}"))


def _placed(entry: Entry, event: Decoded, delivery: Delivery) -> Placed:
    kind = clean_kind(_filled(entry.kind, event, delivery)) or event.kind
    source = _filled(entry.source, event, delivery) or event.source
    time = _time(entry, event, delivery)
    return Placed(_filled(entry.scope, event, delivery), event._replace(source=source, kind=kind, time=time))


def _time(entry: Entry, event: Decoded, delivery: Delivery) -> int | None:
    said = field(event.body, entry.time) if entry.time else None
    if entry.unit and isinstance(said, (int, float)) and not isinstance(said, bool):
        moment = in_unit(said, entry.unit)
    else:
        moment = read_any(said, delivery)
    return event.time if moment is None else moment


def _filled(text: str, event: Decoded, delivery: Delivery) -> str:
    """A text with its names replaced; empty where one of them is nowhere."""
    found = {name: _named(name, event, delivery) for name in _NAME.findall(text)}
    if any(value is None or value == "" for value in found.values()):
        return ""
    return _NAME.sub(lambda match: str(found[match[1]]), text)


def _named(name: str, event: Decoded, delivery: Delivery) -> Any:
    head, _, rest = name.partition(".")
    if head == "key" and rest.isdecimal():
        words = delivery.key.split(".")
        return words[int(rest) - 1] if 0 < int(rest) <= len(words) else None
    if head == "header" and rest:
        value = delivery.headers.get(rest)
    elif name in ("exchange", "app_id"):
        value = getattr(delivery, name)
    else:
        value = field(event.body, name)
    return value if isinstance(value, (str, int, float)) else None
