"""What a live view shows at one moment, folded from events: rates by kind, lines of numeric fields, newest rows.

Pure arithmetic over events and a clock, so that it is tested without a browser. Everything in it is bounded.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from minerlib.event.body import flatten
from minerlib.event.event import Event
from minerlib.event.moment import SECOND, to_datetime

SPAN = 60  # seconds of history drawn
ROWS = 60  # rows of the table
KINDS = 6  # kinds with a colour of their own; the others share one
LINES = 12  # lines drawn
KNOWN = 400  # lines known; further fields and instances are counted, not kept
_CELLS = 8  # fields of a row shown
_TIMES = {"time", "timestamp", "@timestamp", "ts"}  # fields that only go up with the clock
_TEXT = 120  # characters of a value shown

Frame = dict[str, Any]


class Line:
    """One numeric field of one instance: a value (the latest) for each second, SPAN of them."""

    def __init__(self, kind: str, field: str, instance: str) -> None:
        self.kind, self.field, self.instance = kind, field, instance
        self.points: deque[tuple[int, float]] = deque(maxlen=SPAN + 2)
        self.moved = False

    def add(self, second: int, value: float) -> None:
        if self.points and value != self.points[-1][1]:
            self.moved = True
        if self.points and self.points[-1][0] == second:
            self.points[-1] = (second, value)
        else:
            self.points.append((second, value))


class Picture:
    """Folds counts and events as they arrive, by whole seconds of `seen`, and gives frames that stand alone."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, dict[str, int]]] = deque(maxlen=SPAN + 2)
        self._counted: dict[str, int] = {}
        self._kinds: list[str] = []
        self._lines: dict[tuple[str, str, str], Line] = {}
        self._drawn: list[Line] = []
        self._rows: deque[tuple[int, Event]] = deque(maxlen=ROWS)
        self.tabled = 0
        self.unkept = 0

    def count(self, totals: Mapping[str, int], clock: int) -> None:
        """How many events of each kind there were in all by `clock` (µs): what is more than last time is drawn."""
        second = clock // SECOND
        if not self._seconds or self._seconds[-1][0] < second:
            self._seconds.append((second, {}))
        counts = self._seconds[-1][1]
        for kind, total in totals.items():
            if more := total - self._counted.get(kind, 0):
                self._counted[kind] = total
                colour = self._colour(kind)
                counts[colour] = counts.get(colour, 0) + more

    def add(self, events: Sequence[Event]) -> None:
        """Take rows and lines from these events; of a flood, lines from the newest 500."""
        for event in events[-500:]:
            self._read(event)
        for event in events[-ROWS:]:
            self.tabled += 1
            self._rows.append((self.tabled, event))

    def frame(self, clock: int) -> Frame:
        """Everything to draw at `clock` (µs), as JSON has values: rows newest first, points as [seconds ago, value]."""
        now = clock // SECOND
        bars = [[now - second, *(counts.get(kind, 0) for kind in self._kinds)] for second, counts in self._seconds]
        self._choose()
        return {
            "kinds": self._kinds,
            "bars": [bar for bar in bars if bar[0] <= SPAN],
            "lines": [
                {
                    "kind": line.kind,
                    "field": line.field,
                    "instance": line.instance,
                    "points": [[now - second, value] for second, value in line.points if now - second <= SPAN],
                }
                for line in self._drawn
            ],
            "more": sum(line.moved for line in self._lines.values()) - len(self._drawn) + self.unkept,
            "rows": [[number, *_row(event)] for number, event in reversed(self._rows)],
        }

    def _colour(self, kind: str) -> str:
        """The kind itself for the first few, one name for the rest."""
        if kind not in self._kinds:
            if len(self._kinds) >= KINDS:
                kind = "others"
            if kind not in self._kinds:
                self._kinds.append(kind)
        return kind

    def _read(self, event: Event) -> None:
        fields = flatten(event.body)
        numbers: list[tuple[str, float]] = []
        words: list[str] = []
        for name, value in fields.items():
            if name in _TIMES:
                continue
            if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300:
                numbers.append((name, float(value)))
            elif isinstance(value, str) and len(value) <= 24 and len(words) < 2:
                words.append(value)
        for name, value in numbers:
            key = (event.kind, name, " ".join([event.source, *words]))
            line = self._lines.get(key)
            if line is None:
                if len(self._lines) >= KNOWN:
                    self.unkept += 1
                    continue
                line = self._lines[key] = Line(event.kind, name, key[2])
            line.add(event.seen // SECOND, value)

    def _choose(self) -> None:
        """Lines keep their place once drawn. Kinds take turns, and what never moves comes last."""
        if len(self._drawn) >= LINES:
            return
        drawn = set(map(id, self._drawn))
        taken: dict[str, int] = {}
        for line in self._drawn:
            taken[line.kind] = taken.get(line.kind, 0) + 1
        free = [line for line in self._lines.values() if id(line) not in drawn and line.moved]
        while free and len(self._drawn) < LINES:
            best = min(free, key=lambda line: taken.get(line.kind, 0))
            free.remove(best)
            taken[best.kind] = taken.get(best.kind, 0) + 1
            self._drawn.append(best)


def _row(event: Event) -> tuple[str, str, str, list[list[str]]]:
    """Time (UTC), source, kind, and the body as pairs of name and text."""
    return f"{to_datetime(event.time):%H:%M:%S.%f}"[:-3], event.source[:_TEXT], event.kind[:_TEXT], _cells(event)


def _cells(event: Event) -> list[list[str]]:
    if event.raw is not None:
        return [["unreadable", repr(event.raw[:_TEXT])[2:-1]]]
    if not isinstance(event.body, dict):
        return [["", _text(event.body)]]
    fields = [(name, value) for name, value in flatten(event.body).items() if name != "time"]
    cells = [[name[:_TEXT], _text(value)] for name, value in fields[:_CELLS]]
    if len(fields) > _CELLS:
        cells.append(["", f"+{len(fields) - _CELLS}"])
    return cells


def _text(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif isinstance(value, float):
        text = f"{value:,.0f}" if 1e6 <= abs(value) < 1e18 else f"{value:.6g}"
    elif isinstance(value, int) and not isinstance(value, bool):
        text = f"{value:,}"
    else:
        text = msgspec.json.encode(value).decode()
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
