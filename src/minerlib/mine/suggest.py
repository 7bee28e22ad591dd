"""From the history of a field to one rule: chosen on the past, measured on what came after."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import DAY, SECOND, duration, rfc3339, when, words
from minerlib.mine.choose import Choice, choose, limit
from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.series import cadence, nice, read, windows
from minerlib.mine.shape import Shape
from minerlib.mine.suggestion import Suggestion
from minerlib.rule import Rule, backtest

EARLIER = 0.7  # of the history, to choose on; the rest measures
LEAST = 100, 30  # windows in time, to choose on and to measure on

Moment = str | int | float | datetime | timedelta | None


def suggest(
    history: Any,
    kind: str,
    field: str,
    by: str | Sequence[str] = ("source",),
    alerts_per_day: float = 1.0,
    since: Moment = None,
    until: Moment = None,
    scope: str | None = None,
    *,
    side: str = "high",
    over: str | None = None,
    every: str | None = None,
    wait: str | None = None,
    progress: Callable[..., object] | None = None,
) -> Suggestion:
    """One rule, "the mean of `field` stays above a line", that would raise about `alerts_per_day` in all.

    `history` is an Archive, anything else `backtest` reads, or a Polars or pandas frame with a column of times (it then
    stands in the scope `local.lab.dev`). `by` is what one instance is; `side="low"` watches for low values. The window
    (`over`), its step (`every`) and how long the line must be crossed (`wait`) are learnt from how often the field is
    told, unless given (`5s`, `10m`). The line is chosen on the first 70 % of the history and measured on the rest;
    where there is too little history for that, it goes above all that was seen, and `says` tells so.

    Lines are compared by sweeps over the windows; every alert counted in the result is `backtest`'s.

        suggestion = suggest(archive, "disk.usage", "used_pct", by=("source", "mount"), alerts_per_day=0.5)

    Raises MineError with the reason where no rule can be suggested, SettingError where an argument cannot be meant.
    """
    if side not in ("high", "low"):
        raise SettingError(f"side is {side!r}: write high or low.")
    if not alerts_per_day > 0:
        raise SettingError(f"alerts_per_day is {alerts_per_day!r}: write how many a day are bearable, 0.1 or 5 say.")
    by = (by,) if isinstance(by, str) else tuple(by)
    if field in by or "time" in by:
        raise SettingError(f"by={by!r} cannot hold the time nor the field that is measured; name what one instance is.")
    history = history if hasattr(history, "streams") else FrameHistory(history, kind, scope)
    clock = max((history.clock(stream) or 0 for stream in history.streams(scope or "*.*.*")), default=0)
    begin, end = when(since, clock), when(until, clock)

    frame = read(history, kind, field, by, begin, end, scope)
    _check(frame, kind, field)
    shape = _shape(kind, field, by, side, cadence(frame), over, every, wait)
    seen = windows(frame, shape.over, shape.every)
    first, last = frame.select(pl.col("time").min(), last=pl.col("time").max()).row(0)
    if last - first < shape.over + shape.wait:
        raise MineError(
            f"No rule can be suggested: {field} of {kind} was told for {words((last - first) // SECOND * SECOND)}, and "
            f"a mean over {words(shape.over)} held for {words(shape.wait)} takes longer; let it collect for a while."
        )
    split = _split(first, last, shape.every)
    signed = seen.with_columns(value=shape.sign * pl.col("value"))
    earlier = signed if split is None else signed.filter(pl.col("time") <= split)
    days = ((last if split is None else split) - first) / DAY
    try:
        choice = choose(earlier, shape.wait, days, alerts_per_day, limit(field, frame["value"], side))
    except MineError as reason:
        raise MineError(f"{field} of {kind}: {reason}") from None

    evidence = _evidence(frame, shape, choice, first, last, split)
    line, clear = shape.sign * choice.line, shape.sign * choice.clear
    document = shape.document(_scope(frame, scope), line, clear, evidence)
    tested = backtest(Rule.from_dict(document), history, since=begin, until=end, progress=progress)
    later = None if split is None else sum(alert.due > split for alert in tested.alerts)
    evidence["alerts"] = {"wanted_a_day": alerts_per_day, "earlier": len(tested.alerts) - (later or 0), "later": later}
    names = frame.group_by("instance").agg(pl.col(f"by.{name}").first() for name in by)
    series = seen.join(names, "instance", maintain_order="left").select(
        pl.col("time").cast(pl.Datetime("us", "UTC")),
        *(pl.col(f"by.{name}").alias(name) for name in by),
        pl.col("value").alias(field),
    )
    return Suggestion(Rule.from_dict(document), tested, evidence, series, shape, line, clear)


def _check(frame: pl.DataFrame, kind: str, field: str) -> None:
    """Raises MineError where the values cannot carry a rule."""
    what, values = f"the field {field!r} of {kind}", frame["value"]
    if not frame.height:
        raise MineError(f"No rule can be suggested: {what} holds no number in this history.")
    if frame.height == 1:
        raise MineError(f"No rule can be suggested: {what} was told once; let it collect for a while.")
    if values.n_unique() == 1:
        raise MineError(f"No rule can be suggested: {what} is {values[0]:g} all the time; no line says more than that.")


def _shape(
    kind: str, field: str, by: tuple[str, ...], side: str, step: int,
    over: str | None, every: str | None, wait: str | None,
) -> Shape:  # fmt: skip
    """The spans given, or else: a window for each value or so, over three of them, crossed for as long again."""
    pace = duration(every) if every is not None else nice(step)
    if over is not None and every is None:
        pace = min(pace, duration(over))
    width = duration(over) if over is not None else nice(3 * pace)
    if not pace or not width:
        raise SettingError("over and every cannot be nothing: write 5s, 1m, 15m.")
    return Shape(kind, field, by, side, width, pace, width if wait is None else duration(wait))


def _split(first: int, last: int, every: int) -> int | None:
    """Where choosing ends and measuring begins; None where there is too little history for both."""
    split = first + round(EARLIER * (last - first))
    enough = (split - first) // every >= LEAST[0] and (last - split) // every >= LEAST[1]
    return split // SECOND * SECOND if enough else None


def _scope(frame: pl.DataFrame, scope: str | None) -> str:
    """The scope of a rule for these streams: what they have in common, `*` where they differ."""
    if scope is not None:
        return scope
    found = sorted(frame["scope"].unique().to_list())
    words = [set(words) for words in zip(*(name.split(".") for name in found), strict=True)]
    if len(words[0]) > 1:
        raise MineError(f"The history holds several companies ({', '.join(found[:5])}): say which with scope=.")
    return ".".join(word.pop() if len(word) == 1 else "*" for word in words)


def _evidence(
    frame: pl.DataFrame, shape: Shape, choice: Choice, first: int, last: int, split: int | None
) -> dict[str, Any]:
    """Where the line comes from, as plain JSON."""
    sign = shape.sign
    return {
        "history": {
            "since": rfc3339(first), "until": rfc3339(last), "chosen_until": split and rfc3339(split),
            "values": frame.height, "instances": frame["instance"].n_unique(),
        },
        "line": {
            "usual": _plain(sign * choice.usual), "most_held": _plain(sign * choice.seen),
            "margin": _plain(choice.margin),
            "same_alerts_between": sorted(sign * line for line in choice.same),
        },
    }  # fmt: skip


def _plain(value: float) -> float:
    return float(f"{value:.6g}")
