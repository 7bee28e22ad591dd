"""syslog-ng's destination amqp() in its two forms."""

import json
from zoneinfo import ZoneInfo

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND, read_time

from .captures import captured

OURS = {"HOST": "host", "PROGRAM": "program", "MESSAGE": "message", "FACILITY": "facility", "PRIORITY": "severity",
        "MSGID": "msgid"}  # fmt: skip
UTC = ZoneInfo("UTC")
LINE = {"HOST": "h", "PROGRAM": "p", "MESSAGE": "m"}


def read(delivery: Delivery) -> Decoded:
    """The event of a message of syslog-ng's."""
    name, (found,) = decode(delivery)
    assert name == "syslog_ng"
    return found


def of_json(said: dict, **more: object) -> Decoded:
    return read(Delivery(body=json.dumps(said).encode(), exchange="syslog", **more))  # pyright: ignore


def test_headers_alone():
    """Each header is in the body, under syslog's word for it; the DATE is a time once a zone is known."""
    for delivery in captured("syslogng_default_fanout"):
        found = read(delivery)
        said = delivery.headers
        assert (found.source, found.kind, found.time) == (said["HOST"], f"log.{said['PROGRAM']}", None)
        plain = {OURS.get(name, name): value for name, value in said.items() if not name.startswith(".SDATA")}
        assert {name: value for name, value in found.body.items() if name != "data"} == plain
        here = read(captured_in(delivery, ZoneInfo("Europe/Berlin")))
        assert here.time == read_time("2026-11-22T07:00:26Z")
        assert here.body == found.body
    assert read(captured("syslogng_default_fanout")[0]).body["data"] == {
        "req@32473": {"status": "502", "upstream": "app1"}, "timeQuality": {"isSynced": "0", "tzKnown": "1"},
    }  # fmt: skip


def captured_in(delivery: Delivery, zone: ZoneInfo) -> Delivery:
    return Delivery(body=b"", headers=delivery.headers, at=delivery.at, zone=zone)


def test_format_json():
    """The same, with the ISODATE as the time, and what only the headers say."""
    for delivery in captured("syslogng_json_topic"):
        found, said = read(delivery), json.loads(delivery.body)
        assert (found.source, found.kind, found.time) == (
            said["HOST"], f"log.{said['PROGRAM']}", read_time(said["ISODATE"]),
        )  # fmt: skip
        structured = said.pop("_SDATA", None)
        plain = {OURS.get(name, name): value for name, value in said.items()}
        beside = {name: delivery.headers[name] for name in ("SOURCEIP", "TAGS")}
        assert found.body == {**plain, **beside, **({"data": structured} if structured else {})}


def test_a_header_that_says_otherwise():
    """It is kept."""
    body = of_json(LINE, headers={**LINE, "HOST": "relay", "TAGS": "t"}).body
    assert body == {"host": "h", "program": "p", "message": "m", "TAGS": "t", "headers": {"host": "relay"}}


def test_times():
    """ISODATE, seconds since 1970, or a DATE whose zone is known; else the timestamp property."""
    assert of_json({**LINE, "ISODATE": "2026-11-22T09:00:26+01:00"}).time == read_time("2026-11-22T08:00:26Z")
    assert of_json({**LINE, "UNIXTIME": "1795334426.5", "ISODATE": "soon"}).time == 1_795_334_426_500_000
    assert of_json({**LINE, "S_UNIXTIME": 1795334426}).time == 1_795_334_426 * SECOND
    at = 1_795_334_400 * SECOND
    assert of_json({**LINE, "DATE": "Nov 22 08:00:26"}, at=at, zone=UTC).time == 1_795_334_426 * SECOND
    assert of_json({**LINE, "DATE": "Nov 22 08:00:26"}, at=at).time is None
    assert of_json({**LINE, "DATE": "Nov 22 08:00:26"}, at=at, timestamp=1795334426).time == 1_795_334_426 * SECOND
    assert of_json({**LINE, "UNIXTIME": "NaN"}).time is None


def test_names_that_are_taken():
    """A field of the site's own with syslog's word keeps it."""
    assert of_json({**LINE, "MSG": "n", "host": "mine"}).body == {
        "HOST": "h", "program": "p", "message": "m", "MSG": "n", "host": "mine",
    }  # fmt: skip


def test_lines_of_them():
    """Its neighbours live where one cannot be read."""
    good = json.dumps(LINE).encode()
    name, found = decode(Delivery(body=good + b'\n{"HOST": \n' + good))
    assert name == "syslog_ng"
    assert [each.raw for each in found] == [None, b'{"HOST": ', None]


def test_others_are_none_of_it():
    """JSON that only looks like it, and headers of somebody else."""
    assert decode(Delivery(body=b'{"MESSAGE": "m", "_HOSTNAME": "h"}'))[0] == "json"
    assert decode(Delivery(body=b"", headers={"HOST": "h", "MESSAGE": "m"}))[0] == "headers"
