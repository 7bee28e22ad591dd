"""Influx line protocol as Telegraf writes it, by its documentation."""

import gzip

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND

NS = 1795334315123456789
GOOD = b"cpu,cpu=cpu0,host=web-1 usage_user=1.5,n=3i 1795334315123456789"
EVENT = Decoded("web-1", "cpu", NS // 1000, {"cpu": "cpu0", "host": "web-1", "usage_user": 1.5, "n": 3})


def read(body: bytes) -> list[Decoded]:
    """The events of a message of Telegraf's."""
    name, found = decode(Delivery(body=body, exchange="telegraf", key="cpu"))
    assert name == "influx"
    return found


def test_a_point_a_line():
    """Packed or not, with any line ends."""
    assert read(GOOD) == [EVENT]
    assert read(gzip.compress(GOOD + b"\n" + GOOD + b"\r\n\n" + GOOD + b"\n")) == [EVENT] * 3


@pytest.mark.parametrize(("said", "value"), [
    ("1", 1.0), ("-1.5e3", -1500.0), ("3i", 3), ("-9223372036854775808i", -(2**63)),
    ("18446744073709551615u", 2**64 - 1), ("t", True), ("TRUE", True), ("false", False), ("F", False),
    ('""', ""), ('"a b,c=d"', "a b,c=d"),
    (r'"say \"hi\" \\ C:\dir"', r'say "hi" \ C:\dir'), ('"two\nlines"', "two\nlines"), ('"é"', "é"),
])  # fmt: skip
def test_values(said: str, value: object):
    """Floats, integers, truths and strings, which may hold anything."""
    found = read(f"m,host=h a={said},b=2i {NS}\n".encode() + GOOD)
    assert found == [Decoded("h", "m", NS // 1000, {"host": "h", "a": value, "b": 2}), EVENT]
    assert type(found[0].body["a"]) is type(value)


def test_escapes():
    """Commas, blanks and equal signs in names; a backslash elsewhere is one."""
    (found,) = read(rb"disk\ use\,d,a\=b=C:\ \x,path=/var\,log,q=5\" f\ 1=1 1795334315123456789")
    assert (found.kind, found.source) == ("disk_use,d", "telegraf")
    assert found.body == {"a=b": r"C: \x", "path": "/var,log", "q": '5\\"', "f 1": 1.0}


def test_a_tag_with_the_name_of_a_field():
    assert read(b"m,host=h,state=up state=1i 1795334315000000000")[0].body == {"host": "h", "state_1": "up", "state": 1}


def test_no_time():
    """The timestamp property, where there is one."""
    assert read(b"m,host=h a=1")[0].time is None
    assert (
        decode(Delivery(body=b"m,host=h a=1", timestamp=1795334315, at=1795334315 * SECOND))[1][0].time
        == 1795334315 * SECOND
    )


@pytest.mark.parametrize("line", [
    b"cpu", b"cpu,host=h", b"cpu,host= a=1", b"cpu a=", b"cpu a=1,", b"cpu a=x", b"cpu a=nan", b"cpu a=1_0",
    b"cpu a=1e999", b"cpu a=9999999999999999999999i", b"cpu a=1 12 13", b"cpu a=1 99999999999999999999",
    b'cpu a="open', b"cpu a=1,a=2",
    b"m,t=1,t=2 a=1", b"m,h=\xff a=1 1", b"# a remark", b"m a=i",
])  # fmt: skip
def test_a_bad_line_is_kept_raw(line: bytes):
    """Its neighbours live."""
    assert [each.raw for each in read(GOOD + b"\n" + line + b"\n" + GOOD)] == [None, line, None]


@pytest.mark.parametrize(
    "text", [b"level=info msg=x", b"login failed=3", b"a = b", b"level info=1 2 3", b"see https://x.y/?a=1 now"]
)
def test_text_is_no_point(text: bytes):
    """What has neither a tag nor a time is not taken for one."""
    assert decode(Delivery(body=text))[0] == "text"
