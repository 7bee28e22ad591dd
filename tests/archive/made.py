"""Events made for tests of the archive, and what is in one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from minerlib.archive import Archive, Today
from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.event.order import Position

SCOPE = "acme.web.prod"
NOON = 1_790_164_800 * SECOND  # 2026-09-23T12:00:00Z


def event(offset: int, body: Any = None, **said: Any) -> Event:
    """The event at an offset: one a second from noon on, unless `said` otherwise."""
    company, system, environment = said.pop("scope", SCOPE).split(".")
    body = {"value": float(offset)} if body is None and "raw" not in said else body
    time = said.pop("time", NOON + offset * SECOND)
    given = {"seen": time, "epoch": "e1", "part": 0, "source": f"web-{offset % 3}", "kind": "cpu.usage", **said}
    return Event(offset=offset, time=time, company=company, system=system, environment=environment, body=body, **given)


def position(offset: int, epoch: str = "e1") -> Position:
    return Position(epoch, offset, f"{offset:032x}", "{}")


def write(root: Path, events: Sequence[Event]) -> None:
    """Archive events of one stream as one batch."""
    today = Today(root, events[0].scope)
    today.write(events, position(events[-1].offset, events[-1].epoch))
    today.close()


def kept(root: Path, kind: str = "#", **asked: Any) -> list[tuple[int, int]]:
    """(offset, part) of what a scan gives, as often as it does."""
    frame = Archive(root).scan(kind, repeats=True, own=True, **asked)
    return sorted(frame.select("offset", "part").collect().rows())


def after_commit(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> list[int]:
    """What is raised after a commit, though it is done: put 0 in the list for the next; each that was so adds 1."""
    real, done = DeltaTable.create_write_transaction, list[int]()

    def commit(table: DeltaTable, *said: Any, **named: Any) -> None:
        real(table, *said, **named)
        if done == [0]:
            done.append(1)
            raise error

    monkeypatch.setattr(DeltaTable, "create_write_transaction", commit)
    return done
