"""The event: its shape, its key, its body, its order in a stream. Knows no clock, no socket, no file."""

from minerlib.event.event import Event
from minerlib.event.key import LOCAL, check_scope, make_key, split_key
from minerlib.event.order import Message, Order, Position
from minerlib.event.pattern import Kinds, kind_matches, topic_matches

__all__ = [
    "LOCAL",
    "Event",
    "Kinds",
    "Message",
    "Order",
    "Position",
    "check_scope",
    "kind_matches",
    "make_key",
    "split_key",
    "topic_matches",
]
