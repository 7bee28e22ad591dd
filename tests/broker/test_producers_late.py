"""A real collectd and a real syslog-ng that are there before their broker is, and stay when it goes: once, and in
`make chaos` three times. collectd forgets what it cannot send, syslog-ng keeps it."""

import os
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from needs import needs

from minerlib.bus import broker
from minerlib.bus.connect import connect

from .bench import SCOPE, Bench
from .others import collectd, syslog_ng
from .others.carried import Event, archived, bridge, is_bound, queue, value_list
from .others.collectd import Collectd
from .others.syslog_ng import SyslogNg, write
from .processes import until

OUTAGES = 3 if "MINERLIB_CHAOS_ROUNDS" in os.environ else 1
EXCHANGES = ("collectd.Command", "syslog.json")

pytestmark = pytest.mark.timeout(120 + 60 * OUTAGES)


def test_a_broker_that_comes_late_and_goes(bench: Bench, tmp_path: Path):
    """Every line is in the archive, those of the time without a broker too; of the values only those are missing that
    were measured then. Each is there once, but for what says `redelivered`."""
    needs(*collectd.NEEDS, *syslog_ng.NEEDS)
    with connect(bench.url) as connection:
        channel = connection.channel()
        for name in (*EXCHANGES, "syslog.headers"):  # which nobody listens to here
            channel.exchange_declare(name, "fanout" if name == "syslog.headers" else "topic", durable=True)

    def events(kind: str) -> list[Event]:
        return [event for event in archived(bench.archive, SCOPE) if event.kind.startswith(kind)]

    values, lines = Collectd(tmp_path / "values", bench.url, ["Command"]), SyslogNg(tmp_path / "lines", bench.url)
    away: list[tuple[float, float]] = []
    with ExitStack() as stack:
        bridges = [stack.enter_context(bridge(bench.url, tmp_path, name, SCOPE)) for name in EXCHANGES]
        for name in EXCHANGES:
            until(lambda name=name: is_bound(bench.url, name), 60, f"a bridge at {name}")
        for outage in range(OUTAGES):
            assert bridges.pop().interrupt() == 0  # that of syslog-ng; the other one stays
            before, began = len(events("load")), time.time()
            broker.stop(bench.folder)
            if not outage:
                stack.enter_context(values)
                stack.enter_context(lines)
            write(lines, 2)
            broker.start(bench.folder)
            until(lambda before=before: len(events("load")) > before, 60, "what collectd measures arrives again")
            away.append((began, time.time()))
            until(lambda: queue(bench.url, f"minerlib.bridge.{EXCHANGES[1]}")[0] > 0, 30, "lines wait in the queue")
            bridges.append(stack.enter_context(bridge(bench.url, tmp_path, EXCHANGES[1], SCOPE)))
            write(lines, 3)
        values.stop()
        measured = list(values.said())
        newest = max(value.time for value in measured if value.name[0] == "load")
        until(lambda: any(event.time.timestamp() == newest for event in events("load")), 30, "the newest is archived")
        until(lambda: len(events("log.")) >= len(lines.said()), 30, "all lines are archived")
        lines.stop()

    found = Counter(event.body["message"] for event in events("log.") if not event.body.get("redelivered"))
    assert found == Counter(line.message for line in lines.said())
    said = {(value.name, f"{value.time:.3f}") for value in measured}
    there = Counter(
        (value_list(event), f"{event.time.timestamp():.3f}")
        for event in events("")
        if not event.kind.startswith("log.") and not event.body.get("redelivered")
    )
    assert set(there.values()) == {1}
    assert there.keys() < said
    for name, at in said - there.keys():
        assert any(gone - 1 <= float(at) <= back for gone, back in away), (name, at)
