"""The clock: one tick a second into every stream, so that each stream says itself what time it is.

A tick is an ordinary event, `{"time": ..., "epoch": ...}`. It says the later of the wall clock and the stream's
own clock, and repeats the epoch's name that the stream's first tick gave.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import connected
from minerlib.bus.environments import scope_in
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Reader
from minerlib.bus.retry import patiently, short_name
from minerlib.bus.stream import follow
from minerlib.bus.tap import Tap
from minerlib.bus.topology import ENVIRONMENTS, EVENTS, declare_base, declare_environment
from minerlib.event.body import field
from minerlib.event.event import Event
from minerlib.event.key import make_key
from minerlib.event.moment import MINUTE, now, rfc3339
from minerlib.event.order import TICK, Order

_LEARNING = 3.0  # seconds to read of a stream that never rests: what the wall clock says is later by then

Told = Callable[[str], None]


def run_clock(
    url: str,
    source: str,
    scopes: list[str],
    stop: threading.Event,
    told: Told,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Tick into `scopes`, declared where they are not there, and into every environment that anybody declares.

    Calls `ready` once the given scopes have their streams. Returns when `stop` is set; raises BrokerRefused.
    """
    patiently(stop, told)(prepare, url, source, scopes)
    ready()
    names: set[str] = set(scopes)
    listener = threading.Thread(target=_listen, args=(url, names, stop, told), name="environments", daemon=True)
    listener.start()
    with Publisher(url, f"clock.{source}", told=told, stop=stop) as publisher, Tap("tick", url=url) as ticks:
        pulses: dict[str, Order] = {}
        while not stop.is_set():
            for event in ticks.take():
                _hear(pulses, event)
            for scope in sorted(names - pulses.keys()):
                pulses[scope] = patiently(stop, told)(learn, url, scope, stop)
            for scope, order in pulses.items():
                beat(publisher, scope, source, order)
            stop.wait(1.0 - time.time() % 1.0)
    listener.join()


def _hear(pulses: dict[str, Order], event: Event) -> None:
    """Another clock's tick: ours does not lag behind it, and a new epoch (a stream declared anew) is learnt again."""
    order = pulses.get(event.scope)
    if order is None:
        return
    epoch = field(event.body, "epoch")
    if isinstance(epoch, str) and epoch != order.epoch:
        del pulses[event.scope]
    elif order.clock is not None and order.clock < event.time <= order.clock + MINUTE:
        order.clock = event.time


def beat(publisher: Publisher, scope: str, source: str, order: Order) -> None:
    """One tick; two where the stream's clock is more than a minute behind, for one alone would be doubted."""
    moment = max(now(), order.clock or 0)
    behind = order.clock is None or moment > order.clock + MINUTE
    for _ in range(2 if behind else 1):
        publisher.publish(scope, source, TICK, tick_body(moment, order.epoch))
    order.clock = moment


def tick_body(moment: int, epoch: str) -> dict[str, str]:
    return {"time": rfc3339(moment), **({"epoch": epoch} if epoch else {})}


def prepare(url: str, source: str, scopes: list[str]) -> None:
    """Declare the exchange, our own streams, and the streams of `scopes`."""
    with connected(url, "minerlib clock") as connection:
        declare_base(connection, url)
        for scope in scopes:
            declare_environment(connection, scope, url, _first_tick(scope, source))


def _first_tick(scope: str, source: str) -> Callable[[BlockingChannel, bool], None]:
    def tick(channel: BlockingChannel, new: bool) -> None:
        body = tick_body(now(), short_name() + short_name() if new else "")
        channel.basic_publish(EVENTS, make_key(scope, source, TICK)[0], msgspec.json.encode(body))

    return tick


def learn(url: str, scope: str, stop: threading.Event) -> Order:
    """The clock and the epoch of a stream that we join: from its last minute, else its end, and its first tick."""
    order = Order()
    for start in ("first", datetime.now(UTC) - timedelta(minutes=1), "last"):
        if start == "last" and order.clock is not None:
            break
        reader = Reader(url, scope, start=start, stop=stop)
        deadline = time.monotonic() + _LEARNING
        for batch in reader.batches(wait=0.5):
            order.epoch = order.epoch or reader.order.epoch
            if start != "first":
                order.clock = max(order.clock or 0, reader.order.clock or 0) or None
            if batch is None or (start == "first" and order.epoch) or time.monotonic() > deadline:
                break
    order.epoch = order.epoch or short_name() + short_name()
    return order


def _listen(url: str, names: set[str], stop: threading.Event, told: Told) -> None:
    for messages, _ in follow(url, ENVIRONMENTS, stop, told=told):
        for message in messages:
            if found := scope_in(message.body):
                names.add(found)
