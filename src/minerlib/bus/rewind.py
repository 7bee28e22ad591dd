"""What passed from some time ago on, and then what comes: read from the streams of environments, not from a queue.

    streams events.c.s.e --from `since` on--> those that match a pattern --> take()

A stream waits for its reader and forgets nothing when it is read, so nothing is dropped and nobody slowed; a reader
that is slow is late instead.
"""

import contextlib
import queue
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from minerlib.bus.connect import shown
from minerlib.bus.environments import environments
from minerlib.bus.reader import Reader
from minerlib.bus.ring import Counts
from minerlib.bus.sight import hidden, words_of
from minerlib.errors import BrokerError
from minerlib.event.event import Event
from minerlib.event.moment import MINUTE, to_datetime
from minerlib.event.pattern import topic_matches

_AHEAD = 8  # batches that wait to be taken


class Rewind:
    """The events from `since` (µs since 1970) on that match one of `patterns`, each environment in its own order.

    A pattern is one of kinds, or of whole routing keys; one that begins with an environment is looked for there, any
    other in all there are. Repeats are left out where what they repeat lies in what is read. `counts`, `state` and
    `said` are those of a Tap.

    Raises BrokerError where there is no such stream, BrokerUnreachable where nobody answers.
    """

    def __init__(self, patterns: Sequence[str], since: int, url: str) -> None:
        self.patterns, self.since, self.url = list(patterns), since, url
        self.state, self.said = "live", ""
        self._received = 0
        self._words = words_of(self.patterns)
        self._stop = threading.Event()
        self._batches: queue.Queue[list[Event] | Exception] = queue.Queue(_AHEAD)
        self._threads = [threading.Thread(target=self._read, args=(scope,), daemon=True) for scope in self._scopes()]
        for thread in self._threads:
            thread.start()

    def take(self, timeout: float = 0) -> list[Event]:
        """The next events, none where nothing comes within so many seconds. Raises what ended the reading."""
        with contextlib.suppress(queue.Empty):
            got = self._batches.get(timeout=timeout) if timeout else self._batches.get_nowait()
            if isinstance(got, Exception):
                raise got
            self._received += len(got)
            return got
        return []

    @property
    def counts(self) -> Counts:
        """How many events were received, and shown; none is dropped."""
        return Counts(self._received, self._received)

    def close(self) -> None:
        """Let go of the broker."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _scopes(self) -> list[str]:
        """The environments to read."""
        there = environments(self.url, self._stop)
        if not there:
            raise BrokerError(f"There is no environment at {shown(self.url)} yet: is minerlib up running?")
        begun = {scope for scope in there for each in self.patterns if each.startswith(f"{scope}.")}
        everywhere = any(not each.startswith(tuple(f"{scope}." for scope in begun)) for each in self.patterns)
        return there if everywhere else sorted(begun)

    def _read(self, scope: str) -> None:
        start = to_datetime(self.since - MINUTE) - timedelta(seconds=1)  # a minute of ticks: then the clock is known
        reader = Reader(self.url, scope, start=start, stop=self._stop, told=self._tell)
        try:
            for batch in reader.batches(wait=0.2):
                if batch is None:
                    continue
                self.state, self.said = "live", ""
                if found := [event for event in batch.events if self._matches(event)]:
                    self._put(found)
        except Exception as error:  # whatever ends the reading is raised where it is waited for
            self._put(error)

    def _put(self, what: list[Event] | Exception) -> None:
        while not self._stop.is_set():
            try:
                self._batches.put(what, timeout=0.2)
                return
            except queue.Full:
                continue

    def _tell(self, said: str) -> None:
        self.state, self.said = "reconnecting", said

    def _matches(self, event: Event) -> bool:
        if event.seen < self.since or event.repeat or hidden(event.kind, self._words):
            return False
        key = f"{event.scope}.{event.source.replace('.', '/')}.{event.kind}"
        return any(topic_matches(each, event.kind) or topic_matches(each, key) for each in self.patterns)
