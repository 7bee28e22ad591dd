"""The way of events through panes and windows, in the order of time."""

from collections.abc import Iterable

import numpy as np

from minerlib.rule.blocks import Block, empty, grown, pane_length
from minerlib.rule.parts import Measure
from minerlib.rule.room import Room
from minerlib.rule.rows import Rows
from minerlib.rule.window import Window


class Panes:
    """From `begun` to `limit`: `blocks` are the panes there are, `windows` those that ended with anything in them."""

    def __init__(
        self,
        blocks: Iterable[Block],
        full: frozenset[int],
        measure: Measure,
        rows: Rows,
        limit: int,
        begun: int,
        known: int,
    ) -> None:
        self.measure, self.rows, self.limit, self.begun, self.known = measure, rows, limit, begun, known
        self.blocks, self.windows, self.room = list(blocks), list[Window](), Room(measure, full)

    def run(self) -> None:
        length, every = pane_length(self.measure), self.measure.every
        panes = -(-self.rows.time // length)
        cuts = [0, *(np.flatnonzero(panes[1:] != panes[:-1]) + 1).tolist(), len(panes)] if len(panes) else [0]
        ends = [int(panes[at]) * length for at in cuts[:-1]]
        end, at = -(-self.begun // every) * every, 0
        while True:
            if not self.blocks:
                if at == len(ends):
                    break
                end = max(end, -(-int(self.rows.time[cuts[at]]) // every) * every)
            if end >= self.limit:
                break
            while at < len(ends) and ends[at] <= end:
                self._add(ends[at] // length, slice(cuts[at], cuts[at + 1]))
                at += 1
            forget(self.blocks, (end - self.measure.over) // length)
            self.room.forget(self.blocks)
            if self.blocks:
                self.windows.append(Window(self.measure, end, tuple(self.blocks), self.known))
            end += every
        for place in range(at, len(ends)):
            self._add(ends[place] // length, slice(cuts[place], cuts[place + 1]))

    def _add(self, pane: int, some: slice) -> None:
        """Take events of one pane."""
        rows = self.room.take(self.blocks, pane, self.rows.some(some), some.start)
        if not self.blocks or self.blocks[-1].pane != pane:
            self.blocks.append(empty(self.measure, pane))
        self.blocks[-1] = grown(self.measure, self.blocks[-1], rows, self.known)


def forget(blocks: list[Block], pane: int) -> None:
    """Let go of panes up to one that no window reaches back to."""
    while blocks and blocks[0].pane <= pane:
        del blocks[0]
