"""What a node says of itself, as events `node.stats`: how much of a stream it folded, and how far behind it is."""

import contextlib
import math
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from minerlib import settings
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Batch
from minerlib.bus.stream import last_offset
from minerlib.bus.topology import stream_name
from minerlib.errors import BrokerUnreachable, SettingError
from minerlib.event.moment import SECOND, now, rfc3339
from minerlib.event.order import Order
from minerlib.nodes.checkpoint import Held, Outgoing
from minerlib.nodes.said import message
from minerlib.rule import Rule, State

STATS = "node.stats"
_COUNTS = {"matched": "selected", "late": "late", "faults": "fault"}  # what we call what a state counts

Hosted = Mapping[str, tuple[Rule, State]]


def stats_every() -> int:
    """How often a node says its numbers, in microseconds of a stream's clock; 0 is never. Raises SettingError."""
    said = settings.stats_seconds()
    try:
        seconds = float(said)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < 1e9:
        raise SettingError(f"MINERLIB_STATS_SECONDS is {said!r}: write a number of seconds, as in 60, or 0 for never.")
    return round(seconds * SECOND)


class Stats:
    """The numbers of one stream since the node started, said by `teller` at each multiple of `every` of its clock.

    A state counts over restarts, and while it is primed. What happened here is what it counts between `mark` and `add`.
    """

    def __init__(self, scope: str, every: int, teller: "Teller") -> None:
        self.scope, self.every, self.teller, self.since = scope, every, teller, now()
        self.events, self.offset, self.state_bytes = 0, -1, 0
        self.totals: Counter[str] = Counter()
        self._before: dict[str, dict[str, int]] = {}
        self._last: int | None = None

    def mark(self, hosted: Hosted) -> None:
        """Rules came or began anew: what they counted so far is not ours."""
        self._before = {name: dict(state.counts) for name, (_, state) in hosted.items()}

    def add(self, hosted: Hosted) -> None:
        """Take what the rules counted; has to be done before one of them goes."""
        for name, (_, state) in hosted.items():
            before = self._before.get(name, state.counts)
            for ours, theirs in _COUNTS.items():
                self.totals[ours] += state.counts.get(theirs, 0) - before.get(theirs, 0)
        self.mark(hosted)

    def saved(self, held: Mapping[str, Held]) -> None:
        """The states were written down: so large they are."""
        self.state_bytes = sum(len(each.state) for each in held.values())
        self.state_bytes += sum(map(len, {each.intake for each in held.values()}))  # which rules share

    def folded(self, batch: Batch, hosts: bool) -> bool:
        """A batch was folded: count it, where rules are hosted; whether the clock has passed a multiple of `every`."""
        self.offset = batch.messages[-1].offset
        self.events += batch.read.count if hosts else 0
        last, self._last = self._last, (batch.order.clock or 0) // self.every if self.every else 0
        return last is not None and last != self._last

    def tell(self, order: Order, hosted: Hosted) -> None:
        """Say everything; the states have come as far as the messages."""
        self.add(hosted)
        self.teller.tell(self, (self._last or 0) * self.every, self._body(order.epoch, order.clock or 0, hosted))

    def _body(self, epoch: str, clock: int, hosted: Hosted) -> dict[str, Any]:
        """Without a time: it is that of the stream when it arrives, so that a node far behind is not found late."""
        return {
            "stream": self.scope,
            "epoch": epoch,
            "node": settings.source(),
            "since": rfc3339(self.since),
            "clock": rfc3339(clock),
            "offset": self.offset,
            "events": self.events,
            **{name: self.totals[name] for name in _COUNTS},
            "lag_seconds": max(0, now() - clock) / SECOND,
            "rules": len(hosted),
            "instances": sum(len(state.instances) for _, state in hosted.values()),
            "state_bytes": self.state_bytes,
        }


class Teller:
    """Asks where each stream ends and publishes its numbers, on a thread of its own: folding does not wait for it.

    Where it cannot keep up, or the broker is away, numbers are left out: the next ones hold all that these did.
    """

    def __init__(self, url: str, publisher: Publisher, stop: threading.Event) -> None:
        self.url, self.publisher, self.stop = url, publisher, stop
        self._waiting: dict[str, tuple[Stats, int, dict[str, Any]]] = {}

    def tell(self, stats: Stats, number: int, body: dict[str, Any]) -> None:
        """Say this soon, in place of what still waits of the same stream."""
        self._waiting[stats.scope] = stats, number, body

    def run(self) -> None:
        while not self.stop.wait(0.2):
            for scope in list(self._waiting):
                stats, number, body = self._waiting.pop(scope)
                with contextlib.suppress(BrokerUnreachable):
                    end = last_offset(self.url, stream_name(scope), self.stop)
                    said = outgoing(scope, number, {**body, "lag_offsets": max(0, end - stats.offset)})
                    self.publisher.send(said.key, said.body, id=said.id)


def outgoing(scope: str, number: int, body: dict[str, Any]) -> Outgoing:
    """The message; the same node says one a stretch of the clock, so what it says again after a crash is a repeat."""
    node = settings.source()
    return message(scope, node, STATS, body, f"minerlib/{node}.stats.{body['epoch']}:{number}")
