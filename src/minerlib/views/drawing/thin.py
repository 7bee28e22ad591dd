"""Many values as few: of each stretch of time the lowest and the highest."""

import math
from typing import NamedTuple


class Point(NamedTuple):
    """A value at a time (microseconds since 1970); points of one `part` are joined, behind a gap another one begins."""

    time: int
    value: float
    part: int = 0


class Thin:
    """Takes values in order of time; what is not finite cannot be drawn and leaves a gap.

    It keeps at most two values for each of about `stretches` stretches of `[begin, end]`. What lies further apart than
    `gap` is not joined.
    """

    def __init__(self, begin: int, end: int, stretches: int, gap: int | None = None) -> None:
        self.begin, self.end = begin, end
        self._step = max(1, -(-(end - begin) // max(1, stretches)))
        self._gap = None if gap is None else max(gap, 2 * self._step)
        self._kept: dict[int, tuple[Point, Point]] = {}
        self._part, self._last = 0, begin

    def add(self, time: int, value: float) -> None:
        if not self.begin <= time <= self.end or not math.isfinite(value):
            return
        if self._kept and (time < self._last or (self._gap is not None and time - self._last > self._gap)):
            self._part += 1
        self._last = time
        point = Point(time, value, self._part)
        stretch = (time - self.begin) // self._step
        low, high = self._kept.get(stretch, (point, point))
        self._kept[stretch] = point if value < low.value else low, point if value > high.value else high

    @property
    def points(self) -> list[Point]:
        """What was kept, in order of time."""
        return sorted({point for pair in self._kept.values() for point in pair})
