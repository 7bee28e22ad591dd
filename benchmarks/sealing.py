"""Writing events to today's SQLite and sealing them, beside sqlite-utils; and what they weigh then."""

import statistics
import tempfile
import time
from pathlib import Path

import msgspec
from readings import KIND, events
from sqlite_utils import Database

from minerlib.archive import Today, seal
from minerlib.archive.places import kind_dir
from minerlib.archive.sealed import Sealed, open_table
from minerlib.event.event import Event
from minerlib.event.order import Position

BATCH, SEALED = 10_000, 50_000


def write(some: list[Event]) -> float:
    """Events a second into today's SQLite file, committed ten thousand at once."""
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        today = Today(Path(folder), some[0].scope)
        begun = time.perf_counter()
        for first in range(0, len(some), BATCH):
            batch = some[first : first + BATCH]
            today.write(batch, Position("now", batch[-1].offset, "", "{}"))
        spent = time.perf_counter() - begun
        today.close()
    return len(some) / spent


def insert_all(some: list[Event]) -> float:
    """The same by sqlite-utils, from rows whose bodies are text already."""
    rows = [
        {
            "epoch": 1, "offset": e.offset, "part": e.part, "time": e.time, "seen": e.seen, "source": e.source,
            "kind": e.kind, "body": msgspec.json.encode(e.body).decode(), "raw": e.raw, "repeat": e.repeat,
        }
        for e in some
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        db = Database(Path(folder) / "events.sqlite")
        db.enable_wal()
        begun = time.perf_counter()
        db.table("events").insert_all(rows, pk=("epoch", "offset", "part"), batch_size=BATCH)
        spent = time.perf_counter() - begun
        db.close()
    return len(some) / spent


def sealed_events(name: str, commits: int, *roots: Path) -> list[float]:
    """Microseconds an event of sealing fifty thousand at once into archives in turn, in the median of so many commits
    each; their stream is called `name`."""
    scope = f"acme.{name}.prod"
    streams = [(root, Today(root, scope), list[float]()) for root in roots]
    for first in range(0, commits * SEALED, SEALED):
        some = events(first, first + SEALED, scope)
        for root, today, spent in streams:
            today.write(some, Position("now", some[-1].offset, "", "{}"))
            begun = time.perf_counter()
            assert seal(root, scope) == SEALED
            spent.append(time.perf_counter() - begun)
    for _, today, _ in streams:
        today.close()
    return [statistics.median(spent) / SEALED * 1e6 for _, _, spent in streams]


def weight(commits: int) -> tuple[float, float]:
    """Bytes an event of what is sealed, and of the JSON that its producer sent."""
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        root = Path(folder)
        sealed_events("web", commits, root)
        table = open_table(root, KIND)
        assert table is not None
        sealed = Sealed(table, kind_dir(root, KIND)).files["bytes"].sum()
    some = events(0, SEALED, "acme.web.prod")
    return sealed / (commits * SEALED), sum(len(msgspec.json.encode(e.body)) for e in some) / SEALED
