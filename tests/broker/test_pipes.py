"""Pipes on a real broker: from a tap, back onto the bus."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from minerlib import publishing
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.moment import SECOND, now, rfc3339

from .conftest import read_until
from .processes import START

LIVE = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[2] / "docs" / "pipes.md").read_text(), re.S)[3]


def test_what_is_put_is_what_is_read(broker_url: str, environment: str) -> None:
    """Time, source, kind and body of an event survive the bus, whatever its body is; of a time that cannot stand in
    one, whole seconds do."""
    time = (now() // SECOND - 3600) * SECOND + 250_000
    of: dict[str, Any] = {"source": "web-1", "scope": environment, "time": time}
    said = {"time": rfc3339(time), "n": 1}
    given = [
        Event.of("put.said", said, **of),
        Event.of("put.unsaid", {"n": 2}, **of),
        Event.of("put.other", {"time": "2020-01-01T00:00:00Z", "n": 3}, **of),
        Event.of("put.list", [1, 2], **of),
        msgspec.structs.replace(Event.of("put.raw", None, **of), raw=b"\xff"),
        Event.of("put.long", {"n": 4}, source="x" * 300, scope=environment, time=time),
    ]
    with publishing("test", broker_url) as bus:
        for event in given:
            bus(event)
    found = read_until(Reader(broker_url, environment), lambda events: len(events) >= len(given))
    assert [event.kind for event in found] == [event.kind for event in given]
    assert [event.time for event in found] == [time, time, time, time - 250_000, time - 250_000, time]
    bodies = [event.body for event in found]
    assert bodies[:3] == [said, {"time": rfc3339(time), "n": 2}, {"time": rfc3339(time), "n": 3}]
    assert (bodies[3], found[4].raw, found[5].source) == ([1, 2], b"\xff", "x" * 300)
    assert {event.scope for event in found} == {environment}


def test_counts_of_a_tap(broker_url: str, environment: str, tick: Callable[[], None]) -> None:
    """docs/pipes.md, live: hits are counted, though nothing comes behind them; Ctrl-C ends it."""
    process = subprocess.Popen(
        [sys.executable, "-c", START + "signal.alarm(60)\n" + LIVE],
        env={**os.environ, "MINERLIB_BROKER_URL": broker_url}, stderr=subprocess.PIPE,
    )  # fmt: skip
    reader = Reader(broker_url, environment)
    begun, sent = now(), 0
    try:
        with Publisher(broker_url, "test") as publisher:

            def counted(events: list[Event]) -> bool:
                nonlocal sent
                counts = [event for event in events if event.kind == "count.firewall.drop"]
                if not counts and now() - begun < 10 * SECOND:  # until the tap is there
                    publisher.publish(environment, "web-1", "firewall.drop", {"source_ip": "198.51.100.7"}, time=begun)
                    sent += 1
                return bool(counts)

            found = read_until(reader, counted)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    (count,) = [event for event in found if event.kind == "count.firewall.drop"]
    assert (count.source, count.time) == ("web-1", begun // SECOND * SECOND)
    assert count.body["source_ip"] == "198.51.100.7"
    assert 0 < count.body["count"] <= sent
