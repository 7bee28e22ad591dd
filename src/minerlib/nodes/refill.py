"""Messages that an archive lost, read again from their streams by offset, as far as retention still has them."""

import threading
import time
from collections.abc import Iterator

import msgspec

from minerlib.archive.check.finding import Ranges, inside
from minerlib.archive.mend.fill import Fetch, Fetched, Lead
from minerlib.bus.stream import Consumer, last_offset
from minerlib.bus.topology import stream_name
from minerlib.errors import BrokerUnreachable
from minerlib.event.event import Event
from minerlib.event.order import Order
from minerlib.rule.history import Stream

_PATIENCE = 10.0  # seconds a stream may take to deliver a message it has


def refill(url: str) -> Fetch:
    """What reads from the streams of a broker."""

    def fetch(stream: Stream, ranges: Ranges, lead: Lead) -> Iterator[Fetched]:
        return _fetch(url, stream, ranges, lead)

    return fetch


def _fetch(url: str, stream: Stream, ranges: Ranges, lead: Lead) -> Iterator[Fetched]:
    """The wanted events, a batch at a time, once a tick has said that the stream is the one they were in."""
    queue, wanted_last = stream_name(stream.scope), ranges[-1][1]
    end = last_offset(url, queue, threading.Event())
    if end < 0:
        raise BrokerUnreachable(f"The stream {queue} delivers nothing: is it the right broker?")
    if end < lead.offset or end < ranges[0][0]:  # it is shorter than ours was: another one
        return
    order = Order(clock=lead.clock)
    held: list[Event] = []
    own: list[tuple[int, int]] = []
    before: int | None = None
    deadline = time.monotonic() + _PATIENCE
    with Consumer(url, queue, lead.offset) as consumer:
        while before is None or before < min(wanted_last, end) or not order.epoch:
            got = consumer.read(1)
            if not got and (time.monotonic() > deadline or (before is not None and before >= end)):
                raise BrokerUnreachable(f"The stream {queue} is slow to deliver what it has: try again.")
            for message in got:
                if before is not None and message.offset > before + 1:
                    own.append((before + 1, message.offset - 1))
                before = message.offset
                events = order.read(message)
                if inside(ranges, message.offset):
                    held += events
            if order.epoch and order.epoch != stream.epoch:
                return
            if got:
                deadline = time.monotonic() + _PATIENCE
            if order.epoch and (held or own):
                yield Fetched([msgspec.structs.replace(event, epoch=stream.epoch) for event in held], own)
                held, own = [], []
