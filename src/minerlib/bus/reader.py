"""The ordered reader: every event of an environment's stream, from where we were, and what is missing said.

    attach at the stored offset, compare the message there
        the same            go on behind it
        a higher offset     a gap (retention), if the next tick names the same epoch
        another, or none    a new epoch (the stream was deleted and declared anew): from the first

Whatever happens, nothing is skipped in silence: each batch says its gap or its new epoch.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from minerlib.bus.retry import patiently
from minerlib.bus.stream import Consumer, Start
from minerlib.bus.topology import stream_name
from minerlib.errors import BrokerUnreachable
from minerlib.event.event import Event
from minerlib.event.key import split_key
from minerlib.event.known import Keys
from minerlib.event.messages import Messages
from minerlib.event.order import TICK, Message, Order, Position

_PATIENCE = 5.0  # seconds a stream with a clock may take to deliver a message it has


class Gap(NamedTuple):
    """Offsets of an epoch that retention took before we came to them, first and last included."""

    epoch: str
    first: int
    last: int


class Batch(NamedTuple):
    """What a reader gives: messages in stream order and the clock behind them; a gap or epoch that begins with them,
    or offsets before them that are the broker's `own` and no loss."""

    read: Messages
    order: Order
    gap: Gap | None = None
    new_epoch: bool = False
    own: Gap | None = None

    @property
    def messages(self) -> list[Message]:
        return self.read.messages

    @property
    def events(self) -> list[Event]:
        """The events of the messages, in order."""
        return self.read.events

    @property
    def position(self) -> Position:
        last = self.messages[-1]
        return Position(self.order.epoch, last.offset, last.digest(), self.order.to_json())


class Reader:
    """Batches of one environment's stream, for ever or until `stop` is set, over every loss of connection.

    `position` is where to go on (None: `start`, by default the first message); `told` hears each trouble once.
    """

    def __init__(
        self,
        url: str,
        scope: str,
        position: Position | None = None,
        start: Start = "first",
        stop: threading.Event | None = None,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self.url, self.queue, self.start = url, stream_name(scope), start
        self.stop, self.told = stop or threading.Event(), told
        self.order = Order.from_json(position.order) if position else Order()
        self.last = (position.offset, position.digest) if position else None
        self._held: list[Message] = []
        self._new = False
        self._keys = Keys()

    def batches(self, wait: float = 0.5, most: int = 10_000) -> Iterator[Batch | None]:
        """Batches as they come; None whenever nothing came for `wait` seconds, so that a caller can look up.

        Raises BrokerRefused where the broker says no for good.
        """
        while not self.stop.is_set():
            consumer = None
            try:
                consumer, first, gap, new = patiently(self.stop, self.told)(self._attach)
                if first or gap or new:
                    yield from self._batches(first, gap, new)
                while not self.stop.is_set():
                    got = consumer.read(wait, most)
                    if got:
                        yield from self._batches(got)
                    else:
                        yield None
            except BrokerUnreachable as error:
                if self.told and not self.stop.is_set():
                    self.told(str(error))
                yield None
            finally:
                if consumer:
                    consumer.close()

    def _batches(self, messages: list[Message], gap: Gap | None = None, new: bool = False) -> Iterator[Batch | None]:
        """What was read, cut where an offset does not follow: retention may take a segment that is being read.

        Not every hole is a loss: the broker keeps books of its own in a stream, an offset each time it does.
        """
        begin = 0
        for at in range(1, len(messages) + 1):
            if at == len(messages) or messages[at].offset != messages[at - 1].offset + 1:
                run = messages[begin:at]
                own = None
                if gap is None and self.last and run[0].offset > self.last[0] + 1:
                    hole = Gap(self.order.epoch, self.last[0] + 1, run[0].offset - 1)
                    gap, own = (hole, None) if self._taken(hole.first) else (None, hole)
                self._new = self._new or new
                yield self._batch(run, gap, own)
                begin, gap, new = at, None, False

    def _taken(self, offset: int) -> bool:
        """Whether retention took the message at an offset, and not only the ones before it."""
        with Consumer(self.url, self.queue, "first") as consumer:
            got = self._some(consumer)
        return bool(got) and got[0].offset > offset

    def _batch(self, messages: list[Message], gap: Gap | None = None, own: Gap | None = None) -> Batch | None:
        """The batch of what was read; None while a stream has not shown its first tick (what lies before is a gap)."""
        if self.order.clock is None:
            self._held += messages
            at = next((number for number, message in enumerate(self._held) if _is_tick(message)), None)
            if at is None:
                return None
            lost, messages, self._held = self._held[:at], self._held[at:], []
        else:
            lost = []
        if self._keys.crowded:
            self._keys = Keys()
        read = Messages(self.order, messages, self._keys)
        if lost and self.start == "first":
            gap = Gap(self.order.epoch, lost[0].offset, lost[-1].offset)
        if messages:
            self.last = (messages[-1].offset, messages[-1].digest())
        new, self._new = self._new, False
        return Batch(read, self.order, gap, new, own)

    def _attach(self) -> tuple[Consumer, list[Message], Gap | None, bool]:
        """A consumer that stands right behind what we have, with the messages that had to be read to know it."""
        if self.last is None:
            return Consumer(self.url, self.queue, self.start), [], None, False
        offset, digest = self.last
        consumer = Consumer(self.url, self.queue, offset)
        try:
            got = self._some(consumer)
            if got and got[0].offset == offset and got[0].digest() == digest:
                return consumer, got[1:], None, False
            if got and got[0].offset > offset:
                epoch, got = self._epoch(consumer, got)
                if epoch == self.order.epoch:
                    return consumer, got, Gap(epoch, offset + 1, got[0].offset - 1), False
            consumer.close()
            return self._attach_anew()
        except BaseException:
            consumer.close()
            raise

    def _attach_anew(self) -> tuple[Consumer, list[Message], Gap | None, bool]:
        """From the first message, where that is another epoch; trying again, where it is ours after all."""
        consumer = Consumer(self.url, self.queue, "first")
        try:
            epoch, got = self._epoch(consumer, self._some(consumer))
            if epoch == self.order.epoch:
                raise BrokerUnreachable(f"The stream {self.queue} is slow to deliver what it has: attaching again.")
        except BaseException:
            consumer.close()
            raise
        self.order, self.last, self._held = Order(), None, []
        self.start = "first"
        return consumer, got, None, True

    def _some(self, consumer: Consumer) -> list[Message]:
        deadline = time.monotonic() + _PATIENCE
        while not self.stop.is_set() and time.monotonic() < deadline:
            if got := consumer.read(0.2):
                return got
        return []

    def _epoch(self, consumer: Consumer, got: list[Message]) -> tuple[str, list[Message]]:
        """The epoch that the first tick in `got` and what follows names, and all that was read to find it."""
        probe = Order()
        checked = 0
        deadline = time.monotonic() + 2 * _PATIENCE
        while not self.stop.is_set():
            for message in got[checked:]:
                if _is_tick(message):
                    probe.read(message)
                if probe.epoch:
                    return probe.epoch, got
            checked = len(got)
            if time.monotonic() > deadline:
                break
            got = got + consumer.read(0.5)
        raise BrokerUnreachable(f"The stream {self.queue} has no tick: is a clock running (minerlib up)?")


def _is_tick(message: Message) -> bool:
    key = split_key(message.key)
    return key is not None and key.kind == TICK
