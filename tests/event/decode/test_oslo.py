"""Notifications of OpenStack's services."""

import json

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import read_time

from .captures import captured


def read(said: dict) -> Decoded:
    name, (found,) = decode(Delivery(body=json.dumps(said).encode(), exchange="nova", key="notifications.info"))
    assert name == "oslo"
    return found


def notification(**more: object) -> dict:
    return {**json.loads(captured("oslo_messaging")[1].body), **more}


def test_the_captures():
    """With and without an envelope: what happened, where, in UTC; all that was said is there."""
    enveloped, plain = captured("oslo_messaging")
    for delivery, said, time in (
        (enveloped, {**json.loads(json.loads(enveloped.body)["oslo.message"]), "oslo.version": "2.0"}, "13.142306"),
        (plain, json.loads(plain.body), "13.207960"),
    ):
        assert decode(delivery) == (
            "oslo",
            [Decoded("host1", "compute.instance.create.end", read_time(f"2026-11-22T08:10:{time}Z"), said)],
        )


@pytest.mark.parametrize(("publisher", "source"), [
    ("compute.host1.example.net", "host1.example.net"), ("nova-compute:host1.example.net", "host1.example.net"),
    ("billing", "billing"), ("", "nova"), (7, "nova"),
])  # fmt: skip
def test_the_host_of_a_publisher(publisher: object, source: str):
    assert read(notification(publisher_id=publisher)).source == source


@pytest.mark.parametrize(("said", "time"), [
    ("2026-11-22 08:10:13", "2026-11-22T08:10:13Z"), ("2026-11-22T08:10:13+01:00", "2026-11-22T07:10:13Z"),
    ("soon", None), (None, None),
])  # fmt: skip
def test_times(said: str | None, time: str | None):
    """UTC where it names no zone."""
    assert read(notification(timestamp=said)).time == (read_time(time) if time else None)


def test_an_envelope_of_nothing():
    """What is no JSON in it is kept raw, with the envelope."""
    found = read({"oslo.version": "2.0", "oslo.message": '{"method": '})
    assert (found.raw, found.body["envelope"]) == (b'{"method": ', {"oslo.version": "2.0"})


def test_a_call():
    """Services call each other on the same exchanges."""
    inside = {"method": "build", "args": {"n": 1}, "oslo.version": "1.0"}
    found = read({"oslo.version": "2.0", "oslo.message": json.dumps(inside)})
    assert (found.kind, found.source) == ("rpc.build", "nova")
    assert found.body == {**inside, "envelope": {"oslo.version": "2.0"}}
    assert read({"oslo.message": "{}"}).kind == "oslo"


def test_secrets():
    """Passwords, tokens and keys are in no event, however deep, with an envelope or without; their names are."""
    args = {"new_pass": "hunter2", "specs": [{"adminPass": "hunter2", "root_password": 7, "secret": {"a": "hunter2"}}]}
    call = {"method": "set_admin_password", "args": args, "_context_auth_token": "hunter2", "password_set": True}
    plain = {"_context_auth_token": "hunter2", "payload": {"keys": [[{"private_key": "hunter2", "key_name": "mine"}]]}}
    found = read({"oslo.version": "2.0", "oslo.message": json.dumps(call)})
    assert found.kind == "rpc.set_admin_password"
    assert found.body["args"] == {
        "new_pass": "***", "specs": [{"adminPass": "***", "root_password": "***", "secret": "***"}]
    }  # fmt: skip
    assert (found.body["_context_auth_token"], found.body["password_set"]) == ("***", True)
    for said in (found, read(notification(**plain))):
        assert "hunter2" not in json.dumps(said.body)
    assert said.body["payload"] == {"keys": [[{"private_key": "***", "key_name": "mine"}]]}


def test_json_of_others():
    """What only looks like a notification is none."""
    for name in ("publisher_id", "event_type", "priority", "payload", "timestamp"):
        less = {other: value for other, value in notification().items() if other != name}
        assert decode(Delivery(body=json.dumps(less).encode()))[0] == "json"
