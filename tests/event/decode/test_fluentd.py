"""What Fluentd's plugins for AMQP send, by their source; all call it application/octet-stream."""

import json

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND

RECORD = {"host": "web-1", "log": "GET / 200"}
T = 1_795_334_426


def read(said: object, **more: object) -> tuple[str, list[Decoded]]:
    kind = {"content_type": "application/octet-stream", "exchange": "logs", "key": "nginx.access", "at": T * SECOND}
    return decode(Delivery(body=json.dumps(said).encode(), **{**kind, **more}))  # pyright: ignore


def test_amqp2():
    """The record out of its envelope, the tag and the moment beside it."""
    tag = {"key": "nginx.access", "timestamp": T}
    name, found = read({**tag, "payload": RECORD}, key="other")
    assert name == "fluentd"
    assert found == [Decoded("web-1", "nginx.access", T * SECOND, {**RECORD, "fluentd": tag})]
    assert read({**tag, "payload": {"fluentd": 1}})[1][0].body == {"fluentd_said": 1, "fluentd": tag}


def test_a_record_alone():
    """As fluent-plugin-amqp and fluent-plugin-rabbitmq have it: JSON of any application, the tag its key; the time is
    the record's, the property's or, of a header with a name of the site's own, nobody's."""
    assert read({**RECORD, "time": "2026-11-22T08:00:26Z"}) == (
        "json", [Decoded("web-1", "nginx.access", T * SECOND, {**RECORD, "time": "2026-11-22T08:00:26Z"})],
    )  # fmt: skip
    assert read(RECORD, timestamp=T) == ("json", [Decoded("web-1", "nginx.access", T * SECOND, RECORD)])
    headers = {"tag": "nginx.access", "at": "2026-11-22 08:00:26 UTC"}
    assert read(RECORD, headers=headers) == (
        "json", [Decoded("web-1", "nginx.access", None, {**RECORD, "headers": headers})]
    )  # fmt: skip


def test_json_of_others():
    """A field more or less, or one of another type, and it is any JSON."""
    said = {"key": "a.b", "timestamp": T, "payload": RECORD}
    for other in ({**said, "more": 1}, {"key": "a.b", "payload": RECORD}, {**said, "payload": 1}, {**said, "key": 1}):
        assert read(other)[0] == "json"
