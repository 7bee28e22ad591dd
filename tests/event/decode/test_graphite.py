"""Graphite's plain text of anybody."""

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND

from .captures import captured

T = 1795334335 * SECOND


def read(body: bytes) -> list[Decoded]:
    """The events of a message of Graphite lines."""
    name, found = decode(Delivery(body=body, exchange="carbon"))
    assert name == "graphite"
    return found


def test_paths_and_tags():
    """The last word is the kind where there are no tags; the path is, where there are."""
    assert read(b"servers.web-1.cpu.idle 93.5 1795334335\ndisk.used;host=web-1;dc=x 7 1795334335\r\nload 1 -1\n") == [
        Decoded("servers.web-1.cpu", "idle", T, {"path": "servers.web-1.cpu.idle", "value": 93.5}),
        Decoded("web-1", "disk.used", T, {"host": "web-1", "dc": "x", "path": "disk.used", "value": 7}),
        Decoded("carbon", "load", None, {"path": "load", "value": 1}),
    ]


def test_the_capture():
    """Each line of collectd's is a point too, where nobody says that it is collectd's."""
    for delivery in captured("collectd_graphite"):
        lines = [line.split() for line in delivery.body.decode().splitlines()]
        found = [(each.body["path"], each.body["value"], each.time) for each in read(delivery.body)]
        assert found == [(path, float(value), int(time) * SECOND) for path, value, time in lines]
        assert all(f"{each.source}.{each.kind}" == each.body["path"] for each in read(delivery.body))


@pytest.mark.parametrize("line", [
    b"a.b", b"a.b 1", b"a.b x 1795334335", b"a.b nan 1795334335", b"a.b 1 x", b"a.b 1 2 3", b"a.b;c 1 1795334335",
    b"a.b;path=x 1 1795334335", b"a.b;c=1;c=2 1 1795334335", b"a.\xff 1 1795334335", b"a.b 1_0 1795334335",
])  # fmt: skip
def test_a_bad_line_is_kept_raw(line: bytes):
    """Its neighbours live."""
    good = b"a.b 1 1795334335"
    assert [each.raw for each in read(good + b"\n" + line + b"\n" + good)] == [None, line, None]


@pytest.mark.parametrize("text", [b"error 5 17", b"three small words", b"took 5 seconds"])
def test_text_is_no_point(text: bytes):
    """A time before 2001 is a number as any text has them."""
    assert decode(Delivery(body=text))[0] == "text"
