"""What a rule "above a line for so long" would have done over windows, and the lowest line that keeps a budget."""

import math
from typing import NamedTuple

import numpy as np
import polars as pl

from minerlib.mine.suggesting.choose import roundest

_TRIED = 40
_BACK = 0.25  # of the way back to the median, where it clears


class Budgeted(NamedTuple):
    """A line, what clears it, and how often it would have raised."""

    line: float
    clear: float
    raised: int


def firing(line: float, clear: float, wait: int) -> pl.Expr:
    """Whether "> line for wait, clear < clear for wait" fires, over windows sorted by `instance` and `time` (µs).

    The run of windows with `value` above the line that is `wait` long raises, the run below `clear` that is as long
    clears, and between these the state stays what it was; `clear` is never above the line.
    """
    time, value, new = pl.col("time"), pl.col("value"), pl.col("instance") != pl.col("instance").shift(1)
    new = new.fill_null(True)

    def held(condition: pl.Expr) -> pl.Expr:
        begins = condition & (new | ~condition.shift(1).fill_null(False))
        since = pl.when(begins).then(time).forward_fill()
        return condition & (time - since >= wait)

    said = pl.when(held(value > line)).then(True).when(held(value < clear) | new).then(False)
    return said.forward_fill().fill_null(False)


def raised(windows: pl.DataFrame, line: float, clear: float, wait: int) -> pl.DataFrame:
    """The windows at which it is raised."""
    fires = windows.with_columns(firing(line, clear, wait).alias("fires"))
    return fires.filter(pl.col("fires") & ~pl.col("fires").shift(1, fill_value=False).over("instance")).drop("fires")


def budgeted(windows: pl.DataFrame, wait: int, days: float, a_day: float) -> Budgeted:
    """The lowest line that would have raised no more than `a_day` alerts in `days`, told with few digits.

    Where that is less than one, the line goes above all that was seen by a third of how far that is from the median: so
    short a history does not show how high a normal day goes.
    """
    value = windows["value"].to_numpy()
    middle, top = float(np.median(value)), float(value.max())
    allowed = math.floor(a_day * days)
    room = max(top - middle, 1e-9 * abs(top), 1e-12)
    found = Budgeted(roundest(top, top + 0.02 * room), 0.0, 0)
    if allowed < 1:
        found = found._replace(line=roundest(top + 0.3 * room, top + 0.36 * room))
    else:
        for share in 0.1 * 0.8 ** np.arange(_TRIED)[::-1]:  # from the highest down, as alerts only become more
            low = float(np.quantile(value, 1 - share))
            line = roundest(low, low + 0.02 * room) if low > middle else found.line
            count = raised(windows, line, _clear(line, middle), wait).height
            if count > allowed or line > found.line:
                break
            found = Budgeted(line, 0.0, count)
    return found._replace(clear=_clear(found.line, middle))


def _clear(line: float, middle: float) -> float:
    back = line - middle
    return roundest(line - 1.1 * _BACK * back, line - 0.9 * _BACK * back) if back > 0 else line
