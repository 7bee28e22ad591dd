"""Priming: a new rule is evaluated over the stream's recent past, in silence, so that it begins knowing it."""

import threading
from datetime import timedelta
from typing import NamedTuple

from minerlib.bus.reader import Reader
from minerlib.event.moment import HOUR, MINUTE, to_datetime
from minerlib.event.order import Order
from minerlib.rule import Rule, State, evaluate


class Primed(NamedTuple):
    """A rule's state behind a position, and the offset it was begun at."""

    state: State
    primed_from: int


def prime(url: str, scope: str, rule: Rule, upto: int, order: Order, stop: threading.Event) -> Primed:
    """The state of `rule` behind offset `upto`, where the stream's order is `order`, from its `lookback` on.

    Reads an hour more than it evaluates, for the numbers that publishers said; a reader that starts inside a
    stream knows its clock from the ticks of the minute before.
    """
    clock = order.clock or 0
    since = clock - rule.lookback - rule.lateness - rule.ahead
    state = State.fresh(stream=scope, epoch=order.epoch)
    primed_from = upto + 1
    reader = Reader(url, scope, start=to_datetime(since - HOUR - MINUTE) - timedelta(seconds=1), stop=stop)
    for batch in reader.batches(wait=2):
        if batch is None or batch.order.epoch != order.epoch:
            if reader.last and reader.last[0] < upto and batch is None:
                continue
            break
        events = [event for event in batch.events if event.offset <= upto and event.seen >= since]
        if events:
            primed_from = min(primed_from, events[0].offset)
            state, _ = evaluate(rule, state, events)
        if batch.messages[-1].offset >= upto:
            break
    state, _ = evaluate(rule, state, [], clock)
    return Primed(state, primed_from)
