"""What Celery's workers say of themselves and their tasks."""

import json

from minerlib.event.decode import Delivery, decode

from .captures import captured


def test_the_capture():
    """Each event as it is, of its worker, at its moment."""
    for delivery in captured("celery_events"):
        name, (found,) = decode(delivery)
        said = json.loads(delivery.body)
        assert name == "celery"
        assert (found.source, found.kind, found.body) == (said["hostname"], f"celery.{delivery.key}", said)
        assert found.time == round(said["timestamp"] * 1_000_000)


def test_many_in_a_message():
    """As task.multi has them; the zone of the machine does not move the moment."""
    said = json.loads(captured("celery_events")[3].body)
    events = [{**said, "type": type_, "utcoffset": -2} for type_ in ("task-received", "task-failed", "my-own-event")]
    name, found = decode(Delivery(body=json.dumps(events).encode(), exchange="celeryev", key="task.multi"))
    assert name == "celery"
    assert [each.kind for each in found] == ["celery.task.received", "celery.task.failed", "celery.my.own.event"]
    assert {each.time for each in found} == {1_795_335_023_554_572}
    assert [each.body for each in found] == events


def test_json_of_others():
    """What lacks one of the fields that Celery always says is none of it; among others it is kept as any JSON."""
    said = json.loads(captured("celery_events")[0].body)
    for name in ("type", "hostname", "timestamp", "utcoffset", "pid", "clock"):
        less = {other: value for other, value in said.items() if other != name}
        assert decode(Delivery(body=json.dumps(less).encode()))[0] == "json"
    for broken in ({**said, "type": 1}, {**said, "hostname": ""}):
        assert decode(Delivery(body=json.dumps(broken).encode()))[0] == "json"
    name, (one, other) = decode(Delivery(body=json.dumps([said, {"a": 1}]).encode(), exchange="e", key="k"))
    assert (name, one.kind, other.kind, other.body) == ("celery", "celery.worker.online", "k", {"a": 1})


def test_a_time_that_is_none():
    said = json.loads(captured("celery_events")[0].body) | {"timestamp": "soon"}
    (found,) = decode(Delivery(body=json.dumps(said).encode(), timestamp=17, at=0))[1]
    assert found.time == 17_000_000
