"""fedora-messaging's topics."""

import json
from zoneinfo import ZoneInfo

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import read_time

from .captures import captured

HEADERS = {"fedora_messaging_schema": "base.message", "sent-at": "2026-11-22T08:17:16+00:00"}


def read(body: bytes, headers: dict[str, object] = HEADERS, key: str = "topic", **more: object) -> Decoded:
    name, (found,) = decode(Delivery(body=body, headers=headers, key=key, exchange="amq.topic", **more))  # pyright: ignore
    assert name == "fedora"
    return found


def test_the_capture():
    """The topic is the kind; the message, its headers and its id are all there."""
    sources = []
    for delivery in captured("fedora_messaging"):
        name, (found,) = decode(delivery)
        sources.append(found.source)
        said = json.loads(delivery.body)
        assert (name, found.kind, found.time) == ("fedora", delivery.key, read_time("2026-11-22T08:17:16Z"))
        assert found.body == {**said, "headers": delivery.headers, "message_id": delivery.message_id}
    assert sources == ["buildsys", "ci1"]


def test_sources():
    """The service of a topic, where it has the usual form; else whatever any message has."""
    for key, source in (
        ("org.centos.prod.mbs.module", "mbs"), ("a.b.c.d.e", "amq.topic"), ("org.fedoraproject.prod.x", "amq.topic"),
    ):  # fmt: skip
        assert read(b"{}", key=key).source == source


def test_a_time_without_an_offset():
    """It has the zone of the setting, or none."""
    headers = {**HEADERS, "sent-at": "2026-11-22T08:17:16"}
    assert read(b"{}", headers).time is None
    assert read(b"{}", headers, zone=ZoneInfo("Europe/Berlin")).time == read_time("2026-11-22T07:17:16Z")


def test_names_that_are_taken():
    found = read(b'{"headers": 1, "message_id": 2}', message_id="x")
    assert found.body == {"headers_said": 1, "headers": HEADERS, "message_id_said": 2, "message_id": "x"}


def test_a_body_that_is_no_object():
    """It is kept raw, with its properties."""
    for body in (b"17", b'{"a": ', b"\xff", b""):
        found = read(body)
        assert (found.raw, found.kind, found.body["headers"]) == (body, "topic", HEADERS)


def test_others_are_none_of_it():
    assert decode(Delivery(body=b"{}", headers={"sent-at": "2026-11-22T08:17:16+00:00"}))[0] == "json"
