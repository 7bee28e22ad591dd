"""An ordinary durable queue on somebody's exchange, consumed in batches that are acked when their reader says so."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pika
import pika.exceptions as amqp
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import BROKEN, connect, said_by_broker, sentence, shown
from minerlib.bus.delivery import delivery_of
from minerlib.bus.exchange import bind, exchange_type
from minerlib.errors import BrokerUnreachable, MinerlibError
from minerlib.event.decode import Delivery
from minerlib.event.moment import now

ROOM = 1_000_000_000  # bytes that may wait while nobody reads; then the oldest go, and the producers notice nothing
PREFETCH = 2000
TICK = 0.1  # seconds


class Wanted(NamedTuple):
    """Which messages: `keys` are binding keys, `bindings` what a headers exchange is to match."""

    exchange: str
    keys: Sequence[str] = ("#",)
    bindings: Mapping[str, Any] = {}


class Queue:
    """What lies in a queue and what comes, as long as one connection lasts.

    The queue is declared where it is not there (durable, classic, at most ROOM bytes, the oldest go first) and bound,
    which asks for no permission but to configure and read what is named like it, and to read the exchange. `new` says
    whether it was not there: then it holds nothing of what was published before.

    Raises BrokerUnreachable (worth another try), BrokerRefused, SettingError.
    """

    def __init__(self, url: str, name: str, wanted: Wanted, zone: ZoneInfo | None = None) -> None:
        self.url, self.name, self.zone = url, name, zone
        self._gone = False
        self._taken: list[tuple[int, bool, Delivery]] = []
        self._connection = connect(url, f"minerlib {name}")
        try:
            kind = exchange_type(self._connection, wanted.exchange, url)
            self._channel = self._declare(wanted, kind)
        except MinerlibError:
            self.close()
            raise
        except BROKEN as error:
            self.close()
            raise sentence(error, url) from None

    def _declare(self, wanted: Wanted, kind: str | None) -> BlockingChannel:
        self.new = not self._is_there()
        channel = self._connection.channel()
        arguments = {"x-queue-type": "classic", "x-max-length-bytes": ROOM, "x-overflow": "drop-head"}
        try:
            channel.queue_declare(self.name, durable=True, arguments=arguments)
        except amqp.ChannelClosedByBroker as error:
            if error.reply_code != 406:
                raise said_by_broker(error, self.url) from None
            channel = self._connection.channel()  # it is there, as somebody else made it
        bind(channel, self.name, wanted.exchange, kind, wanted.keys, wanted.bindings)
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.add_on_cancel_callback(self._cancelled)
        channel.basic_consume(self.name, self._arrived)
        return channel

    def _is_there(self) -> bool:
        channel = self._connection.channel()
        try:
            channel.queue_declare(self.name, passive=True)
        except amqp.ChannelClosedByBroker as error:
            if error.reply_code == 404:
                return False
            raise said_by_broker(error, self.url) from None
        channel.close()
        return True

    def take(self, seconds: float = TICK) -> list[tuple[int, bool, Delivery]]:
        """What came within so many seconds: delivery tag, whether it was delivered before, the message."""
        try:
            self._connection.process_data_events(seconds)  # pyright: ignore[reportArgumentType]
        except BROKEN as error:
            raise sentence(error, self.url) from None
        if self._channel.is_closed:  # what is not acknowledged for half an hour, the broker wants back
            raise BrokerUnreachable(f"{shown(self.url)} closed our channel to {self.name}: taking its messages again.")
        if self._gone:
            raise BrokerUnreachable(f"The queue {self.name} was deleted at {shown(self.url)}: declaring it anew.")
        taken, self._taken = self._taken, []
        return taken

    def ack(self, tag: int) -> None:
        """The broker may forget all up to a tag.

        It is asked for a sign of life before: an ack into a connection that is dead already would be lost unnoticed."""
        try:
            self._channel.basic_qos(prefetch_count=PREFETCH)
            self._channel.basic_ack(tag, multiple=True)
        except BROKEN as error:
            raise sentence(error, self.url) from None

    def close(self) -> None:
        """Let go of the connection; the queue stays, and goes on collecting."""
        with contextlib.suppress(*BROKEN):
            self._connection.close()

    def _arrived(self, _: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        delivery = delivery_of(method.exchange, method.routing_key, body, properties, now(), self.zone)
        self._taken.append((method.delivery_tag, method.redelivered, delivery))

    def _cancelled(self, _: Any) -> None:
        self._gone = True
