"""A real collectd and a real syslog-ng publish for 30 s: every value they sent is in the archive, once, and right.

What they sent is known from files they write themselves, value by value, and, as a number, from a second queue at each
of their exchanges.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from needs import needs

from minerlib.bus.connect import connect
from minerlib.nodes.clock import prepare

from .bench import Bench
from .others import collectd, syslog_ng
from .others.carried import Event, archived, bridge, is_bound, queue, value_list
from .others.collectd import HOST, Collectd
from .others.producer import there
from .others.syslog_ng import Line, SyslogNg, write
from .processes import until

SECONDS = 30.0
EXCHANGES = {
    **{f"collectd.{name}": "fanout" if name == "Graphite" else "topic" for name in collectd.FORMATS},
    **{f"syslog.{name}": "fanout" if name == "headers" else "topic" for name in syslog_ng.FORMS},
}
FIELDS = ("time", "plugin_instance", "type_instance", "interval")

pytestmark = pytest.mark.timeout(180)


class Ran(NamedTuple):
    """Producers that have been running, and the archive they ended in."""

    kept: Bench
    values: Collectd | None
    lines: SyslogNg | None
    written: int  # lines, to syslog-ng
    sent: dict[str, int]  # messages, to each exchange

    def archived(self, exchange: str) -> list[Event]:
        """What came of an exchange, in the environment of its own."""
        return archived(self.kept.archive, scope(exchange))


def scope(exchange: str) -> str:
    return f"others.{exchange.lower()}"


@pytest.fixture(scope="module")
def ran(kept: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Exchanges of other people, a bridge at each, a queue that counts, and 30 s of the producers that are here."""
    if not there(collectd.NEEDS) and not there(syslog_ng.NEEDS):
        needs(*collectd.NEEDS, *syslog_ng.NEEDS)
    folder = tmp_path_factory.mktemp("producers")
    prepare(kept.url, "test", [scope(name) for name in EXCHANGES])
    with connect(kept.url) as connection:
        channel = connection.channel()
        for name, kind in EXCHANGES.items():
            channel.exchange_declare(name, kind, durable=True)
            channel.queue_declare(f"count.{name}", durable=True)
            channel.queue_bind(f"count.{name}", name, "#")

    def sent(name: str) -> int:
        return queue(kept.url, f"count.{name}")[0]

    with ExitStack() as stack:
        bridges = [stack.enter_context(bridge(kept.url, folder, name, scope(name))) for name in EXCHANGES]
        for name in EXCHANGES:  # what is published before its queue is bound goes nowhere
            until(lambda name=name: is_bound(kept.url, name), 60, f"a bridge at {name}")
        values = stack.enter_context(Collectd(folder / "collectd", kept.url)) if there(collectd.NEEDS) else None
        lines = stack.enter_context(SyslogNg(folder / "syslog-ng", kept.url)) if there(syslog_ng.NEEDS) else None
        written = write(lines, SECONDS)
        if lines:
            until(lambda: all(sent(f"syslog.{form}") >= written for form in syslog_ng.FORMS), 30, "all lines are sent")
            lines.stop()
        if values:
            values.stop()
        found = Ran(kept, values, lines, written, {name: sent(name) for name in EXCHANGES})
        for name, count in found.sent.items():
            until(lambda name=name, count=count: len(found.archived(name)) >= count, 60, f"all of {name} is archived")
        assert [each.interrupt() for each in bridges] == [0] * len(bridges)
        yield found


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_as_many_as_were_sent(ran: Ran, exchange: str):
    """An event a message: no more, no less."""
    needs(*(collectd if exchange.startswith("collectd") else syslog_ng).NEEDS)
    assert len(ran.archived(exchange)) == ran.sent[exchange]


@pytest.mark.parametrize("format", collectd.FORMATS)
def test_what_collectd_said(ran: Ran, format: str):
    """Each value list is an event: at its time, of its host, of its plugin and type, with its values by their names.

    Graphite's lines say whole seconds, rounded, and the host with `_` for its dots.
    """
    needs(*collectd.NEEDS)
    assert ran.values
    lists = list(ran.values.said())
    assert len({value.time for value in lists if value.name[0] == "load"}) > SECONDS / 2
    graphite = format == "Graphite"
    said, found = defaultdict[Any, list[dict[str, Any]]](list), defaultdict[Any, list[dict[str, Any]]](list)
    for value in lists:
        seconds = math.floor(value.time + 0.5) if graphite else value.time
        said[(*value.name, f"{seconds:.3f}")].append(value.values)
    for event in ran.archived(f"collectd.{format}"):
        values = {name: value for name, value in event.body.items() if name not in FIELDS}
        found[(*value_list(event), f"{event.time.timestamp():.3f}")].append(values)
        assert event.source == (HOST.replace(".", "_") if graphite else HOST.replace(".", "/"))
        assert event.body.get("interval") == (None if graphite else 1.0)
    assert found.keys() == said.keys()
    for name, values in said.items():
        assert ordered(found[name]) == [pytest.approx(each, abs=1e-6) for each in ordered(values)], name


def ordered(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two of one second have no order of their own."""
    return sorted(values, key=lambda each: sorted(each.items()))


@pytest.mark.parametrize("form", syslog_ng.FORMS)
def test_what_syslog_ng_said(ran: Ran, form: str):
    """Each line is an event: at its time, of its host, of its program, with syslog's words by name."""
    needs(*syslog_ng.NEEDS)
    assert ran.lines
    said = ran.lines.said()
    assert len(said) == ran.written > 10 * SECONDS
    events = ran.archived(f"syslog.{form}")
    found = [
        Line(event.time, event.source, event.kind, *(event.body.get(word, "") for word in Line._fields[3:]))
        for event in events
    ]
    ours = [line._replace(host=line.host.replace(".", "/"), program=f"log.{line.program}") for line in said]
    assert sorted(found) == sorted(ours)
    for event in events:
        assert event.body.get("data") == ({"req@32473": {"status": "502"}} if event.kind == "log.nginx" else None)
