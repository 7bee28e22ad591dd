"""The archiver: every stream into its SQLite file of today, and from there to Delta.

A thread a stream reads and orders; another commits. Events and the position behind them are one transaction, so
that whatever is killed whenever, the next one goes on exactly there. What is committed is sealed in the background
once there is enough of it, or once it is a minute old.
"""

import math
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from minerlib import settings
from minerlib.archive import Today, seal
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Batch, Gap, Reader
from minerlib.bus.stream import follow
from minerlib.bus.topology import ENVIRONMENTS
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.event.event import Event
from minerlib.event.moment import rfc3339
from minerlib.event.order import Position
from minerlib.nodes.clock import scope_in
from minerlib.nodes.crew import Crew
from minerlib.nodes.nightly import run_nightly, verify_at
from minerlib.nodes.upkeep import run_upkeep

SEAL_EVENTS, SEAL_SECONDS = 50_000, 60.0
_AT_MOST = 10  # batches that may wait for the disk before reading waits too

Told = Callable[[str], None]


def run_archiver(url: str, root: Path, stop: threading.Event, told: Told) -> None:
    """Archive every stream of the broker into `root` until `stop` is set, keep it in order, verify it at night.

    Raises BrokerRefused, ArchiveError, SettingError.
    """
    at = verify_at()
    known: set[str] = set()
    fresh: Counter[str] = Counter()  # events a stream committed since it was last sealed
    clocks: dict[str, int] = {}
    with Publisher(url, f"archiver.{settings.source()}", told=told, stop=stop) as publisher, Crew(stop) as crew:
        crew.run("sealer", lambda: _seal_all(root, fresh, stop, told))
        crew.run("upkeep", lambda: run_upkeep(root, stop, told))
        crew.run("nightly", lambda: run_nightly(url, root, at, clocks, stop, told))
        for messages, _ in follow(url, ENVIRONMENTS, stop, told=told):
            for scope in {scope_in(message.body) for message in messages} - known - {""}:
                known.add(scope)
                main = partial(archive_stream, url, scope, root, publisher, fresh, stop, told, clocks)
                crew.run(f"archive {scope}", main)


def archive_stream(
    url: str, scope: str, root: Path, publisher: Publisher, fresh: Counter[str], stop: threading.Event, told: Told,
    clocks: dict[str, int] | None = None,
) -> None:  # fmt: skip
    """One stream, for ever; its clock is kept in `clocks`. A full disk stops it at its offset; it goes on there when
    there is room."""
    clocks = {} if clocks is None else clocks
    full = False
    while not stop.is_set():
        try:
            today = Today(root, scope)
            try:
                _copy(url, scope, today, publisher, fresh, stop, told, clocks, full)
            finally:
                today.close()
        except ArchiveFull as error:
            if not full:
                told(f"{error} Archiving of {scope} waits; nothing is lost meanwhile.")
            full = True
            stop.wait(2)
        else:
            full = False


def _copy(
    url: str, scope: str, today: Today, publisher: Publisher, fresh: Counter[str], stop: threading.Event, told: Told,
    clocks: dict[str, int], full: bool,
) -> None:  # fmt: skip
    reader = Reader(url, scope, position=today.position, stop=stop, told=told)
    if reader.order.clock is not None:  # a stream that is new here has passed no night yet
        clocks[scope] = reader.order.clock
    writer = _Writer(today, fresh, scope)
    try:
        for batch in reader.batches():
            writer.check()
            if batch is None:
                continue
            if batch.gap:
                _say_gap(publisher, scope, batch.gap)
            if batch.messages:
                _say_unreadable(publisher, batch)
                writer.put(batch.events, batch.position, batch.gap)
                clocks[scope] = batch.order.clock or 0
                if full:
                    told(f"There is room again: archiving of {scope} goes on.")
                    full = False
    finally:
        writer.close()


class _Writer:
    """The thread that commits. It takes whatever has gathered as one transaction, so a slow disk means larger ones."""

    def __init__(self, today: Today, fresh: Counter[str], scope: str) -> None:
        self._today, self._fresh, self._scope = today, fresh, scope
        self._waiting: queue.Queue[tuple[list[Event], Position, Gap | None] | None] = queue.Queue(_AT_MOST)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"commit {scope}")
        self._thread.start()

    def put(self, events: list[Event], position: Position, gap: Gap | None) -> None:
        self.check()
        self._waiting.put((events, position, gap))

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

    def _commit(self, taken: list[tuple[list[Event], Position, Gap | None]]) -> None:
        while taken:
            epoch = taken[0][1].epoch
            same = [item for item in taken if item[1].epoch == epoch]
            taken = taken[len(same) :]
            for _, _, gap in same:
                if gap:
                    self._today.gap(gap.epoch, gap.first, gap.last)
            events = [event for item in same for event in item[0]]
            self._today.write(events, same[-1][1])
            self._fresh[self._scope] += len(events)


def _say_gap(publisher: Publisher, scope: str, gap: Gap) -> None:
    body = {"what": "gap", "said": "retention took these before they were archived", **gap._asdict()}
    id = f"minerlib/gap-{gap.epoch}:{gap.last}"
    publisher.publish(scope, settings.source(), "node.error", body, id=id)


def _say_unreadable(publisher: Publisher, batch: Batch) -> None:
    """One `node.error` for each message something could not be read from, numbered by its offset."""
    clock = rfc3339(batch.order.clock or 0)
    said = False
    before = -1
    for event in batch.events:
        if event.raw is not None and not event.repeat and event.offset != before:
            before = event.offset
            where = {"epoch": event.epoch, "offset": event.offset, "source": event.source, "kind": event.kind}
            body = {
                "time": clock,
                "what": "unreadable",
                "said": "the body is no JSON",
                **where,
                "bytes": len(event.raw),
            }
            id = f"minerlib/unreadable-{event.epoch}:{event.offset}"
            publisher.publish(event.scope, settings.source(), "node.error", body, id=id)
            said = True
    if said:
        publisher.flush(math.inf)


def _seal_all(root: Path, fresh: Counter[str], stop: threading.Event, told: Told) -> None:
    """Seal each stream at 50k events or 60 s; a stream whose sealing fails is tried again, and said once."""
    since: dict[str, float] = {}
    said = ""
    while not stop.wait(1):
        for scope in [scope for scope, count in fresh.items() if count]:
            began = since.setdefault(scope, time.monotonic())
            if fresh[scope] >= SEAL_EVENTS or time.monotonic() - began >= SEAL_SECONDS:
                fresh[scope] = 0
                del since[scope]
                try:
                    seal(root, scope)
                except ArchiveError as error:
                    fresh[scope] += 1
                    if str(error) != said:
                        told(said := str(error))
