"""The archiver: every stream into its SQLite file of today, and from there to Delta.

A thread a stream reads and orders; another commits. Events and the position behind them are one transaction, so
that whatever is killed whenever, the next one goes on exactly there. What is committed is sealed in the background
once there is enough of it, or once it is a minute old.
"""

import math
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from minerlib import settings
from minerlib.archive import Today
from minerlib.archive.lease import Lease
from minerlib.archive.places import stream_dir
from minerlib.bus.environments import scope_in
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Batch, Gap, Reader
from minerlib.bus.stream import follow
from minerlib.bus.topology import ENVIRONMENTS
from minerlib.errors import ArchiveBroken, ArchiveFull
from minerlib.event.moment import rfc3339
from minerlib.nodes.commit import Writer
from minerlib.nodes.crew import Crew
from minerlib.nodes.nightly import run_nightly, verify_at
from minerlib.nodes.sealer import run_sealer
from minerlib.nodes.upkeep import run_upkeep

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
        crew.run("sealer", lambda: run_sealer(root, fresh, stop, told))
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
    """One stream, for ever; its clock is kept in `clocks`. Where another archiver has it, this one waits for its end. A
    full disk stops it at its offset, and so does a broken file; it goes on there when there is room, or when the file
    is repaired."""
    clocks = {} if clocks is None else clocks
    lease = Lease(stream_dir(root, scope), scope)
    full, broken = threading.Event(), ""
    try:
        while not stop.is_set():
            try:
                if not _lead(lease, scope, stop, told):
                    break
                today = Today(root, scope)
                try:
                    _copy(url, scope, today, publisher, fresh, stop, told, clocks, full)
                finally:
                    today.close()
            except ArchiveFull as error:
                if not full.is_set():
                    told(f"{error} Archiving of {scope} waits; nothing is lost meanwhile.")
                full.set()
                stop.wait(2)
            except ArchiveBroken as error:
                lease.release()  # whoever repairs it has to hold it
                if str(error) != broken:
                    told(f"{error} Archiving of {scope} waits; nothing is lost meanwhile.")
                broken = str(error)
                stop.wait(2)
    finally:
        lease.release()


def _lead(lease: Lease, scope: str, stop: threading.Event, told: Told) -> bool:
    """Whether this archiver has the stream. Where another has it, that is said, and this one waits for its end."""
    other: list[str] = []

    def waiting(holder: str) -> None:
        other.append(holder)
        told(f"{scope} is archived by {holder}: this archiver waits, and goes on with it when that one ends.")

    if not lease.take(stop, waiting):
        return False
    if other:
        told(f"{other[0]} has ended: archiving of {scope} goes on here.")
    return True


def _copy(
    url: str, scope: str, today: Today, publisher: Publisher, fresh: Counter[str], stop: threading.Event, told: Told,
    clocks: dict[str, int], full: threading.Event,
) -> None:  # fmt: skip
    began = today.position
    reader = Reader(url, scope, position=began, stop=stop, told=told)
    if reader.order.clock is not None:  # a stream that is new here has passed no night yet
        clocks[scope] = reader.order.clock
    writer = Writer(today, fresh, scope)
    try:
        for batch in reader.batches():
            writer.check()
            if full.is_set() and today.position != began:
                told(f"There is room again: archiving of {scope} goes on.")
                full.clear()
            if batch is None:
                continue
            if batch.gap:
                _say_gap(publisher, scope, batch.gap)
            if batch.messages:
                _say_unreadable(publisher, batch)
                writer.put(batch.events, batch.position, batch.gap, batch.own)
                clocks[scope] = batch.order.clock or 0
    finally:
        writer.close()


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
