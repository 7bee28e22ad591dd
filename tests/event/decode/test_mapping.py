"""A mapping says where a site's messages belong, and what they are called."""

from zoneinfo import ZoneInfo

from minerlib.event.decode import Delivery
from minerlib.event.decode.mapping import Entry, Placed, read
from minerlib.event.moment import SECOND

AT = 1_795_334_400 * SECOND  # 2026-11-22T08:00:00Z
ORDER = b'{"customer": {"id": 7}, "state": "paid", "made": 1795334400000, "at": "2026-11-22 09:00:00"}'


def placed(entry: Entry | None, body: bytes = ORDER, **said: object) -> Placed:
    delivery = Delivery(body=body, at=AT, **{"exchange": "shop", "key": "orders.eu.paid", **said})  # pyright: ignore
    _, (found,) = read(delivery, [entry] if entry else [])
    return found


def test_names_are_filled_in():
    """From the body, the key, the headers; the kind stays a kind."""
    found = placed(
        Entry(
            key="orders.#",
            source="{customer.id}",
            kind="order.{state}",
            scope="acme.shop.{key.2}",
            time="made",
            unit="ms",
        )
    )
    assert (found.scope, found.event.source, found.event.kind, found.event.time) == (
        "acme.shop.eu", "7", "order.paid", AT,
    )  # fmt: skip
    assert placed(Entry(source="{header.team}"), headers={"team": "blue"}).event.source == "blue"


def test_what_is_not_there_leaves_the_default():
    """And an entry for another exchange, key or producer says nothing."""
    default = placed(None)
    assert (default.scope, default.event.source, default.event.kind) == ("", "shop", "orders.eu.paid")
    for entry in (
        Entry(source="{no.such}", kind="{key.9}"), Entry(exchange="other", source="x"),
        Entry(key="bills.*", source="x"), Entry(producer="text", source="x"),
    ):  # fmt: skip
        assert placed(entry) == default


def test_a_zone():
    """Of times that name none; the first entry that concerns the message and has one."""
    assert placed(Entry(time="at")).event.time is None
    assert placed(Entry(time="at", zone="Europe/Berlin")).event.time == AT
    assert placed(Entry(time="at"), zone=ZoneInfo("UTC")).event.time == AT + 3600 * SECOND


def test_kinds_of_our_own():
    """What others call a tick or an alert is none of ours, also where a mapping says so."""
    for kind in ("tick", "alert.disk-filling", "rule.x"):
        assert placed(None, key=kind).event.kind == f"foreign.{kind}"
        assert placed(Entry(kind=kind)).event.kind == f"foreign.{kind}"
    assert placed(None, key="ticker").event.kind == "ticker"
