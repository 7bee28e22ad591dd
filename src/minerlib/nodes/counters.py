"""Counters that rise, and how fast: each beside what it was when last looked at."""

import time
from collections.abc import Callable, Mapping

_Values = Mapping[str, float]


class Counters:
    """Counters of things (an interface, a disk), remembered by the name of the thing until they are looked at again.

    >>> counters = Counters(clock=iter([10.0, 12.0]).__next__)
    >>> counters({"eth0": {"sent": 100}})
    {'eth0': {'sent': 100}}
    >>> counters({"eth0": {"sent": 400}})
    {'eth0': {'sent': 400, 'sent_per_second': 150.0}}
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, from_zero: bool = False) -> None:
        self._clock, self._from_zero, self._at = clock, from_zero, 0.0
        self._was: Mapping[str, _Values] | None = None
        self.set_back: set[str] = set()

    def __call__(self, now: Mapping[str, _Values]) -> dict[str, dict[str, float]]:
        """The same, with the rise a second of each since the last look as `<counter>_per_second`.

        There is none at the first look, nor for a counter that is lower than it was: `set_back` has the names of those
        things. What is new since the last look has one where its counters began `from_zero`.
        """
        at = self._clock()
        was, span = self._was or {}, at - self._at
        begun = {} if self._was is None or not self._from_zero else dict.fromkeys(_counters(now), 0)
        self._was, self._at = now, at
        self.set_back = {
            name for name in now if any(now[name][each] < was.get(name, {}).get(each, 0) for each in now[name])
        }
        return {name: {**values, **_rates(values, was.get(name, begun), span)} for name, values in now.items()}


def _counters(now: Mapping[str, _Values]) -> set[str]:
    return {counter for values in now.values() for counter in values}


def _rates(now: _Values, was: _Values, span: float) -> dict[str, float]:
    rises = {name: value - was[name] for name, value in now.items() if name in was}
    return {f"{name}_per_second": round(rise / span, 3) for name, rise in rises.items() if rise >= 0 and span > 0}
