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

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._at = clock, 0.0
        self._was: Mapping[str, _Values] = {}

    def __call__(self, now: Mapping[str, _Values]) -> dict[str, dict[str, float]]:
        """The same, with the rise a second of each since the last look as `<counter>_per_second`.

        There is none at the first look, nor for a counter that is lower than it was: it was set back in between.
        """
        at = self._clock()
        was, span, self._was, self._at = self._was, at - self._at, now, at
        return {name: {**values, **_rates(values, was.get(name, {}), span)} for name, values in now.items()}


def _rates(now: _Values, was: _Values, span: float) -> dict[str, float]:
    rises = {name: value - was[name] for name, value in now.items() if name in was}
    return {f"{name}_per_second": round(rise / span, 3) for name, rise in rises.items() if rise >= 0 and span > 0}
