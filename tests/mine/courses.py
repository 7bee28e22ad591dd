"""Made series: a frame for each shape, with a seeded noise that may remember where it was."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
Shape = Callable[[Any], Any]


def noise(count: int, seed: int, phi: float = 0.0) -> Any:
    """An AR(1) of standard deviation 1, long since under way."""
    shocks = np.random.default_rng(seed).normal(size=count + 200) * (1 - phi**2) ** 0.5
    found = np.zeros(count + 200)
    for n in range(1, count + 200):
        found[n] = phi * found[n - 1] + shocks[n]
    return found[200:]


def told(shape: Shape, days: float, source: str = "web", step: int = 600, seed: int = 1, phi: float = 0.0,
         wide: float = 0.5, field: str = "used_pct", kind: str = "disk.usage") -> pl.DataFrame:  # fmt: skip
    """What `shape` makes of days since a Monday, every `step` seconds, with noise `wide`."""
    seconds = np.arange(0, int(days * 86400), step)
    values = shape(seconds / 86400) + wide * noise(len(seconds), seed, phi)
    time = pl.Series(int(MONDAY.timestamp() * 1e6) + seconds * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"time": time, "source": source, "kind": kind, field: values})


def level(value: float) -> Shape:
    """Always the same."""
    return lambda days: value + 0 * days
