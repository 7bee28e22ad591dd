"""Alerts as a sweep counts them: columns of instances and moments."""

from typing import NamedTuple

from minerlib.mine.suggesting.panegrid import Floats, Ints, Truths


class Alerts(NamedTuple):
    """What a sweep says would have been raised: by instance, from `begin` to `end` (µs), and how far beyond the line.

    `beyond` is the highest score above the line, in spreads of all scores.
    """

    instance: Ints
    begin: Ints
    end: Ints
    beyond: Floats

    def within(self, since: int, until: int) -> "Alerts":
        """Those raised in `(since, until]`."""
        return self.some((self.begin > since) & (self.begin <= until))

    def some(self, which: Truths) -> "Alerts":
        """Those that are marked."""
        return Alerts(self.instance[which], self.begin[which], self.end[which], self.beyond[which])
