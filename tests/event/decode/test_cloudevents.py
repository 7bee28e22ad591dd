"""CloudEvents by their specification and its own examples: all modes give the same event."""

import json

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import read_time

SAID = {
    "specversion": "1.0", "type": "com.example.someevent", "source": "/mycontext", "id": "A234-1234-1234",
    "time": "2018-04-05T17:31:00Z", "comexampleextension1": "value", "comexampleothervalue": 5,
}  # fmt: skip
MOMENT = read_time("2018-04-05T17:31:00Z")
DATA = {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True}


def read(body: object, headers: dict | None = None, **more: object) -> list[Decoded]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    name, found = decode(Delivery(body=text, headers=headers or {}, exchange="e", key="k", **more))  # pyright: ignore
    assert name == "cloudevents"
    return found


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_", "ce-"])
@pytest.mark.parametrize(("media", "body", "data"), [
    ("application/json; charset=utf-8", json.dumps(DATA).encode(), {"data": DATA}),
    ("application/vnd.me+json", b"17", {"data": 17}),
    ("", b'"text"', {"data": "text"}),
    ("text/plain", b"17", {"data": "17"}),
    ("text/plain", b'{"lies": true}', {"data": {"lies": True}}),
    ("application/xml", b'<much wow="xml"/>', {"data": '<much wow="xml"/>'}),
    ("application/json", b'{"broken": ', {"data": '{"broken": '}),
    ("application/avro", b"\xff\x00", {"data_base64": "/wA="}),
    ("application/json", b"", {}),
])  # fmt: skip
def test_binary_mode(prefix: str, media: str, body: bytes, data: dict):
    """The attributes from the headers, the data by what it is; other headers beside them."""
    headers = {prefix + name: value for name, value in SAID.items()} | {"traceparent": "00"}
    typed = {"datacontenttype": media} if media else {}
    assert read(body, headers, content_type=media) == [
        Decoded(
            "/mycontext", "com.example.someevent", MOMENT, {**SAID, **typed, **data, "headers": {"traceparent": "00"}}
        )
    ]


def test_structured_mode():
    """An object as it is, and an array of them; what is none among them is any JSON."""
    said = {**SAID, "datacontenttype": "application/json", "data": DATA}
    event = Decoded("/mycontext", "com.example.someevent", MOMENT, said)
    assert read(said, content_type="application/cloudevents+json") == [event]
    assert read([said, {**said, "id": "2"}]) == [event, event._replace(body={**said, "id": "2"})]
    one, other = read([said, {"n": 1}])
    assert (one, other.kind, other.body) == (event, "k", {"n": 1})
    assert read(said, {"cloudEvents:specversion": "1.0"})[0].body["headers"] == {"cloudEvents:specversion": "1.0"}


def test_times():
    """A time of AMQP's own type is a number; the timestamp property where there is none."""
    for time, moment in ((1522949460, MOMENT), (1522949460000, MOMENT), ("soon", 17_000_000), (None, 17_000_000)):
        at = 0 if moment == 17_000_000 else MOMENT
        assert read({**SAID, "time": time}, timestamp=17, at=at)[0].time == moment


def test_an_id_of_the_message():
    """It is kept beside the event's own."""
    assert read(SAID, message_id="m7")[0].body == {**SAID, "message_id": "m7"}


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_what_lacks_an_attribute_is_none(name: str):
    less = {other: value for other, value in SAID.items() if other != name}
    assert decode(Delivery(body=json.dumps(less).encode()))[0] == "json"
    for value in ("", 1, None):
        assert decode(Delivery(body=json.dumps({**SAID, name: value}).encode()))[0] == "json"
    headers = {f"cloudEvents:{other}": value for other, value in less.items()}
    assert decode(Delivery(body=b"text", headers=headers))[0] == "text"
