"""What Logstash's output rabbitmq sends with its codec json, by its source and documentation."""

import json

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import read_time

SAID = {
    "@timestamp": "2026-11-22T08:00:26.123Z", "@version": "1", "message": "GET / 200", "host": "web-1",
    "time": "2020-01-01T00:00:00Z",
}  # fmt: skip


def read(**more: object) -> Decoded:
    said = {**SAID, **more}
    name, (found,) = decode(Delivery(body=json.dumps(said).encode(), exchange="logs", key="logstash"))
    assert name == "logstash"
    assert found.body == said
    assert found.time == read_time(SAID["@timestamp"])
    return found


@pytest.mark.parametrize(("more", "source"), [
    ({}, "web-1"), ({"host": {"name": "web-2"}}, "web-2"), ({"host": {"hostname": "web-3"}}, "web-3"),
    ({"host": {"ip": "10.0.0.1"}, "agent": {"hostname": "web-4"}}, "web-4"),
    ({"host": None, "beat": {"hostname": "web-5"}}, "web-5"), ({"host": 7, "server": "web-6"}, "web-6"),
    ({"host": {}}, "logs"),
])  # fmt: skip
def test_hosts(more: dict, source: str):
    """A text or an object, as of which version."""
    assert read(**more).source == source


@pytest.mark.parametrize(("more", "kind"), [
    ({}, "logstash"), ({"type": "nginx access"}, "log.nginx_access"),
    ({"program": "sshd", "type": "syslog"}, "log.sshd"),
    ({"event": {"dataset": "nginx.access"}, "type": "x"}, "nginx.access"),
    ({"event": {"dataset": 7}, "data_stream": {"dataset": "system.cpu"}}, "system.cpu"), ({"type": " "}, "log._"),
    ({"type": "."}, "logstash"),
])  # fmt: skip
def test_kinds(more: dict, kind: str):
    """What says best what it is; the routing key is the same for all."""
    assert read(**more).kind == kind


def test_lines_of_them():
    """The codec json_lines: a bad line costs itself."""
    line = json.dumps(SAID).encode()
    name, found = decode(Delivery(body=line + b'\n{"@version"\n' + line + b"\n"))
    assert name == "logstash"
    assert [each.raw for each in found] == [None, b'{"@version"', None]


def test_json_of_others():
    """Without one of its fields it is JSON of anybody."""
    inside = {**SAID, "inside": {"@version": "1"}}
    del inside["@version"]
    for other in ({**SAID, "@timestamp": 17}, {**SAID, "@timestamp": None}, inside):
        assert decode(Delivery(body=json.dumps(other).encode()))[0] == "json"
