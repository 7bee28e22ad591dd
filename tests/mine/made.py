"""Frames and archives of events whose truth is known."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from minerlib.archive import Archive, Today, seal
from minerlib.event import Event
from minerlib.event.moment import SECOND, from_datetime
from minerlib.event.order import Position

START = datetime(2026, 11, 2, tzinfo=UTC)


def every(seconds: float, hours: float, but: Iterable[tuple[float, float]] = ()) -> list[datetime]:
    """Moments from START on, those aside that lie in one of some spans (hours, [begin, end))."""
    holes = [(begin * 3600, end * 3600) for begin, end in but]
    steps = (number * seconds for number in range(int(hours * 3600 / seconds)))
    return [
        START + timedelta(seconds=step) for step in steps if not any(begin <= step < end for begin, end in holes)
    ]  # fmt: skip


def frame(times: dict[str, list[datetime]], **columns: Any) -> pl.DataFrame:
    """Events of some sources by their times, of the kind `cpu.usage`."""
    found = pl.DataFrame(
        [(time, source) for source, its in times.items() for time in its],
        schema={"time": pl.Datetime("us", "UTC"), "source": pl.String}, orient="row",
    )  # fmt: skip
    return found.with_columns(kind=pl.lit("cpu.usage"), **columns)


def archived(root: Path, bodies: list[tuple[float, str, Any]], kind: str = "disk.usage", sealed: int = 0) -> Archive:
    """An archive of events (seconds after START, source, body), the first so many of them sealed."""
    begin = from_datetime(START)
    events = [
        Event(
            time=begin + round(at * SECOND), seen=begin + round(at * SECOND), epoch=f"e-{kind}", offset=number, part=0,
            company="acme", system="web", environment="prod", source=source, kind=kind, body=body,
        )
        for number, (at, source, body) in enumerate(bodies)
    ]  # fmt: skip
    for some in filter(None, (events[:sealed], events[sealed:])):
        today = Today(root, f"acme.{kind.replace('.', '-')}.prod")
        today.write(some, Position(some[-1].epoch, some[-1].offset, "0" * 32, "{}"))
        today.close()
        if some[0].offset < sealed:
            seal(root, f"acme.{kind.replace('.', '-')}.prod")
    return Archive(root)
