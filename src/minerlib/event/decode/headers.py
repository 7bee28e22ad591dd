"""A message that says everything in its headers, and has no body."""

from minerlib.event.decode.defaults import kind_of, source_of, time_of
from minerlib.event.decode.delivery import Decoded, Delivery


def decode(delivery: Delivery) -> list[Decoded] | None:
    """The headers as the body; None where there is a body, or no header."""
    if delivery.body.strip() or not delivery.headers:
        return None
    body = dict(delivery.headers)
    return [Decoded(source_of(body, delivery), kind_of(delivery), time_of(body, delivery), body)]
