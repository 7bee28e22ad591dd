"""A bounded ring between a thread that receives events and one that looks at them; what it loses, it counts."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

from minerlib.event.event import Event

KINDS = 1000  # kinds counted apart; a foreign exchange may have as many keys as it has messages


class Counts(NamedTuple):
    """What became of the events: `received + lost = shown + dropped + waiting`.

    `shown` were handed out, `waiting` lie in the ring, `dropped` were not: they left the ring before they were taken,
    came too fast to be read, or were `lost`: known, by the numbers our own publishers give their messages, to have
    fallen at the broker. Where that cannot be known (a foreign exchange, a narrower pattern), `overflowing` still says
    that the broker is dropping. `hidden` counts messages of the workbench's own, which nobody asked for.
    """

    received: int = 0
    shown: int = 0
    dropped: int = 0
    waiting: int = 0
    lost: int = 0
    hidden: int = 0
    overflowing: bool = False


class Ring:
    """The newest `keep` events. One thread puts, one takes, any may ask; `ended` stops whoever waits."""

    def __init__(self, keep: int) -> None:
        self._events: deque[Event] = deque(maxlen=max(1, keep))
        self._totals: Counter[str] = Counter()
        self._put = self._taken = self._dropped = self._unread = self._hidden = 0
        self._news = threading.Condition()
        self.ended = False

    def put(self, events: Sequence[Event], kind: str) -> None:
        """The events of a message, all of one kind."""
        with self._news:
            self._count(kind, len(events))
            self._events.extend(events)
            self._put += len(events)
            self._news.notify_all()

    def pass_over(self, kind: str, number: int) -> None:
        """So many events were received, too fast to be read."""
        with self._news:
            self._count(kind, number)
            self._unread += number

    def hide(self, number: int) -> None:
        """So many messages were not asked for."""
        with self._news:
            self._hidden += number

    def end(self) -> None:
        """Nothing more comes: who waits is let go."""
        with self._news:
            self.ended = True
            self._news.notify_all()

    def take(self, most: int | None, timeout: float) -> list[Event]:
        """The events not taken yet, oldest first, of them the newest `most`; waits `timeout` seconds for one."""
        with self._news:
            self._wait(lambda: self._put > self._taken, timeout)
            new = self._put - self._taken
            count = min(new, len(self._events)) if most is None else min(new, len(self._events), most)
            self._dropped += new - count
            self._taken = self._put
            return list(islice(self._events, len(self._events) - count, None))

    def wait(self, events: int, timeout: float) -> bool:
        """Whether so many events were put in within `timeout` seconds."""
        with self._news:
            return self._wait(lambda: self._put >= events, timeout) and self._put >= events

    def seen(self) -> list[Event]:
        with self._news:
            return list(self._events)

    def totals(self) -> dict[str, int]:
        """How many events of each kind were received; beyond KINDS kinds, as `others`."""
        with self._news:
            return dict(self._totals)

    def counts(self) -> Counts:
        """The counts, as far as the ring knows them."""
        with self._news:
            new = self._put - self._taken
            waiting = min(new, len(self._events))
            return Counts(
                received=self._put + self._unread,
                shown=self._taken - self._dropped,
                dropped=self._dropped + self._unread + new - waiting,
                waiting=waiting,
                hidden=self._hidden,
            )

    def _wait(self, there: Callable[[], bool], timeout: float) -> bool:
        return self._news.wait_for(lambda: there() or self.ended, timeout)

    def _count(self, kind: str, number: int) -> None:
        self._totals[kind if kind in self._totals or len(self._totals) < KINDS else "others"] += number
