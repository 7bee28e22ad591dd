"""JSON of any application: an object, an array of objects, lines of them (NDJSON)."""

from minerlib.event.body import read_parts
from minerlib.event.decode.defaults import kind_of, raw, source_of, time_of
from minerlib.event.decode.delivery import Decoded, Delivery


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event an object, or a value that is none; source by `host` and its likes, kind by the routing key."""
    parts = read_parts(delivery.body)
    if len(parts) == 1:
        body, unread = parts[0]
        if unread is not None:
            return None
        several = isinstance(body, list) and body and all(isinstance(one, dict) for one in body)
        return [_event(each, delivery) for each in (body if several else [body])]
    return [raw(delivery, part.raw) if part.raw is not None else _event(part.body, delivery) for part in parts]


def _event(body: object, delivery: Delivery) -> Decoded:
    return Decoded(source_of(body, delivery), kind_of(delivery), time_of(body, delivery), body)
