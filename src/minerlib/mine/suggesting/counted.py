"""A rule "more than so many of these in a window": its line from the past, its alerts from a backtest."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event import LOCAL
from minerlib.event.moment import DAY, duration, rfc3339, to_datetime, words
from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.given import Given
from minerlib.mine.series import AHEAD, LATENESS
from minerlib.mine.suggesting.choose import roundest
from minerlib.mine.suggesting.shape import number
from minerlib.mine.suggesting.spans import extent
from minerlib.rule import Rule, backtest
from minerlib.rule.expression import quoted

EARLIER = 0.7  # of the history, to choose on; the rest measures
TESTED = 2_000_000  # events of the instances that come near the line, which a backtest folds
PANES = 5_000_000  # of all instances together, that are kept
_TRIES = 6
_STEPS = 40  # numbers of alerts that are compared


@dataclass(frozen=True)
class Counted:
    """What is counted: events (of `weight` the sum) of each instance in windows of `over` µs.

    `select` and `where` say the same of an event, to Polars and to the rule; `columns` are what they read.
    """

    name: str
    about: str
    by: tuple[str, ...]
    over: int
    select: pl.Expr | None = None
    where: str | None = None
    columns: tuple[str, ...] = ()
    weight: str | None = None
    least: float = 1

    @property
    def every(self) -> int:
        """Five windows begin within one, where that comes out even."""
        return self.over // 5 if self.over % 5 == 0 else self.over


def count_rule(
    data: Given, what: Counted, alerts_per_day: float = 1.0, kind: str | None = None, scope: str | None = None
) -> Rule:
    """The rule whose line would raise about `alerts_per_day` in all, chosen on the first 70 % of the history.

    Of the lines that raise at most as many, and at least half of that, it is in the (geometric) middle of the widest
    range in which all raise equally many; where the history is too short to hold one alert at that rate, it lies above
    all that was seen. The rule's `evidence` holds what it was chosen on and how often `backtest` says that it would
    have alerted before and after. Raises MineError where there is nothing to count, SettingError where no kind is
    named.
    """
    if not alerts_per_day > 0:
        raise SettingError(f"alerts_per_day is {alerts_per_day!r}: write how many a day are bearable, 0.1 or 5 say.")
    kind, pattern = _kinds(data, kind)
    keys = {name: pl.col(name).cast(pl.String).fill_null("") for name in what.by if name in data.schema}
    picked = _picked(data, what, kind if kind == pattern else None)
    windows, least = _windows(data, what, picked, keys)
    what = replace(what, least=least)
    if not windows.height:
        raise MineError("No rule follows: no event of these came in time to be counted (5 s after it happened).")
    begin, end = extent(data)
    split = round(begin + EARLIER * (end - begin))
    if math.floor(alerts_per_day * (split - begin) / DAY) < 1:
        split = None
    until = end if split is None else split
    allowed = math.floor(alerts_per_day * (until - begin) / DAY)
    earlier = windows.filter(pl.col("time") <= until)
    low, high, seen = _lines(earlier if earlier.height else windows, what, allowed)
    scope = scope or _scope(windows["scope"].unique().to_list())
    tries = 0
    while True:
        line = max(float(what.least), _between(low, high))
        tested, since = _tested(data, what, picked, keys, windows, line, kind, pattern, scope)
        before = sum(1 for due in tested if due <= until)
        tries += 1
        if before <= allowed or not allowed or tries == _TRIES:
            break
        low, high = max(low + 1, high), 1.25 * max(low + 1, high) + 1
    evidence: dict[str, Any] = {
        "history": {
            "since": rfc3339(begin), "until": rfc3339(end), "chosen_until": split and rfc3339(split),
            "counted": round(windows["here"].sum()), "instances": windows["instance"].n_unique(),
            "tested_since": since and rfc3339(since),
        },
        "line": {"most_seen": seen, "same_alerts_between": [low, high]},
        "alerts": {
            "wanted_a_day": alerts_per_day, "earlier": before, "later": None if split is None else len(tested) - before
        },
    }  # fmt: skip
    return Rule.from_dict(_document(what, pattern, scope, line, evidence))


def _document(what: Counted, kind: str, scope: str, line: float, evidence: dict[str, Any] | None = None) -> Any:
    measure = {"agg": "count"} if what.weight is None else {"of": quoted(what.weight), "agg": "sum"}
    found: dict[str, Any] = {
        "rule": re.sub(r"[^a-z0-9]+", "-", what.name.lower()).strip("-")[:60].strip("-") or "counted",
        "version": 1,
        "scope": scope,
        "about": what.about.format(line=number(line), over=words(what.over))[:200],
        "kind": kind,
        "by": list(what.by),
        "measure": {**measure, "over": words(what.over), "every": words(what.every)},
        "levels": [{"severity": "warning", "when": f"> {number(line)}"}],
        "clear": {"for": words(what.over)},
        "evidence": evidence or {},
    }
    return found if what.where is None else {**found, "where": what.where}


def _kinds(data: Given, kind: str | None) -> tuple[str, str]:
    """One kind to test with, and the pattern that the rule watches."""
    if "kind" not in data.schema:
        if kind is None:
            raise SettingError('The frame does not say of which kind its events are: give it, .rule(kind="log.sshd").')
        return kind, kind
    found = data.merged(lambda rows: rows.select(pl.col("kind").cast(pl.String).unique()), False)
    kinds = sorted(name for name in found["kind"].unique() if name is not None)
    if kind is not None and kind in kinds:
        return kind, kind
    if kind is not None or not kinds:
        raise SettingError(f"There is no kind {kind!r} in the history; it has {', '.join(kinds[:12]) or 'none'}.")
    if len(kinds) == 1:
        return kinds[0], kinds[0]
    shared: list[str] = []
    for words_ in zip(*(name.split(".") for name in kinds), strict=False):
        if len(set(words_)) > 1:
            break
        shared.append(words_[0])
    return kinds[0], ".".join([*shared, "#"])


def _picked(data: Given, what: Counted, kind: str | None) -> pl.LazyFrame | Any:
    """What makes of a part the events that the rule would count, at the times it would count them at."""
    schema = data.schema
    scoped = {"company", "system", "environment"} <= set(schema)
    scope = pl.concat_str("company", "system", "environment", separator=".") if scoped else pl.lit(LOCAL)
    wanted = {"time", "source", *what.by, *what.columns, *([what.weight] if what.weight else [])}
    columns = [name for name in schema if name in wanted]

    def picked(rows: pl.LazyFrame) -> pl.LazyFrame:
        at, seen = pl.col("time"), pl.col("seen")
        if kind is not None and "kind" in schema:
            rows = rows.filter(pl.col("kind") == kind)
        if what.select is not None:
            rows = rows.filter(what.select)
        if schema.get("seen") == pl.Datetime("us", "UTC"):
            rows = rows.filter(at >= seen - pl.duration(microseconds=LATENESS))
            late = at > seen + pl.duration(microseconds=AHEAD)
            rows = rows.with_columns(pl.when(late).then(seen).otherwise(at).alias("time"))
        return rows.select(*columns, scope.alias("scope."))

    return picked


def _windows(data: Given, what: Counted, picked: Any, keys: dict[str, pl.Expr]) -> tuple[pl.DataFrame, float]:
    """`scope`, the keys as `by.<name>`, `instance`, `time` (a window's end, µs), `here` (its last pane), `value`.

    And the least line that can be chosen from them: where there are too many panes, small instances are let go.
    """
    every = what.every
    pane = (pl.col("time").dt.epoch("us") + (every - 1)) // every * every
    names = ["scope", *(f"by.{name}" for name in keys)]
    value = pl.len().cast(pl.Float64) if what.weight is None else pl.col(what.weight).cast(pl.Float64).sum()

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        by = [pl.col("scope.").alias("scope"), *(key.alias(f"by.{name}") for name, key in keys.items())]
        return picked(rows).group_by(*by, pane.alias("time")).agg(value.alias("here"))

    panes, least = pl.DataFrame(), float(what.least)
    for found in data.each(part):
        panes = found if panes.is_empty() else pl.concat([panes, found], how="vertical_relaxed")
        panes = panes.group_by(*names, "time").agg(pl.col("here").sum())
        if panes.height > PANES:
            panes, least = _thinned(panes, names, least)
    panes = panes.sort(*names, "time")
    if what.weight is not None and panes.filter(pl.col("here") < 0).height:
        raise MineError(f"{what.weight!r} has negative values; a sum over a window is then no measure of how much.")
    panes = panes.with_columns(pl.struct(names).rle_id().cast(pl.Int64).alias("instance"))
    rolled = pl.col("here").rolling_sum_by("time", f"{what.over}i", closed="right").over("instance")
    return panes.with_columns(rolled.alias("value")), least


def _thinned(panes: pl.DataFrame, names: list[str], least: float) -> tuple[pl.DataFrame, float]:
    """Without the instances that had least in all, half as many panes; the line has to be above what these had."""
    sizes = panes.group_by(names).agg(pl.col("here").sum().alias("all"), pl.len().alias("many")).sort("all")
    small = sizes.filter(pl.col("many").cum_sum() <= panes.height - PANES // 2)
    if small.is_empty():
        return panes, least
    return panes.join(small.select(names), names, how="anti"), max(least, float(small["all"].max() or 0))  # type: ignore[arg-type]


def _lines(windows: pl.DataFrame, what: Counted, allowed: int) -> tuple[float, float, float]:
    """Two lines between which equally many alerts are raised, at most `allowed` and at least half of it; the most seen.

    Of all such pairs that with the largest quotient: where nothing came near a line, it parts what is different.
    """
    seen = float(windows["value"].max() or 0)  # type: ignore[arg-type]
    if not allowed:
        return max(1.5 * seen, seen + 3 * math.sqrt(max(seen, 1))), 2 * seen + 4 * math.sqrt(max(seen, 1)), seen
    values = windows["value"].unique().sort()
    lines = [float(what.least), *(value for value in values.to_list() if value > what.least)]

    def raised(line: float, windows: pl.DataFrame = windows) -> int:
        over = windows.filter(pl.col("value") > line)
        again = pl.col("time").diff().over("instance") > 3 * what.over // 2
        return over.select(again.fill_null(True).sum()).item()

    low, high = 0, len(lines) - 1  # at the highest nothing is above it
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if raised(lines[middle]) <= allowed else (middle + 1, high)
    near = windows.filter(pl.col("value") > lines[low])
    first = begin = low
    best, fewest = (lines[low], 2 * max(lines[low], 1.0), seen), max(1, -(-allowed // 2))
    for _ in range(_STEPS):
        many = raised(lines[begin], near)
        if many < fewest:
            break
        low, high = begin, len(lines) - 1
        while low < high:
            middle = -(-(low + high) // 2)
            low, high = (middle, high) if raised(lines[middle], near) == many else (low, middle - 1)
        end = lines[low + 1] if low + 1 < len(lines) else 2 * max(lines[low], 1.0)
        if begin == first or end / max(lines[begin], 1.0) > best[1] / max(best[0], 1.0):
            best = lines[begin], end, seen
        begin = low + 1
        if begin >= len(lines):
            break
    return best


def _between(low: float, high: float) -> float:
    """A round number in the (geometric) middle of [low, high)."""
    middle = math.sqrt(max(low, 1.0) * max(high, 1.0))
    found = roundest(max(low, 0.9 * middle), max(min(high, 1.1 * middle), low + 1e-9))
    return math.floor(found) if found >= 1 else found


def _tested(
    data: Given, what: Counted, picked: Any, keys: dict[str, pl.Expr], windows: pl.DataFrame, line: float,
    kind: str, pattern: str, scope: str,
) -> tuple[list[int], int | None]:  # fmt: skip
    """When the rule would have alerted (µs, in order), and since when it was tested, where not from the beginning.

    Only instances that ever come above the line can alert, and no other changes what they say: theirs are the events
    that are folded.
    """
    above = windows.filter(pl.col("value").max().over("instance") > line)
    if not above.height:
        return [], None
    since = None
    if above["here"].sum() > TESTED and what.weight is None:
        newest = above.sort("time", descending=True).with_columns(pl.col("here").cum_sum().alias("many"))
        since = int(newest.filter(pl.col("many") <= TESTED)["time"].min() or above["time"].max())  # type: ignore[arg-type]
    names = [f"by.{name}" for name in keys]
    wanted = above.select("scope", *names).unique()

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        found = picked(rows)
        if since is not None:
            found = found.filter(pl.col("time") >= to_datetime(since))
        named = found.with_columns(key.alias(f"by.{name}") for name, key in keys.items())
        left = ["scope.", *names]
        return named.join(wanted.lazy(), left_on=left, right_on=["scope", *names], how="semi").drop(names)

    found = data.merged(part)
    rule, due = Rule.from_dict(_document(what, pattern, scope, line)), list[int]()
    for one in found.partition_by("scope.", maintain_order=True):
        stands, rows = one["scope."][0], one.drop("scope.")
        due += [alert.due for alert in backtest(rule, FrameHistory(rows, kind, stands)).alerts]
    return sorted(due), since


def _scope(found: Sequence[str]) -> str:
    """What the streams have in common, `*` where they differ."""
    parts = [set(each) for each in zip(*(name.split(".") for name in found), strict=True)]
    if len(parts[0]) > 1:
        raise MineError(f"The history holds several companies ({', '.join(sorted(found)[:5])}): say which with scope=.")
    return ".".join(each.pop() if len(each) == 1 else "*" for each in parts)


def window(text: str | int | float) -> int:
    """The length of a window, µs. Raises SettingError where it is none."""
    span = duration(text)
    if not span:
        raise SettingError("over cannot be nothing: write 5s, 10m, 1h.")
    return span
