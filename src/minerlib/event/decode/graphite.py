"""Graphite's plain text: `path value seconds` a line, with tags `path;host=web-1`.

With tags the path is the name of a measure: it is the kind, and the tag `host` the source. Without, a path says where
and what in one, and no rule says which word is which: the last word is the kind, all before it the source, so that
there are as many kinds as measures, not as many as hosts. The body holds `value`, `path` and the tags:

    disk.used;host=web-1 93.5 1795334335     source web-1, kind disk.used
    servers.web-1.cpu.idle 93.5 1795334335   source servers.web-1.cpu, kind idle
"""

import re
from typing import NamedTuple

from minerlib.event.decode.defaults import clean_kind, kind_of, raw, source_of
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.numbers import number, real
from minerlib.event.decode.times import in_unit
from minerlib.event.moment import SECOND

_LINE = re.compile(r"([^\s;]++)((?:;[^\s;=]++=[^\s;]*+)*+) ++(\S++) ++(\S++)\s*+")
_PLAUSIBLE = 1_000_000_000 * SECOND  # 2001: smaller numbers are in any text


class Point(NamedTuple):
    """A line: `time` in µs since 1970, None where it says `-1` or `N`, which is when it arrives."""

    path: str
    tags: dict[str, str]
    value: int | float
    time: int | None


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event a line; None where neither the first line nor the last is one with a time after 2001."""
    points = points_of(delivery)
    if points is None:
        return None
    return [event(each, delivery) if isinstance(each, Point) else raw(delivery, each) for each in points]


def points_of(delivery: Delivery) -> list[Point | bytes] | None:
    """What the lines say, those that cannot be read as they are; None where the message is none of Graphite's."""
    lines = [stripped for line in delivery.body.split(b"\n") if (stripped := line.strip())]
    if not lines or not (_own(lines[0]) or _own(lines[-1])):
        return None
    return [_point(line) or line for line in lines]


def event(point: Point, delivery: Delivery) -> Decoded:
    """A point as an event."""
    body = {**point.tags, "path": point.path, "value": point.value}
    if point.tags:
        source, kind = source_of(point.tags, delivery), clean_kind(point.path)
    else:
        where, _, what = point.path.rpartition(".")
        source, kind = where.strip(".") or source_of(None, delivery), clean_kind(what)
    return Decoded(source, kind or kind_of(delivery), point.time, body)


def _own(line: bytes) -> bool:
    point = _point(line)
    return point is not None and point.time is not None and point.time > _PLAUSIBLE


def _point(line: bytes) -> Point | None:
    """A line as a point; None where it cannot be read."""
    try:
        match = _LINE.fullmatch(line.decode())
        if match is None:
            return None
        tags = dict(tag.split("=", 1) for tag in match[2].split(";")[1:])
        if not tags.keys().isdisjoint(("path", "value")) or len(tags) != match[2].count(";"):
            return None
        time = None if match[4] in ("-1", "N") else in_unit(real(match[4]), "s")
        return Point(match[1], tags, number(match[3]), time)
    except ValueError:
        return None
