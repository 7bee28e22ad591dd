"""The course of one series: where it changed, where it goes, and when it is where it must not be."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from minerlib.event.moment import DAY, to_datetime
from minerlib.mine.courses.changes import changes
from minerlib.mine.courses.slope import Line, line
from minerlib.mine.courses.swing import steadied

LEAST = 5  # points of a straight line that are worth calling one
_STEP = 0.05  # of the range of all values: a change that jumps less is a bend
FAR = 3650.0  # days: nobody can tell what is then


@dataclass(frozen=True)
class Change:
    """Where the series changed: at `time` (µs) it went from the level `before` to `after`, and on from there."""

    time: int
    before: float
    after: float
    what: str  # step, drop, or bend


@dataclass(frozen=True)
class Course:
    """`line` (x in days since `first`, µs) is of the points since the last change; `swings` returned and were left
    out.
    """

    first: int
    since: int
    last: int
    line: Line
    changes: tuple[Change, ...]
    swings: tuple[str, ...]
    points: int

    def level(self, time: int) -> float:
        return self.line.value((time - self.first) / DAY)

    def reaches(self, to: float) -> tuple[float, float, float] | None:
        """In how many days from `last` on it is at `to`: about, at the earliest, at the latest (may be infinite).

        None where it does not move towards it for sure, or not within ten years. Both ends by the interval of the
        slope and that of the level, as if both were wrong at once, and still narrower than it says: of a nominal 95 %
        it held the true day in 86 to 92 % of drawn series where noise was white or an AR(1) of 0.6, in 80 to 85 % of
        those with 0.9.
        """
        end, line = self.level(self.last), self.line
        sign = 1 if to >= end else -1
        low, slope, high = sorted((sign * line.low, sign * line.slope, sign * line.high))
        room = sign * (to - end)
        if room == 0:
            return 0.0, 0.0, 0.0
        if not low > 0 or room / slope > FAR:
            return None
        return room / slope, max(0.0, room - line.give) / high, (room + line.give) / low


def course(end: Any, y: Any, every: int, confidence: float = 0.95) -> Course:
    """The course of values in buckets of `every` µs that end at `end` (µs, rising)."""
    steady, swings = steadied(end, y, every)
    first = int(end[0])
    x = (end - first) / DAY
    starts = [0, *changes(x, steady), len(y)]
    told: list[Change] = []
    for before, at, after in zip(starts, starts[1:], starts[2:], strict=False):
        left, right = _near(x, steady, before, at), _near(x, steady, at, after)
        told.append(_change(int(end[at]) - every // 2, float(x[at]), left, right, float(np.ptp(steady))))
    begin = starts[-2]
    found = line(x[begin:], steady[begin:], confidence)
    return Course(first, int(end[begin]), int(end[-1]), found, tuple(told), tuple(swings), len(y) - begin)


def _near(x: Any, y: Any, start: int, end: int) -> Line:
    return line(x[start:end], y[start:end])


def _change(time: int, x: float, left: Line, right: Line, range_: float) -> Change:
    before, after = left.value(x), right.value(x)
    jump = after - before
    bend = abs(jump) <= max(left.give + right.give, _STEP * range_)
    what = "bend" if bend else "step" if jump > 0 else "drop"
    return Change(time, before, after, what)


def moment(time: int, days: float) -> Any:
    """So many days after a time (µs), as a datetime; None where that is never."""
    return to_datetime(time + round(days * DAY)) if np.isfinite(days) and days < 10 * FAR else None
