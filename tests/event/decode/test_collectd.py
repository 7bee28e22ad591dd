"""collectd in its three formats, value by value against what it put on the wire."""

import json
import re

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND

from .captures import captured

NAMES = {  # of the types in the captures that are not one `value`
    "load": ["shortterm", "midterm", "longterm"],
    **{name: ["rx", "tx"] for name in ("if_octets", "if_packets", "if_errors", "if_dropped")},
}
PUTVAL = b"PUTVAL web1/memory/memory-used interval=2.000 1795334315.542:983347200"


def read(body: bytes, **said: str) -> list[Decoded]:
    """The events of a message of collectd's."""
    name, found = decode(Delivery(body=body, **said))
    assert name == "collectd"
    return found


def bare(word: str) -> tuple[str, str]:
    """`if-eth0` as its two parts."""
    first, *rest = word.split("-", 1)
    return first, "".join(rest)


def expected(host: str, plugin: str, type_: str, values: dict, time: str, **more: object) -> tuple:
    """An event as the test reads it: source, kind, µs, body."""
    (plugin, instance), (type_, of_type) = bare(plugin), bare(type_)
    body = {**values, "plugin_instance": instance, "type_instance": of_type, **more}
    kind = plugin if plugin == type_ else f"{plugin}.{type_}"
    return host, kind, round(float(time) * 1000) * 1000, {name: value for name, value in body.items() if value != ""}


def test_putval():
    """Each message of the capture is the one event that a split at its separators gives."""
    for delivery in captured("collectd_command"):
        _, path, interval, said = delivery.body.decode().split()
        host, plugin, type_ = path.split("/")
        time, *values = said.split(":")
        names = NAMES.get(bare(type_)[0], ["value"])
        want = expected(host, plugin, type_, dict(zip(names, map(float, values), strict=True)), time,
                        interval=float(interval.removeprefix("interval=")))  # fmt: skip
        (found,) = read(delivery.body, exchange=delivery.exchange)
        assert (found[:4], found.raw) == (want, None)


def test_json():
    """The same in JSON, by the names that it says itself."""
    for delivery in captured("collectd_json"):
        (said,) = json.loads(delivery.body)
        values = dict(zip(said["dsnames"], said["values"], strict=True))
        plugin, type_ = (f"{said[name]}-{said[f'{name}_instance']}" for name in ("plugin", "type"))
        want = expected(said["host"], plugin, type_, values, str(said["time"]), interval=said["interval"])
        (found,) = read(delivery.body)
        assert (found[:4], found.raw) == (want, None)


def test_graphite():
    """Lines of one type are one event; in all, each number of the capture is there once."""
    numbers = []
    for delivery in captured("collectd_graphite"):
        lines = [re.split("[ \r]", line)[:3] for line in delivery.body.decode().splitlines()]
        paths = [path.split(".") for path, _, _ in lines]
        names = [path[4] if len(path) > 4 else "value" for path in paths]
        values = dict(zip(names, (float(value) for _, value, _ in lines), strict=True))
        want = expected(*paths[0][1:4], values, lines[0][2], prefix="collectd")
        (found,) = read(delivery.body, app_id="collectd")
        assert (found[:4], found.raw) == (want, None)
        numbers += values.values()
    assert len(numbers) > 72


@pytest.mark.parametrize("line", [
    b"PUTVAL", b"PUTVAL web1/memory", b"PUTVAL /memory/memory 1:2", b"PUTVAL web1//memory 1:2",
    b"PUTVAL web1/./memory 1:2", b"PUTVAL web1/memory/memory 1:1e999",
    b"PUTVAL web1/memory/memory 1", b"PUTVAL web1/memory/memory 1:x", b"PUTVAL web1/memory/memory 1:1_0",
    b"PUTVAL web1/memory/memory 1:inf", b"PUTVAL web1/memory/memory interval=x 1:2", b"PUTVAL w\xff/memory/memory 1:2",
    b"PUTVAL web1/memory/memory interval=2 colour=red 1:2", b'PUTVAL "web1/memory/memory 1:2',
])  # fmt: skip
def test_a_bad_line_is_kept_raw(line: bytes):
    """Its neighbours live."""
    found = read(PUTVAL + b"\r\n" + line + b"\r\n" + PUTVAL, exchange="metrics")
    assert [each.raw for each in found] == [None, line, None]
    assert found[0].body == found[2].body == {"value": 983347200, "type_instance": "used", "interval": 2.0}


def test_what_putval_can_say():
    """Several values lists on a line, a quoted path, no known value, no time, a counter of 64 bits."""
    one, two = read(b'PUTVAL "web 1/df-my disk/df" interval=10 1795334315:U:2 N:nan:18446744073709551615')
    assert (one.source, one.kind, one.time) == ("web 1", "df", 1795334315 * SECOND)
    assert one.body == {"used": None, "free": 2, "plugin_instance": "my disk", "interval": 10.0}
    assert (two.time, two.body["used"], two.body["free"]) == (None, None, 2**64 - 1)
    assert read(b"PUTVAL a/b/other 1:2:3")[0].body == {"value_1": 2, "value_2": 3}


def test_a_bad_value_list_of_json_is_kept_raw():
    good = captured("collectd_json")[0].body[1:-1]
    for bad in (b'{"host": "web1"}', b"17", good.replace(b'["value"]', b'["a","b"]'),
                good.replace(b'["value"]', b'["interval"]'),
                good.replace(b'"host"', b'"colour":1,"host"')):  # fmt: skip
        found = read(b"[" + good + b"," + bad + b"]")
        assert [each.raw for each in found] == [None, bad]
    assert decode(Delivery(body=b'[{"dsnames": 1}]'))[0] == "json"


def test_a_bad_graphite_line_joins_nothing():
    found = read(
        b"c.h.load.load.shortterm 1 1795334335\r\nbad\r\nc.h.load.load.midterm 2 1795334335\r\n", app_id="collectd"
    )
    assert [(each.raw, each.body.get("midterm")) for each in found] == [(None, None), (b"bad", None), (None, 2)]
