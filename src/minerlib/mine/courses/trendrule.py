"""A trend as a rule: alert so long before the limit is reached, or of a climb steeper than was usual."""

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from minerlib.errors import MineError
from minerlib.event.moment import DAY, MINUTE, SECOND, duration, words
from minerlib.mine.series import NICE
from minerlib.mine.suggesting.firing import budgeted, raised
from minerlib.mine.suggesting.shape import number
from minerlib.rule import Rule
from minerlib.rule.expression import quoted

if TYPE_CHECKING:
    from minerlib.mine.trend import Trend

_LEAST = 6  # buckets in a window
_SHARE = 4  # of the history, the lead where none is given; and of a window, how long it has to hold


def rule(trend: "Trend", lead: str | None, a_day: float) -> Rule:
    """See `Trend.rule`."""
    if trend.origin.counter:
        raise MineError("No rule follows: a rule cannot make up for a counter's resets. Publish its rate as a field.")
    kind, span = trend.origin.known(), trend.extent.last - trend.extent.first
    ahead = duration(lead) if lead is not None else _whole(min(DAY, span / _SHARE))
    spans = [width for n in (1, 2, 4) if _LEAST * trend.every <= (width := _whole(n * ahead / 2)) <= span / 2]
    if not spans:
        raise MineError(
            f"No rule follows: to lead by {words(ahead)} takes windows of {_LEAST} times {words(trend.every)} and "
            f"twice as long a history; {words(span // SECOND * SECOND)} are there. Let it collect, or set lead=."
        )
    name = re.sub(r"[^a-z0-9]+", "-", f"{kind}-{trend.field}".lower()).strip("-")
    common: dict[str, Any] = {"scope": trend.origin.scope, "kind": kind, "by": list(trend.extent.by)}
    if trend.to is None:
        return Rule.from_dict(_steep(trend, spans[0], a_day) | common | {"rule": f"{name}-climbs"})
    judged = [(_false(trend, width, ahead), width) for width in spans]
    false, over = min(judged)
    wait, every = _whole(over / _SHARE), _step(over)
    to = trend.to
    return Rule.from_dict(common | {
        "rule": f"{name}-full" if to > 0 else f"{name}-runs-out",
        "about": f"{trend.field} will be at {number(to)} within {words(ahead)}, as it went over {words(over)}",
        "measure": {"of": quoted(trend.field), "agg": "forecast", "to": to, "over": words(over), "every": words(every)},
        "levels": [{"severity": "warning", "when": f"< {ahead // SECOND}", "for": words(wait)}],
        "clear": {"when": f"> {2 * ahead // SECOND}", "for": words(wait)},
        "evidence": {"trend": trend.says, "alerts_for_nothing_in_history": false},
    })  # fmt: skip


def slopes(trend: "Trend", over: int) -> pl.DataFrame:
    """Of windows over `over` µs that end with each bucket: `instance`, `time` (µs), `slope` (least squares, a second)
    and `at`, where the line is then. Windows less than half full are left out.
    """
    frames: list[pl.DataFrame] = []
    for (instance,), some in trend.series.group_by("instance", maintain_order=True):
        end, y = some["time"].dt.epoch("us").to_numpy(), some["value"].to_numpy()
        x, middle = (end - end[0]) / SECOND, float(y.mean())
        sums = np.cumsum([np.ones_like(x), x, x * x, y - middle, x * (y - middle)], axis=1)
        start = np.searchsorted(end, end - over, side="right")
        n, sx, sxx, sy, sxy = sums - np.where(start > 0, sums[:, start - 1], 0.0)
        enough = n >= max(3, over / trend.every / 2)
        with np.errstate(all="ignore"):
            slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
            at = middle + sy / n + slope * (x - sx / n)
        times = {"instance": np.full(len(x), instance), "time": end, "slope": slope, "at": at}
        frames.append(pl.DataFrame(times).filter(pl.Series(enough & np.isfinite(slope))))
    return pl.concat(frames).with_columns(pl.col("instance").cast(pl.Int64), pl.col("time").cast(pl.Int64))


def _false(trend: "Trend", over: int, ahead: int) -> int:
    """How many alerts the history would have raised of which nothing came within twice the lead."""
    to = trend.to or 0.0
    found = slopes(trend, over)
    left = (to - pl.col("at")) / pl.col("slope")
    value = pl.when(left > 0).then(-left).otherwise(-math.inf)  # the sooner the higher, as `firing` wants it
    found = found.with_columns(value.fill_nan(-math.inf).alias("value"))
    begins = raised(found, -ahead / SECOND, -2 * ahead / SECOND, _whole(over / _SHARE))
    false = 0
    for instance, time in begins.select("instance", "time").iter_rows():
        later = trend.series.filter(
            pl.col("instance") == instance, pl.col("time").dt.epoch("us").is_between(time, time + 2 * ahead)
        )["value"]
        course = trend.courses.get(instance)
        reach = course.reaches(to) if course and time + 2 * ahead > course.last else None
        near = 0.05 * abs(to - float(trend.series["value"].median() or 0.0))  # pyright: ignore[reportArgumentType]
        reached = bool(((later - to).abs() <= near).any())
        false += not (reached or (reach is not None and reach[0] * DAY < 3 * ahead))
    return false


def _steep(trend: "Trend", over: int, a_day: float) -> dict[str, Any]:
    """The part of a rule that alerts of a slope beyond those seen; the way most of what moves goes."""
    found = slopes(trend, over)
    if not found.height or found["slope"].abs().max() == 0:
        raise MineError(f"No rule follows: {trend.field} does not move in this history; no slope says more than that.")
    most = trend.numbers["most"]
    sign = -1 if most is not None and most["per_day"] < 0 else 1
    wait = _whole(over / _SHARE)
    windows = found.select("instance", "time", (sign * pl.col("slope")).alias("value"))
    days = (trend.extent.last - trend.extent.first) / DAY
    choice = budgeted(windows, wait, days, a_day)
    above, below = (">", "<") if sign > 0 else ("<", ">")
    way = "climbs" if sign > 0 else "falls"
    return {
        "about": f"{trend.field} {way} faster than {number(_plain(choice.line * 86400))} a day over {words(over)}",
        "measure": {"of": quoted(trend.field), "agg": "slope", "over": words(over), "every": words(_step(over))},
        "levels": [
            {"severity": "warning", "when": f"{above} {number(_plain(sign * choice.line))}", "for": words(wait)}
        ],
        "clear": {"when": f"{below} {number(_plain(sign * choice.clear))}", "for": words(wait)},
        "evidence": {"trend": trend.says, "alerts_in_history": choice.raised, "wanted_a_day": a_day},
    }


def _whole(span: float) -> int:
    """The nearest length that a person would write, not longer."""
    days = int(span // DAY)
    return days * DAY if days else max((n * SECOND for n in NICE if n * SECOND <= span), default=SECOND)


def _step(over: int) -> int:
    """How often a window of that length ends: about a twelfth of it, and a whole part of it."""
    return max(
        (n * SECOND for n in NICE if n * SECOND <= max(over / 12, SECOND) and over % (n * SECOND) == 0), default=MINUTE
    )


def _plain(value: float) -> float:
    return float(f"{value:.3g}")
