"""Messages of producers of which there is no capture, by their documentation or their source."""

import json
from zoneinfo import ZoneInfo

from minerlib.event.decode import Delivery

AT = 1_795_334_400_000_000  # 2026-11-22T08:00:00Z
CLOUD = {
    "specversion": "1.0",
    "type": "com.example.some",
    "source": "/mine",
    "id": "A1",
    "time": "2018-04-05T17:31:00Z",
}
EVENT = {"@timestamp": "2026-11-22T08:00:26.123Z", "@version": "1", "host": {"name": "w1"}, "event": {"dataset": "a.b"}}
FLUENT = {"key": "nginx.access", "timestamp": 1795334426, "payload": {"host": "w1", "log": "GET / 200"}}
CALL = {"oslo.version": "2.0", "oslo.message": '{"method": "build", "args": {"n": 1}}'}
TASK = {"type": "task-failed", "hostname": "w@h", "timestamp": 1.5e9, "utcoffset": 1, "pid": 1, "clock": None}


def sent(body: bytes | dict | list, **more: object) -> Delivery:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(body=text, at=AT, zone=ZoneInfo("Europe/Berlin"), exchange="e", key="k", **more)  # pyright: ignore


SAMPLES: dict[str, list[Delivery]] = {
    "influx": [
        sent(
            b'cpu,host=w\\ 1 a=1.5,b=3i,s="x \\"y\\"",t=true 1795334315000000000\nmem,host=w1 used=7u 179533431500000\n'
        )
    ],
    "graphite": [sent(b"disk.used;host=w1 7 1795334335\nservers.w1.load 0.5 1795334335\n")],
    "syslog": [
        sent(b'<165>1 2026-11-22T08:00:26.003Z w1 nginx 7 REQ [a@1 x="1" y="q\\"\\]"][b@2] \xef\xbb\xbftimed\n more\n'),
        sent(b"<38>Nov 22 08:00:26 w1 sshd[12]: Failed\n<13>Nov  2 2026 08:00:26.5: %ASA-6-302013: Built\n<13>alone"),
        sent(b"25 <13>1 - h p - - - one two42 <38>Nov 22 08:00:26 fe80::1 CRON[1]: gr\xfc\xdfe"),
    ],
    "cloudevents": [
        sent(CLOUD | {"data": {"n": 1}}),
        sent([CLOUD | {"data_base64": "/wA="}, CLOUD]),
        sent(b'{"n": 1}', headers={f"cloudEvents:{name}": value for name, value in CLOUD.items()}),
        sent(
            b"\xff\x00", headers={f"cloudEvents_{name}": value for name, value in CLOUD.items()} | {"traceparent": "0"}
        ),
    ],
    "logstash": [sent(EVENT), sent(json.dumps(EVENT).encode() + b"\n" + json.dumps(EVENT | {"host": "w"}).encode())],
    "fluentd": [sent(FLUENT, content_type="application/octet-stream")],
    "oslo": [sent(CALL)],
    "celery": [sent([TASK, TASK])],
    "json": [
        sent({"host": "w1", "time": "2026-11-22 08:00:26"}),
        sent([{"a": 1}, {"a": 2}]),
        sent(b'{"a": 1}\n{"a": 2}\n'),
    ],
    "headers": [sent(b"", headers={"host": "w1", "n": 1})],
    "text": [sent(b"disk /var 91% on vm\n\nand more\n", headers={"team": "blue"})],
    "raw": [sent(b"\xff\x00\x01", headers={"team": "blue"}, message_id="m1")],
}
