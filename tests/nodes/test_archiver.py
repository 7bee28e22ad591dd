"""What an archiver says of a disk without room: that it waits, and that it goes on, each once and when it is so."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from minerlib.archive import Archive, Today
from minerlib.bus.reader import Batch
from minerlib.errors import ArchiveFull
from minerlib.event import Event
from minerlib.event.known import Keys
from minerlib.event.messages import Messages
from minerlib.event.moment import SECOND, rfc3339
from minerlib.event.order import Message, Order, Position
from minerlib.nodes import archiver

SCOPE, COUNT = "acme.web.prod", 8
FULL = [False, False, True, True, True, False, False, True, True]  # at which of its writes there is no room


class Hurried(threading.Event):
    """One for which nobody waits long."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(min(timeout or 0, 0.01))


class Stream:
    """So many ticks, each read once the one before was written or could not be; at the end the archiver is stopped."""

    written = threading.Event()

    def __init__(self, _: str, __: str, position: Position | None, stop: threading.Event, told: object) -> None:
        self.order = Order.from_json(position.order) if position else Order()
        self._first, self._stop = position.offset + 1 if position else 0, stop

    def batches(self) -> Iterator[Batch | None]:
        for offset in range(self._first, COUNT):
            body = msgspec.json.encode({"time": rfc3339((1_790_164_800 + offset) * SECOND), "epoch": "e"})
            message = Message(offset, f"{SCOPE}.clock.tick", body)
            self.written.clear()
            yield Batch(Messages(self.order, [message], Keys()), self.order)
            while not self.written.wait(0.01):
                yield None
            yield None
        self._stop.set()


class Disk(Today):
    """One that has room, and has none, as FULL says."""

    def write(self, events: Sequence[Event], position: Position) -> None:
        try:
            if room.pop(0) if room else False:
                raise ArchiveFull("The disk cannot be written.")
            super().write(events, position)
        finally:
            Stream.written.set()


room: list[bool] = []


def test_it_says_how_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full, is full at the next tries too, has room, and is full again."""
    monkeypatch.setattr(archiver, "Reader", Stream)
    monkeypatch.setattr(archiver, "Today", Disk)
    room[:] = FULL
    said: list[str] = []
    nobody: Any = None
    archiver.archive_stream("", SCOPE, tmp_path, nobody, Counter(), Hurried(), said.append)
    waits = f"The disk cannot be written. Archiving of {SCOPE} waits; nothing is lost meanwhile."
    goes_on = f"There is room again: archiving of {SCOPE} goes on."
    assert said == [waits, goes_on, waits, goes_on]
    assert Archive(tmp_path).scan("tick").collect()["offset"].to_list() == list(range(COUNT))
