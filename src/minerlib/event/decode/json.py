"""JSON of any application: an object, an array of objects, lines of them (NDJSON)."""

from collections.abc import Callable
from typing import Any

from minerlib.event.body import Part, read_parts
from minerlib.event.decode.defaults import kind_of, raw, source_of, time_of
from minerlib.event.decode.delivery import Decoded, Delivery


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event an object, or a value that is none; source by `host` and its likes, kind by the routing key."""
    parts = _parts(delivery)
    if len(parts) == 1 and parts[0].raw is not None:
        return None
    return [_event(part, delivery) for part in parts]


def objects(delivery: Delivery, read: Callable[[dict[str, Any], Delivery], Decoded | None]) -> list[Decoded] | None:
    """What `read` makes of each object; None where it knows none of them. The others are as `decode` has them."""
    parts = _parts(delivery)
    found = [read(part.body, delivery) if isinstance(part.body, dict) else None for part in parts]
    if not any(found):
        return None
    return [known or _event(part, delivery) for known, part in zip(found, parts, strict=True)]


def _parts(delivery: Delivery) -> list[Part]:
    parts = read_parts(delivery.body)
    body = parts[0].body
    if len(parts) == 1 and isinstance(body, list) and body and all(isinstance(one, dict) for one in body):
        return [Part(one, None) for one in body]
    return parts


def _event(part: Part, delivery: Delivery) -> Decoded:
    if part.raw is not None:
        return raw(delivery, part.raw)
    return Decoded(source_of(part.body, delivery), kind_of(delivery), time_of(part.body, delivery), part.body)
