"""A stream as it lies on the broker: messages with offsets, from any place, as fast as pika takes them."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pika
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import BROKEN, connect, explain, sentence, shown
from minerlib.bus.delivery import short_text
from minerlib.bus.retry import patiently
from minerlib.errors import BrokerUnreachable
from minerlib.event.order import Message

PREFETCH = 2000
_ACK = 500  # messages: by the time that the broker runs out of credit it has more
_OFTEN = 60.0  # seconds until fewer are acknowledged too: a broker closes the channel of who owes it one for 30 minutes
Start = int | str | datetime


class Consumer:
    """One attachment to a stream. `start` is an offset, `first`, `last`, `next` or a datetime.

    It lives as long as its connection: BrokerUnreachable says that it is over, and the reader attaches anew.
    Not for use from more than one thread.
    """

    def __init__(self, url: str, queue: str, start: Start, name: str = "minerlib reader") -> None:
        self.url, self.queue = url, queue
        self._got: list[Message] = []
        self._newest = self._acked = 0
        self._settled = time.monotonic()
        self._ended = ""
        self._connection = connect(url, name)
        try:
            self._channel: BlockingChannel = self._connection.channel()
            self._channel.basic_qos(prefetch_count=PREFETCH)
            self._channel.add_on_cancel_callback(self._cancelled)
            self._channel.basic_consume(queue, self._take, arguments={"x-stream-offset": start})
        except BROKEN as error:
            self.close()
            if getattr(error, "reply_code", 0) == 404:  # it will be there as soon as somebody declares it
                raise BrokerUnreachable(f"There is no stream {queue} at {shown(url)} yet: waiting for it.") from None
            raise sentence(error, url) from None

    def read(self, wait: float, most: int = 10_000) -> list[Message]:
        """What has arrived, at most about `most` messages; empty when nothing did within `wait` seconds."""
        deadline = time.monotonic() + wait
        try:
            if time.monotonic() - self._settled > _OFTEN:
                self._settle()
            while not self._got and not self._ended:
                if self._channel.is_closed:
                    raise BrokerUnreachable(f"{shown(self.url)} closed our channel to {self.queue}: attaching again.")
                left = deadline - time.monotonic()
                if left <= 0:
                    return []
                self._connection.process_data_events(time_limit=left)  # pyright: ignore[reportArgumentType]
            while len(self._got) < most:  # what lies ready in the socket belongs to this batch
                before = len(self._got)
                self._connection.process_data_events(time_limit=0)
                if len(self._got) == before:
                    break
            got, self._got = self._got, []
        except BROKEN as error:
            explain(error, self.url)
        if not got and self._ended:
            raise BrokerUnreachable(self._ended)
        return got

    def close(self) -> None:
        """Let go of the connection; never raises."""
        with contextlib.suppress(*BROKEN):
            self._connection.close()

    def _take(self, _: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        headers = properties.headers or {}
        self._newest = method.delivery_tag
        if self._newest >= self._acked + _ACK:
            self._settle()
        self._got.append(
            Message(
                int(headers["x-stream-offset"]),  # pyright: ignore[reportArgumentType]  (pika gives an int of its own)
                short_text(method.routing_key),
                body,
                short_text(properties.message_id) if properties.message_id else None,
                properties.timestamp,
            )
        )

    def _settle(self) -> None:
        """Acknowledge what came: credit, nothing more, for a stream forgets no message."""
        self._settled = time.monotonic()
        if self._newest > self._acked and self._channel.is_open:
            self._acked = self._newest
            self._channel.basic_ack(self._acked, multiple=True)

    def _cancelled(self, _: Any) -> None:
        self._ended = f"The stream {self.queue} was deleted while it was read: attaching again once it is there."

    def __enter__(self) -> "Consumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Followed(NamedTuple):
    """What `follow` gives: messages that came (none while nothing does), and whether what had been there is read."""

    messages: list[Message]
    caught_up: bool


def follow(
    url: str, queue: str, stop: threading.Event, wait: float = 0.5, told: Callable[[str], None] | None = None
) -> Iterator[Followed]:
    """Every message of a small stream from its beginning, then what comes.

    For `environments`, `rules` and `unrouted`, which have no ticks and no epochs. Reconnects by itself and goes on
    behind the last message it gave, which it compares: a stream that was declared anew is read from its beginning.
    """
    last: Message | None = None
    end: int | None = None
    while not stop.is_set():
        try:
            if end is None:
                end = patiently(stop, told)(last_offset, url, queue, stop)
            with patiently(stop, told)(Consumer, url, queue, last.offset if last else "first") as consumer:
                if last:
                    got = consumer.read(5)
                    if not got or got[0].digest() != last.digest():
                        last, end = None, None
                        continue
                    last = got[-1]
                    yield Followed(got[1:], last.offset >= end)
                while not stop.is_set():
                    got = consumer.read(wait)
                    last = got[-1] if got else last
                    yield Followed(got, end < 0 or (last is not None and last.offset >= end))
        except BrokerUnreachable:
            yield Followed([], False)


def last_offset(url: str, queue: str, stop: threading.Event) -> int:
    """The offset of a stream's last message as it is now; -1 where it has none."""
    found, deadline = -1, time.monotonic() + 2
    with Consumer(url, queue, "last") as consumer:
        while not stop.is_set() and time.monotonic() < deadline:
            got = consumer.read(0.3 if found >= 0 else 1)
            if not got:
                break
            found = got[-1].offset
    return found
