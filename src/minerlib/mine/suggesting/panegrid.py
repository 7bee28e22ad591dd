"""A field's history as a rule's windows see it: panes of equal length, all instances in one flat row of numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

SUMS = ("count", "total", "beyond", "short", "x", "xx", "xy")
FIRSTS = ("low", "high", "first", "last", "began", "ended")


@dataclass(frozen=True)
class Grid:
    """Panes `(time - pane, time]` (µs), those of an instance in a row, `pad` empty ones behind each instance's last.

    Columns: `count` and `total` of the values in a pane, `low`, `high`, `first` and `last` value, `began` and `ended`,
    the times (µs) of these; NaN where there are none. `beyond` and `short` count values that are rare; `x`, `xx` and
    `xy` are sums of their times to the pane's end (s), of the squares, and of times and values. `names` has a row an
    instance: scope, epoch, and `by.<name>`; `numbers` are the instances' own, where this is a part of a grid. No window
    of up to `pad` panes reaches from one instance into another. What lies up to `start` (µs) only primes what comes.
    """

    pane: int
    pad: int
    end: int
    names: pl.DataFrame
    begins: Ints
    time: Ints
    columns: dict[str, Floats]
    numbers: Ints
    start: int = -1
    kept: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def first(self) -> int:
        """The end of the first pane that holds anything, behind `start`."""
        return max(self.start, int(self.time[self.begins].min()))

    @property
    def instance(self) -> Ints:
        """The number of each row's instance."""
        return self.once("instance", lambda: np.repeat(np.arange(len(self.begins)), np.diff(self._ends())))

    @property
    def age(self) -> Ints:
        """For each row how many panes there are of its instance up to it, itself included."""
        return self.once("age", lambda: np.arange(1, len(self) + 1) - np.repeat(self.begins, np.diff(self._ends())))

    def rolled(self, name: str, count: int) -> Floats:
        """A column over windows of so many panes: sums added, `low` and `high` the least and greatest (NaN: none)."""
        return self.once((name, count), lambda: self._rolled(name, count))

    def mean(self, count: int) -> Floats:
        """The mean of the values in windows of so many panes, NaN where there are none."""
        with np.errstate(invalid="ignore"):
            return self.rolled("total", count) / self.rolled("count", count)

    def seen(self, count: int) -> Truths:
        """Whether a window of so many panes holds a value."""
        return self.rolled("count", count) > 0

    def once(self, key: Any, work: Callable[[], Any]) -> Any:
        """What was worked out before, else worked out now."""
        if key not in self.kept:
            self.kept[key] = work()
        return self.kept[key]

    def forget(self) -> None:
        """Let go of what can be worked out again."""
        self.kept.clear()

    def some(self, instances: Ints) -> "Grid":
        """The grid of some of its instances."""
        ends = self._ends()
        rows = np.concatenate([np.arange(int(ends[one]), int(ends[one + 1])) for one in instances.tolist()])
        begins = np.r_[0, np.cumsum(np.diff(ends)[instances])[:-1]].astype(np.int64)
        columns = {name: column[rows] for name, column in self.columns.items()}
        numbers = self.numbers[instances]
        return Grid(
            self.pane, self.pad, self.end, self.names[instances], begins, self.time[rows], columns, numbers, self.start
        )

    def between(self, begin: int, end: int) -> "Grid":
        """The rows of a span of time. Without pads: its first windows may hold rows of another instance."""
        rows = np.flatnonzero((self.time > begin) & (self.time <= end))
        instances, begins = np.unique(self.instance[rows], return_index=True)
        columns = {name: column[rows] for name, column in self.columns.items()}
        names, numbers = self.names[instances], self.numbers[instances]
        return Grid(self.pane, self.pad, self.end, names, begins, self.time[rows], columns, numbers, self.start)

    def _ends(self) -> Ints:
        return np.r_[self.begins, len(self.time)]

    def _rolled(self, name: str, count: int) -> Floats:
        column = self.columns[name]
        if name in SUMS:
            return rolling(column, count, np.add, 0.0)
        worst, pick = (np.inf, np.minimum) if name == "low" else (-np.inf, np.maximum)
        found = rolling(np.where(np.isnan(column), worst, column), count, pick, worst)
        return np.where(np.isfinite(found), found, np.nan)


def rolling(values: Floats, count: int, join: Callable[[Floats, Floats], Floats], nothing: float) -> Floats:
    """Over each row and the `count - 1` before it, by doubling: sums are added as exactly as one by one.

    >>> rolling(np.array([1.0, 2.0, 3.0]), 2, np.add, 0.0).tolist()
    [1.0, 3.0, 5.0]
    """
    found: Floats | None = None
    block, width, done, left = values, 1, 0, count
    while left:
        if left & 1:
            found = block if found is None else join(found, _later(block, done, nothing))
            done += width
        left >>= 1
        if left:
            block = join(block, _later(block, width, nothing))
            width *= 2
    return np.full(len(values), nothing) if found is None else found


def filled(values: Floats, begins: Ints) -> Ints:
    """For each row the place of the last row at or before it that has a value, of the same instance; -1 where none."""
    rows = np.arange(len(values))
    place = np.maximum.accumulate(np.where(np.isnan(values), -1, rows))
    first = np.repeat(begins, np.diff(np.r_[begins, len(values)]))
    return np.where(place >= first, place, -1)


def laid_out(
    parts: Sequence[pl.DataFrame], names: pl.DataFrame, pane: int, pad: int, end: int, start: int = -1
) -> Grid:
    """The grid of panes that hold something: `instance` (a row of `names`), `pane` (its end, µs), and the columns."""
    spans = pl.concat(
        part.group_by("instance").agg(pl.col("pane").min().alias("first"), pl.col("pane").max().alias("last"))
        for part in parts
    )
    spans = spans.group_by("instance").agg(pl.col("first").min(), pl.col("last").max()).sort("instance")
    size = ((spans["last"] - spans["first"]) // pane + 1 + pad).to_numpy().astype(np.int64)
    begins = np.r_[0, np.cumsum(size)[:-1]].astype(np.int64)
    first = spans["first"].to_numpy()
    time = np.arange(int(size.sum()), dtype=np.int64)
    time = (time - np.repeat(begins, size)) * pane + np.repeat(first, size)
    place: list[Ints] = []
    for part in parts:
        number = part["instance"].to_numpy()
        place.append(begins[number] + (part["pane"].to_numpy() - first[number]) // pane)
    columns: dict[str, Floats] = {}
    for name in (name for name in (*SUMS, *FIRSTS) if name in parts[0].columns):
        column = np.full(len(time), 0.0 if name in SUMS else np.nan)
        for at, part in zip(place, parts, strict=True):
            column[at] = part[name].cast(pl.Float64).to_numpy()
        columns[name] = column
    return Grid(pane, pad, end, names, begins, time, columns, np.arange(len(begins), dtype=np.int64), start)


def _later(values: Floats, by: int, nothing: float) -> Floats:
    found = np.full(len(values), nothing)
    if by < len(values):
        found[by:] = values[: len(values) - by]
    return found
