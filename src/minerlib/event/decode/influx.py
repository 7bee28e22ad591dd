"""Influx line protocol, as Telegraf sends it: a point a line, its time in nanoseconds.

The source is the tag `host`, the kind the measurement; the body holds tags and fields:

    cpu,cpu=cpu0,host=web-1 usage_user=1.5,n=3i 1795334315000000000
    source web-1, kind cpu, body {"cpu": "cpu0", "host": "web-1", "usage_user": 1.5, "n": 3}

A tag with the name of a field is called `<name>_1`, as in InfluxDB's own answers. The parser on PyPI
(line-protocol-parser 2.0.1, in C) is not used: bytes that are no UTF-8 made it kill the process.
"""

import re

from minerlib.event.decode.defaults import clean_kind, kind_of, raw, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.numbers import integer, real
from minerlib.event.decode.times import in_unit

_TRUTH = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), False),
}
# Possessive (`++`): no line makes it look at a character twice.
_NAME = r"(?:[^,= \\\n]++|\\[^\n])++"
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_FIELD = rf'{_NAME}=(?:{_STRING}|[^", \\\n]++)'
_POINT = re.compile(
    rf"((?:[^, \\\n]++|\\[^\n])++)((?:,{_NAME}={_NAME})*+) ++({_FIELD}(?:,{_FIELD})*+)"
    r"(?: ++(-?[0-9]{1,19}))?+ *+\r?+(?:\n|\Z)",
    re.DOTALL,
)
_TAGS = re.compile(rf",({_NAME})=({_NAME})")
_FIELDS = re.compile(rf'({_NAME})=({_STRING}|[^", \\\n]++)', re.DOTALL)
_ESCAPED = re.compile(r"\\([,= ])")
_IN_STRING = re.compile(r'\\(["\\])')
_NO_UTF8 = re.compile("[\udc80-\udcff]")


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event a point; None where neither the first line nor the last is a point that has tags or a time."""
    if b"=" not in delivery.body:
        return None
    text = delivery.body.decode(errors="surrogateescape").strip()
    if not (_own(_POINT.match(text)) or _own(_POINT.match(text, text.rfind("\n") + 1))):
        return None
    found: list[Decoded] = []
    place = 0
    while place < len(text):
        match = _POINT.match(text, place)
        end = match.end() if match else (text.find("\n", place) + 1 or len(text))
        event = _event(match, delivery) if match else None
        line = text[place:end].strip()
        if event or line:
            found.append(event or raw(delivery, line.encode(errors="surrogateescape")))
        place = end
    return found


def _own(match: re.Match[str] | None) -> bool:
    return match is not None and bool(match[2] or match[4])


def _event(match: re.Match[str], delivery: Delivery) -> Decoded | None:
    """A point as an event; None where it cannot be read."""
    if not match[0].isascii() and _NO_UTF8.search(match[0]):
        return None
    said, tagged, values, time = match.groups()
    tags: list[tuple[str, str]] = _TAGS.findall(tagged)
    fields: list[tuple[str, str]] = _FIELDS.findall(values)
    if "\\" in match[0]:
        said = _plain(said)
        tags = [(_plain(name), _plain(value)) for name, value in tags]
        fields = [(_plain(name), value) for name, value in fields]
    try:
        read = {name: _value(value) for name, value in fields}
    except ValueError:
        return None
    body: dict[str, str | float | int | bool] = dict(tags)
    host = body.get("host")
    for name in body.keys() & read.keys():
        body[f"{name}_1"] = body.pop(name)
    body |= read
    if len(body) != len(tags) + len(fields):  # a name said twice
        return None
    source = host if isinstance(host, str) else source_of(None, delivery)
    kind = said if said.isidentifier() else clean_kind(said) or kind_of(delivery)
    return Decoded(source, kind, stamped(delivery) if time is None else in_unit(int(time), "ns"), body)


def _plain(name: str) -> str:
    return _ESCAPED.sub(r"\1", name)


def _value(text: str) -> str | float | int | bool:
    """A field's value: a string, an integer (`3i`, `3u`), a truth, or a float. ValueError where it is none."""
    last = text[-1]
    if last == '"':
        return _IN_STRING.sub(r"\1", text[1:-1])
    if last in "iu":
        return integer(text[:-1])
    truth = _TRUTH.get(text)
    return real(text) if truth is None else truth
