"""How many: what turns thousands of events a minute into the few numbers that matter, at the source."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from minerlib.errors import SettingError
from minerlib.event.event import COLUMNS, Event
from minerlib.event.moment import SECOND, duration
from minerlib.pipe.node import Of, value_of
from minerlib.pipe.pace import whole

_encode = msgspec.json.encode
_OWN = {*COLUMNS, "scope"} - {"body"}


@dataclass
class Cell:
    """A key in a window: its first event without its body, the fields that are its key, and how many so far."""

    first: Event
    key: dict[str, Any]
    count: float


@dataclass
class count:
    """How many events there were of each kind, source, environment and value of `by` in each window of `over`; said
    once the window is over for `late`.

        time  0    1    2    3    4    5    6    7        count(over="2s", late="1s")
        in    a a  a    a         a
        out                  3@0       1@2       1@4      (3@0 is the count 3 with the time 0)

    An event comes out for each key that has any: `count.<kind>` (or `kind`) of the same source, its time the begin
    of the window, its body `count`, `seconds` (how long the window is) and the fields in `by` (of a function, `key`).

    Counts add up. An event that is later than `late` opens its window again and is given out beside the others; so is
    what two nodes counted, and what one counted before and after a restart. So who reads them sums `count` by window
    and key, and `weight` does it here: `count(by="source_ip", over="1m", weight="count")` makes minutes of seconds.
    `weight` is the number that an event stands for; one that has none is an error.

    At most `most` keys wait; where there are more, the oldest window is given out before its time.
    """

    by: Of = ()
    over: str = "1s"
    late: str = "2s"
    weight: Of | None = None
    kind: str | None = None
    most: int = 10_000
    cells: dict[int, dict[bytes, Cell]] = field(default_factory=dict, init=False)  # by window, in µs, and key
    waiting: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._span, self._late = whole(self.over), duration(self.late)
        self._names = ["key"] if callable(self.by) else [self.by] if isinstance(self.by, str) else list(self.by)
        self._due = 0  # the end of the first window
        taken = {"count", "seconds"}.intersection(self._names)
        if taken:
            raise SettingError(f"count says {taken.pop()!r} itself: give that field another name first, with map.")

    def __call__(self, event: Event) -> list[Event] | None:
        values = [self.by(event)] if callable(self.by) else [value_of(name, event) for name in self._names]
        more = 1 if self.weight is None else _number(value_of(self.weight, event), self.weight)
        begin = event.time // self._span * self._span
        window = self.cells.get(begin)
        if window is None:
            window = self.cells[begin] = {}
            self._due = min(self.cells) + self._span
        key = _encode((event.scope, event.source, event.kind, values))
        cell = window.get(key)
        if cell is not None:
            cell.count += more
            return None
        fields = zip(self._names, values, strict=True)
        said = {name.removeprefix("body."): value for name, value in fields if name not in _OWN and value is not None}
        window[key] = Cell(msgspec.structs.replace(event, body=None, raw=None), said, more)
        self.waiting += 1
        return self._close(min(self.cells)) if self.waiting > self.most else None

    def tick(self, clock: int) -> list[Event]:
        given: list[Event] = []
        while self.cells and self._due + self._late <= clock:
            given += self._close(self._due - self._span)
        return given

    def flush(self) -> list[Event]:
        return [event for begin in sorted(self.cells) for event in self._close(begin)]

    def _close(self, begin: int) -> list[Event]:
        window = self.cells.pop(begin)
        self.waiting -= len(window)
        self._due = min(self.cells, default=0) + self._span
        seconds = self._span / SECOND
        size = {"seconds": int(seconds) if seconds.is_integer() else seconds}
        return [
            msgspec.structs.replace(
                cell.first, time=begin, kind=self.kind or f"count.{cell.first.kind}",
                body={"count": cell.count, **size, **cell.key},
            )
            for cell in window.values()
        ]  # fmt: skip


def _number(value: Any, of: Of) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{of} is {value!r} and no number to be added up")
    return value
