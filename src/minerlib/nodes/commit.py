"""Committing what an archiver read: a thread that writes whatever has gathered as one transaction."""

import queue
import threading
from collections import Counter

from minerlib.archive import Today
from minerlib.archive.gaps import BROKER
from minerlib.bus.reader import Gap
from minerlib.event.event import Event
from minerlib.event.order import Position

_AT_MOST = 10  # batches that may wait for the disk before reading waits too


class Writer:
    """The thread that commits. It takes whatever has gathered as one transaction, so a slow disk means larger ones."""

    def __init__(self, today: Today, fresh: Counter[str], scope: str) -> None:
        self._today, self._fresh, self._scope = today, fresh, scope
        self._waiting: queue.Queue[tuple[list[Event], Position, Gap | None, Gap | None] | None] = queue.Queue(_AT_MOST)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"commit {scope}")
        self._thread.start()

    def put(self, events: list[Event], position: Position, gap: Gap | None, own: Gap | None = None) -> None:
        """Commit events and the position behind them; with the `gap` before them, or what was the broker's `own`."""
        self.check()
        self._waiting.put((events, position, gap, own))

    def check(self) -> None:
        if self._error:
            raise self._error

    def close(self) -> None:
        """Commit what was put, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            taken = [self._waiting.get()]
            while not self._waiting.empty():
                taken.append(self._waiting.get_nowait())
            ended = None in taken
            if self._error:  # keep taking, so that nobody waits for us; what is dropped is read again
                continue
            try:
                self._commit([item for item in taken if item])
            except Exception as error:  # whatever it is, the reader has to hear of it
                self._error = error

    def _commit(self, taken: list[tuple[list[Event], Position, Gap | None, Gap | None]]) -> None:
        while taken:
            epoch = taken[0][1].epoch
            same = [item for item in taken if item[1].epoch == epoch]
            taken = taken[len(same) :]
            for _, _, gap, own in same:
                if gap:
                    self._today.gap(*gap)
                if own:
                    self._today.gap(*own, why=BROKER)
            events = [event for item in same for event in item[0]]
            self._today.write(events, same[-1][1])
            self._fresh[self._scope] += len(events)
