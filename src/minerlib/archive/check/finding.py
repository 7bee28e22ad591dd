"""What `verify` finds: where, what, which events are concerned, what can be done."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from minerlib.archive.hashes import FAR
from minerlib.archive.places import LOADED

BROKEN, NOTE = "broken", "note"
REPAIR = "minerlib archive verify --repair"
Told = Callable[[float, float, str], object]
Ranges = Sequence[tuple[int, int]]


def quiet(done: float, total: float, said: str) -> None:
    """Says nothing."""


class Finding(NamedTuple):
    """One thing that is not as it should be; a `note` is no trouble.

    fault     format, day, hash, log, file, seam, hole, double or stray
    where     the file, the table's folder, or the stream and epoch
    events    how many are concerned, where that is known: of `kind`, in stream `scope` and `epoch`, from offset
              `first` to `last`; `ranges` are the offsets themselves where they are known
    """

    fault: str
    where: str
    what: str
    remedy: str
    severity: str = BROKEN
    kind: str = ""
    scope: str = ""
    epoch: str = ""
    first: int | None = None
    last: int | None = None
    events: int | None = None
    ranges: Ranges = ()

    @property
    def broken(self) -> bool:
        return self.severity == BROKEN

    @property
    def loaded(self) -> bool:
        """Whether it is about events that `minerlib load` took in."""
        return self.epoch.startswith(LOADED)


def told_ranges(ranges: Ranges, most: int = 4) -> str:
    """Ranges of offsets as words."""
    words = [str(first) if first == last else f"{first} to {last}" for first, last in ranges[:most]]
    return ", ".join(words) + (f" and {len(ranges) - most} more" if len(ranges) > most else "")


def size(ranges: Ranges) -> int:
    """How many offsets there are in ranges."""
    return sum(last - first + 1 for first, last in ranges)


def merged(ranges: Ranges) -> Ranges:
    """Ranges in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def inside(ranges: Ranges, offset: int) -> bool:
    """Whether an offset is in one of some ranges in order, as `merged` gives them."""
    at = bisect_right(ranges, (offset, FAR))
    return at > 0 and offset <= ranges[at - 1][1]


def without(ranges: Ranges, others: Ranges) -> Ranges:
    """Ranges in order without others in order."""
    found: list[tuple[int, int]] = []
    at = 0
    for first, last in ranges:
        while at < len(others) and others[at][1] < first:
            at += 1
        for low, high in others[at:]:
            if low > last:
                break
            if low > first:
                found.append((first, low - 1))
            first = high + 1
        if first <= last:
            found.append((first, last))
    return found
