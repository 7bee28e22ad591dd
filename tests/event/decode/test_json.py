"""What an application says in JSON, whatever it calls it."""

from zoneinfo import ZoneInfo

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND

AT = 1_795_334_400 * SECOND  # 2026-11-22T08:00:00Z


def decoded(body: bytes, **said: object) -> list[Decoded]:
    name, found = decode(Delivery(body=body, at=AT, **{"exchange": "app", "key": "orders.paid", **said}))  # pyright: ignore
    assert name == "json"
    return found


def test_an_object():
    """Source by `host`, kind by the key, time by whatever says one."""
    said = {"host": "web-1", "ts": 1795334432}
    assert decoded(b'{"host": "web-1", "ts": 1795334432}') == [
        Decoded("web-1", "orders.paid", 1_795_334_432 * SECOND, said)
    ]


def test_many_in_a_message():
    """Arrays of objects and lines; a line that is none is kept raw, with the properties."""
    assert [each.body for each in decoded(b'[{"a": 1}, {"a": 2}]')] == [{"a": 1}, {"a": 2}]
    one, two, three = decoded(b'{"a": 1}\n{"a": \n{"a": 2}', app_id="shop")
    assert (one.body, three.body) == ({"a": 1}, {"a": 2})
    assert two == Decoded(
        "shop", "orders.paid", None, {"exchange": "app", "key": "orders.paid", "app_id": "shop"}, b'{"a": '
    )


def test_numbers_of_any_unit_are_times():
    """Seconds, milliseconds, microseconds and nanoseconds; what is near to now in none of them is no time."""
    for value in (1795334400, 1795334400000, 1795334400000000, 1795334400000000000):
        assert decoded(b'{"timestamp": %d}' % value)[0].time == AT
    for value in (b"17", b"9" * 400, b"-" + b"9" * 400, b"1e400"):
        assert decode(Delivery(body=b'{"timestamp": %s}' % value, at=AT))[1][0].time is None


def test_a_time_without_a_zone_is_none_until_a_zone_is_set():
    body = b'{"time": "2026-11-22 08:00:00"}'
    assert decoded(body)[0].time is None
    assert decoded(body, zone=ZoneInfo("Europe/Berlin"))[0].time == AT - 3600 * SECOND


def test_headers_and_an_id_go_along():
    """A stream keeps bodies alone; what the body says itself is not said twice."""
    headers = {"team": "blue", "host": "web-1"}
    assert decoded(b'{"host": "web-1", "message_id": "x"}', headers=headers, message_id="m1")[0].body == {
        "host": "web-1", "headers": {"team": "blue"}, "message_id_said": "x", "message_id": "m1",
    }  # fmt: skip
    assert decoded(b'{"headers": 1, "headers_said": 2}', headers={"a": 3})[0].body == {
        "headers_said": 2, "headers_said_said": 1, "headers": {"a": 3},
    }  # fmt: skip
    assert decoded(b"17", headers={"team": "blue"})[0].body == {"value": 17, "headers": {"team": "blue"}}
