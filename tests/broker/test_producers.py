"""A real collectd and a real syslog-ng publish for 30 s: every value they sent is in the archive, once, and right.

What they sent is known from files they write themselves, value by value, and, as a number, from a second queue at each
of their exchanges.
"""

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
from .others.collectd import HOST, Collectd, Value
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
    said, found = defaultdict[Any, list[Value]](list), defaultdict[Any, list[Event]](list)
    for value in sorted(ran.values.said(), key=lambda value: value.time):
        said[value.name].append(value)
    for event in ran.archived(f"collectd.{format}"):
        found[value_list(event)].append(event)
    assert len(said["load", "", "load", ""]) > SECONDS / 2
    assert found.keys() == said.keys()
    graphite = format == "Graphite"
    for name, values in said.items():
        assert len(found[name]) == len(values), name
        for event, value in zip(found[name], values, strict=True):
            assert event.source == (HOST.replace(".", "_") if graphite else HOST.replace(".", "/"))
            assert event.time.timestamp() == pytest.approx(value.time, abs=0.501 if graphite else 0.0001)
            assert graphite == (event.time.microsecond == 0 and "interval" not in event.body)
            assert event.body.get("interval", 1.0) == 1.0
            assert {each: event.body[each] for each in event.body if each not in FIELDS} == pytest.approx(
                value.values, abs=1e-6
            )


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
