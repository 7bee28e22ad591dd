"""Pipes as they are drawn: a column a second, what went in and what came out.

a b+b . c        what happened in each second; a dot is a tick, a second in which nothing else did
a . b . | c      what came out when it was read; behind the bar at the end
"""

from collections.abc import Iterator

from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.pipe import Node, run

NOON = 1_790_164_800 * SECOND  # 2026-09-23T12:00:00Z


def at(second: float, mark: str = "a", **body: object) -> Event:
    """An event with a mark, so long after noon."""
    time = NOON + round(second * SECOND)
    return Event.of("test", {"mark": mark, **body}, source="web-1", scope="acme.web.prod", time=time)


def drawing(*nodes: Node, given: str) -> str:
    """What came out of nodes for what is drawn. A mark `b/3` is a late one: it happened in second 3."""
    columns, out = given.split(), list[list[str]]()

    def source() -> Iterator[list[Event]]:
        for second, column in enumerate(columns):
            out.append([])
            yield [_event(second, mark) for mark in column.split("+")]
        out.append([])

    run(source(), *nodes, sink=lambda event: out[-1].append(_mark(event)))
    *seconds, end = ["+".join(marks) or "." for marks in out]
    return " ".join(seconds) + ("" if end == "." else f" | {end}")


def _event(second: int, mark: str) -> Event:
    if mark == ".":
        return Event.of("tick", {}, scope="acme.web.prod", time=NOON + second * SECOND)
    mark, late, happened = mark.partition("/")
    return at(float(happened) if late else second, mark)


def _mark(event: Event) -> str:
    """The mark of an event; of a count how many of which mark from when on, of an error that it is one."""
    if event.kind == "node.error":
        return "!"
    since = f"{(event.time - NOON) / SECOND:g}"
    if "count" in event.body:
        return f"{event.body['count']}{event.body.get('mark', '')}@{since}"
    return event.body["mark"]
