"""A tap on a real broker: any exchange, bad bodies, floods, lost connections, and nothing left behind."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.retry import short_name
from minerlib.bus.stream import Consumer
from minerlib.bus.tap import Tap
from minerlib.bus.topology import UNROUTED, declare_base
from minerlib.errors import BrokerRefused, BrokerUnreachable, SettingError
from minerlib.event.event import Event


@pytest.fixture
def channel(broker_url: str) -> Iterator[BlockingChannel]:
    connection = connect(broker_url, "test")
    yield connection.channel()
    connection.close()


@pytest.fixture
def exchange(channel: BlockingChannel) -> Iterator[Callable[[str], str]]:
    """Declares exchanges of the types asked for; they go with the test."""
    names: list[str] = []

    def declare(kind: str) -> str:
        names.append(f"test.{kind}.{short_name()}")
        channel.exchange_declare(names[-1], kind)
        return names[-1]

    yield declare
    cleaner = channel.connection.channel()
    for name in names:
        cleaner.exchange_delete(name)


@pytest.fixture
def events(broker_url: str) -> str:
    """The URL of a broker on which the exchange `events` stands."""
    connection = connect(broker_url, "test")
    declare_base(connection, broker_url)
    connection.close()
    return broker_url


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.02)


def take(tap: Tap, count: int) -> list[Event]:
    found: list[Event] = []
    until(lambda: found.extend(tap.take(timeout=0.5)) or len(found) >= count)
    return found


@pytest.mark.parametrize(
    ("kind", "pattern", "key", "seen"),
    [
        ("topic", "a.*", "a.b", "a.b"),
        ("fanout", "#", "", None),
        ("direct", "error", "error", "error"),
        ("headers", "#", "any", "any"),
    ],
)
def test_any_exchange(
    broker_url: str,
    channel: BlockingChannel,
    exchange: Callable[[str], str],
    kind: str,
    pattern: str,
    key: str,
    seen: str,
) -> None:  # fmt: skip
    """Every type of exchange gives its events; the kind is the routing key, or the exchange where that is empty."""
    name = exchange(kind)
    with Tap(pattern, exchange=name, url=broker_url) as tap:
        channel.basic_publish(name, key, b'{"host": "web-1", "n": 1}', pika.BasicProperties(timestamp=1_700_000_000))
        (event,) = take(tap, 1)
    assert (event.kind, event.source, event.scope) == (seen or name, "web-1", "local.lab.dev")
    assert event.time == 1_700_000_000_000_000
    assert event.body == {"host": "web-1", "n": 1}


def test_headers_are_matched(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """On a headers exchange `bindings` says what is to match."""
    name = exchange("headers")
    with Tap(exchange=name, url=broker_url, bindings={"x-match": "all", "team": "ops"}) as tap:
        for team in ("web", "ops"):
            channel.basic_publish(name, team, b"1", pika.BasicProperties(headers={"team": team}))
        assert [event.kind for event in take(tap, 1)] == ["ops"]


def test_direct_wants_names(broker_url: str, exchange: Callable[[str], str]) -> None:
    """A pattern for a direct exchange, which would match nothing for ever, is refused with what to write instead."""
    with pytest.raises(SettingError, match=r"direct one.*name its routing keys"):
        Tap("#", exchange=exchange("direct"), url=broker_url)


def test_asking_for_the_type_changes_nothing(broker_url: str, channel: BlockingChannel) -> None:
    """A missing exchange is told in one sentence, and is still missing."""
    for _ in range(2):
        with pytest.raises(BrokerRefused, match=r"no exchange 'nobody\.has\.this'"):
            Tap(exchange="nobody.has.this", url=broker_url)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="no exchange"):
        channel.exchange_declare("nobody.has.this", passive=True)


def test_nobody_answers() -> None:
    """No broker there: one sentence without the password."""
    with pytest.raises(BrokerUnreachable, match="Nothing listens") as said:
        Tap(url="amqp://me:secret@127.0.0.1:1/")
    assert "secret" not in str(said.value)


def test_bodies_of_all_sorts(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """Nothing is refused: bytes stay raw, text is lines, arrays of objects are many, headers stand for no body."""
    name = exchange("fanout")
    moment = datetime(2026, 1, 2, 3, 4, 5)
    with Tap(exchange=name, url=broker_url) as tap:
        for body in (b"\xff\x00", b"", b'{"a":', b'[{"a":1},{"a":2}]', b'{"a":1}\nbad\n{"a":3}', b"[" * 100_000):
            channel.basic_publish(name, "k", body)
        headers = {"HOST": "mail", "PID": 2**40, "deep": {"at": moment, "list": [b"\xff", 1]}}
        channel.basic_publish(name, "k", b"", pika.BasicProperties(headers=headers))
        found = take(tap, 10)
    assert [event.raw is None for event in found] == [False, False, True, True, True, True, False, True, True, True]
    assert [event.part for event in found] == [0, 0, 0, 0, 1, 0, 1, 2, 0, 0]
    assert found[2].body == {"message": '{"a":'}
    deep = {"at": "2026-01-02T03:04:05Z", "list": ["\ufffd", 1]}
    assert (found[-1].source, found[-1].body) == ("mail", {"HOST": "mail", "PID": 2**40, "deep": deep})
    assert msgspec.json.encode(found[-1].body)


def test_kinds_and_keys(events: str) -> None:
    """On `events` a pattern is one of kinds or of whole keys, and the workbench's own kinds stay out of sight."""
    scope = f"acme.t{short_name()}.prod"
    with (
        Tap("test.#", url=events) as kinds,
        Tap(f"{scope}.#", url=events) as keys,
        Tap(f"{scope}.*.alert.#", url=events) as named,
        Publisher(events, "test") as publisher,
    ):
        for kind in ("test.one", "alert.test", "tick"):
            publisher.publish(scope, "web-1", kind, {"n": 1})
        publisher.flush()
        assert [event.kind for event in take(named, 1)] == ["alert.test"]
        (event,) = take(keys, 1)
        assert (event.scope, event.source, event.kind) == (scope, "web-1", "test.one")
        assert event.kind in [event.kind for event in take(kinds, 1)]
        until(lambda: keys.counts.hidden == 2)
        assert keys.counts.received == 1


def test_a_key_that_is_no_text(events: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """Keys and ids are bytes to AMQP: what is not UTF-8 in them is shown escaped, and the tap lives on."""
    bad: Any = b"\xff.a.b.c.tick"
    unread: Any = pika.BasicProperties(message_id=bad)
    name = exchange("topic")
    with Tap("#", url=events) as ours, Tap("tick", url=events) as ticks, Tap("#", name, events) as theirs:
        for key in (bad, "q.a.b.c.tick", "q.a.b.c.test"):
            channel.basic_publish("events", key, b"{}", unread)
            channel.basic_publish(name, key, b"{}", unread)
        until(lambda: any(event.scope == "q.a.b" for event in ours.take(timeout=0.1)))
        found = [event for event in take(ticks, 2) if event.source == "c"]
        assert [event.scope for event in found] == [r"\xff.a.b", "q.a.b"]
        assert [event.kind for event in take(theirs, 3)] == [r"\xff.a.b.c.tick", "q.a.b.c.tick", "q.a.b.c.test"]


def test_a_tap_takes_nothing_away(events: str) -> None:
    """A message of an environment nobody declared reaches `unrouted` although a tap of everything saw it."""
    scope = f"acme.u{short_name()}.prod"
    with Consumer(events, UNROUTED, "next") as unrouted, Tap("#", url=events) as tap:
        with Publisher(events, "test") as publisher:
            publisher.publish(scope, "web-1", "test.first", {"n": 1})
        until(lambda: any(event.scope == scope for event in tap.take(timeout=0.1)))
        keys: list[str] = []
        until(lambda: keys.extend(m.key for m in unrouted.read(0.2)) or f"{scope}.web-1.test.first" in keys, 5)


def test_flood(events: str) -> None:
    """Under a flood memory stays bounded and every event is accounted for, also those that fell at the broker."""
    scope, count = f"acme.f{short_name()}.prod", 12_000
    with Tap("#", url=events, keep=500) as tap, Publisher(events, "test") as publisher:
        publisher.publish(scope, "web-1", "test.flood", {"n": -1})
        publisher.flush()
        take(tap, 1)
        for number in range(count):
            publisher.publish(scope, "web-1", "test.flood", {"n": number})
        publisher.flush(60)
        publisher.publish(scope, "web-1", "test.end", {})
        until(lambda: tap.totals().get("test.end") == 1)
        last = tap.take()[-1]
        counts = tap.counts
    assert last.kind == "test.end"
    assert len(tap.seen()) == 500
    assert counts.lost > 0
    assert counts.waiting == 0
    assert counts.received + counts.lost == count + 2
    assert counts.received + counts.lost == counts.shown + counts.dropped


def test_newest_first_when_looking(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """Taking at most so many gives the newest, and says that the others were dropped."""
    name = exchange("fanout")
    with Tap(exchange=name, url=broker_url) as tap:
        for number in range(10):
            channel.basic_publish(name, "k", b"%d" % number)
        until(lambda: tap.counts.received == 10)
        assert [event.body for event in tap.take(most=3)] == [7, 8, 9]
        assert tap.counts[:4] == (10, 3, 7, 0)
        assert tap.take() == []


def test_it_comes_back(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """Its queue deleted, its connection closed by the broker or cut, it attaches anew and goes on."""
    name = exchange("fanout")
    with Tap(exchange=name, url=broker_url) as tap:
        for end in (_delete, _offend, _cut):
            before = tap.queue
            end(tap)
            until(lambda before=before: tap.queue != before and tap.state == "live")
            channel.basic_publish(name, "again", b"1")
            assert take(tap, 1)[0].kind == "again"


def _delete(tap: Tap) -> None:
    tap._connection.add_callback_threadsafe(lambda: tap._connection.channel().queue_delete(tap.queue))


def _offend(tap: Tap) -> None:
    """An exchange of a type that does not exist: the broker answers 503 and closes the connection."""
    tap._connection.add_callback_threadsafe(lambda: tap._connection.channel().exchange_declare("x", "no-such-type"))


def _cut(tap: Tap) -> None:
    tap._connection._impl._transport._sock.shutdown(socket.SHUT_RDWR)


def test_the_exchange_goes(broker_url: str, channel: BlockingChannel) -> None:
    """When what it looked at is gone for good, the tap ends with a sentence instead of trying for ever."""
    name = f"test.gone.{short_name()}"
    channel.exchange_declare(name, "fanout")
    with Tap(exchange=name, url=broker_url) as tap:
        channel.exchange_delete(name)
        _delete(tap)
        with pytest.raises(BrokerRefused, match="no exchange"):
            list(tap)
    assert tap.state == "refused"


def test_nothing_is_left(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """Closed, it has taken its queue and its thread with it, iteration ends, and closing again is harmless."""
    tap = Tap(exchange=exchange("fanout"), url=broker_url)
    assert tap.queue.startswith("minerlib.tap.")
    looking = threading.Thread(target=lambda: list(tap))
    looking.start()
    tap.close()
    tap.close()
    looking.join(5)
    assert not looking.is_alive()
    assert not tap._thread.is_alive()
    assert tap.state == "closed"
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="no queue"):
        channel.queue_declare(tap.queue, passive=True)


def test_fields_and_frame(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """What was just seen is there as fields with their types and as a frame."""
    name = exchange("topic")
    bodies: list[object] = [
        {"time": "2026-11-23T04:00:00Z", "cpu": {"user": 3, "tags": ["a"]}, "up": True, "kind": "x"},
        {"cpu": {"user": 4.5}, "up": False, "odd": 1},
        {"odd": "text"},
        7,
    ]
    with Tap(exchange=name, url=broker_url) as tap:
        for body in bodies:
            channel.basic_publish(name, "reading", json.dumps(body).encode())
        until(lambda: tap.counts.received == 4)
        fields, frame = tap.fields(), tap.frame()
        assert "received 4, shown 0" in repr(tap)
    assert fields["cpu.user"] == ("cpu.user", ("number",), 2, 4.5, ("reading",))
    assert fields["odd"].types == ("number", "text")
    assert frame["time"][0] == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert frame["cpu.user"].to_list() == [3.0, 4.5, None, None]
    assert frame["odd"].to_list() == [None, "1", '"text"', None]
    assert frame["body.kind"][0] == "x"
    assert frame["body"].to_list() == [None, None, None, 7.0]
    assert "body.time" not in frame.columns


def test_large_messages(broker_url: str, channel: BlockingChannel, exchange: Callable[[str], str]) -> None:
    """A flood inside few messages is not even decoded beyond the tap's budget, but counted."""
    name = exchange("fanout")
    lines = b"\n".join(b'{"n":%d}' % number for number in range(1000)) + b"\n"
    with Tap(exchange=name, url=broker_url, keep=60_000) as tap:
        for _ in range(50):
            channel.basic_publish(name, "k", lines)
        until(lambda: tap.counts.received == 50_000)
        tap.take()
        counts = tap.counts
        assert tap.totals() == {"k": 50_000}
    assert counts.dropped > 20_000
    assert counts.received == counts.shown + counts.dropped
