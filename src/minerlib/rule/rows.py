"""Selected events as columns: what the engine folds, in the order in which they count."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
NO_INTS: Ints = np.empty(0, np.int64)
NO_FLOATS: Floats = np.empty(0, np.float64)


class Rows(NamedTuple):
    """Selected events, a column each of what counts of them, all of one length.

    `time`, `offset`, `part` order them. `slot` is the number of the instance among those that are known. `value` is
    what is measured (NaN: no observation), `below` the divisor of a ratio, `name` a different value by its name (empty:
    no observation), `retire` whether the event makes the rule forget the instance; None where that is 0, empty, false
    for all of them.
    """

    time: Ints
    offset: Ints
    part: Ints
    slot: Ints
    value: Floats
    below: Floats | None = None
    name: npt.NDArray[np.object_] | None = None
    retire: Truths | None = None

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.time)

    def some(self, index: Ints | Truths | slice) -> "Rows":
        """The rows at an index, in its order."""
        return Rows._make(None if column is None else column[index] for column in self)

    def behind(self, others: "Rows") -> "Rows":
        """These rows behind others, all in order of (time, offset, part)."""
        joined = stacked([others, self]) if others.size else self
        return joined.ordered()

    def ordered(self) -> "Rows":
        """The same rows in order of (time, offset, part)."""
        time = self.time
        if len(time) < 2 or (bool((time[1:] > time[:-1]).all())):
            return self
        order = np.lexsort((self.part, self.offset, time))
        return self.some(order)

    def in_slots(self, slots: Ints) -> "Rows":
        """The same rows of other numbers: slot `n` here is `slots[n]` there."""
        return self._replace(slot=slots[self.slot])


NO_ROWS = Rows(NO_INTS, NO_INTS, NO_INTS, NO_INTS, NO_FLOATS)


def stacked(rows: Sequence[Rows]) -> Rows:
    """Rows one behind the other."""
    sizes = [each.size for each in rows]
    return Rows._make(_column(columns, sizes) for columns in zip(*rows, strict=True))


def _column(columns: Sequence[Any], sizes: Sequence[int]) -> Any:
    """Columns one behind the other, of which some may be of nothing."""
    like = next((column for column in columns if column is not None), None)
    if like is None:
        return None
    nothing = "" if like.dtype == np.object_ else 0
    return np.concatenate(
        [np.full(n, nothing, like.dtype) if c is None else c for c, n in zip(columns, sizes, strict=True)]
    )


def firsts(slots: Ints, known: int) -> tuple[Ints, Ints]:
    """The slots that occur, in order, and the place of the first of each; `known` is how many there are at all."""
    if known > 4 * len(slots):
        return np.unique(slots, return_index=True)
    first = np.full(known, -1, np.int64)
    first[slots[::-1]] = np.arange(len(slots) - 1, -1, -1)  # of equal places the last counts
    there = np.flatnonzero(first >= 0)
    return there, first[there]


class Slots:
    """The instances that are known, by number. It only grows, so that any older number stays true."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self.at = {key: number for number, key in enumerate(keys)}

    def __len__(self) -> int:
        return len(self.keys)

    def numbers(self, keys: list[str]) -> Ints:
        """The numbers of some keys; those not known yet get the next."""
        found = np.empty(len(keys), np.int64)
        for place, key in enumerate(keys):
            number = self.at.get(key)
            if number is None:
                number = self.at[key] = len(self.keys)
                self.keys.append(key)
            found[place] = number
        return found
