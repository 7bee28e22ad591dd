"""Backtests that fold only the instances that come near a line: the others say nothing, as the sweep has seen.

An instance is decided by its own events and by the clock (see `minerlib.rule.spread`). One whose score never reaches
the line meets no condition, so that a rule without it says the same; what is counted of events was read with them.
All are folded where that does not hold: where it is unknown what single events say (`odd` ones), where instances are
told to be forgotten or are too many, where a rule is not by source, or where a whole stream may fall silent at once.

A backtest from a moment on is primed with what lies a lookback before, and there its first windows hold but a part of
theirs. From then on they are full, so that nothing but what fires at the begin can come of these; where that is wanted
too, what a part of a window may come to is bounded by the extremes in it.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from minerlib.mine.suggesting.choose import Choice
from minerlib.mine.suggesting.look import Look
from minerlib.mine.suggesting.panegrid import Ints
from minerlib.mine.suggesting.scored import Scored
from minerlib.mine.suggesting.shape import Shape
from minerlib.mine.suggesting.shapes.absence import Gaps
from minerlib.rule import Backtest, Rule, backtest
from minerlib.rule.history import Stream
from minerlib.rule.labels import Incident
from minerlib.rule.rule import RETIRE

MARGIN = 1e-6  # of a line, and of the range of scores: sums are added in another order here, and differ by far less
WORTH = 0.5  # of the instances: of more there is little to be gained


def folded(
    at: Look, shape: Shape, choice: Choice, scored: Scored, since: int | None, until: int | None,
    incidents: Sequence[Incident] | None, whole: bool = False,
) -> Backtest:  # fmt: skip
    """The backtest of a line, with the alerts that one of all instances has. With `whole` it is the same to the last
    count; without, what fires already at `since` may be missing, and counts are of some."""
    rule = Rule.from_dict(at.document(shape, choice, scored.learnt))
    sources = _near(at, rule, scored, choice, since if whole else None)
    if sources is None:
        return backtest(rule, at.history, since=since, until=until, labels=incidents, client=at.client)
    found = backtest(
        rule,
        at.history.only(sources, len(sources) / len(at.seen.grid.begins)),
        since=since,
        until=until,
        labels=incidents,
        client=at.client,
    )
    return _counted(at, shape, rule, found) if whole else found


def _near(at: Look, rule: Rule, scored: Scored, choice: Choice, since: int | None) -> list[str] | None:
    """The sources of the instances that may say something; None where all have to be folded."""
    grid = at.seen.grid
    if "source" not in rule.by or not hasattr(at.history, "only") or "by.source" not in grid.names.columns:
        return None
    if at.seen.tally.counts["odd"] or len(grid.begins) > rule.instances or _retires(at):
        return None
    primed = None if since is None else since - rule.lookback - rule.lateness - rule.ahead
    if primed is not None and at.begin is not None and primed < at.begin - at.seen.lead:
        return None
    if isinstance(scored, Gaps) and scored.grid is not grid:
        scored = Gaps(grid, scored.shape)
    highest = scored.highest(grid, primed)
    finite = highest[np.isfinite(highest)] if highest is not None else []
    if highest is None or not len(finite):
        return None
    margin = MARGIN * max(abs(choice.line), float(max(finite) - min(finite)))
    some = np.flatnonzero(highest > choice.line - margin)
    if isinstance(scored, Gaps):
        awake = _awake(scored, some, choice)
        if awake is None:
            return None
        some = np.r_[some, awake]
    if len(some) > WORTH * len(grid.begins):
        return None
    some = some if len(some) else np.array([int(highest.argmax())])
    return [str(name) for name in grid.names["by.source"].gather(some).unique()]


def _awake(gaps: Gaps, silent: Ints, choice: Choice) -> int | None:
    """An instance that was never silent for half as long, from before the first silence on: beside it, the stream never
    is silent as a whole."""
    first = np.full(len(gaps.grid.begins), np.iinfo(np.int64).max)
    np.minimum.at(first, gaps.instance, gaps.begin)
    begun = gaps.begin[np.isin(gaps.instance, silent)].min() if len(silent) else np.iinfo(np.int64).max
    longest = gaps.highest(gaps.grid, None)
    for one in np.argsort(longest).tolist()[:100]:
        if longest[one] < 0.49 * choice.line and first[one] <= begun:
            return one
    return None


def _retires(at: Look) -> bool:
    """Whether any event tells a rule to forget an instance."""
    streams = at.history.streams(at.scope)
    return at.seen.grid.once("retires", lambda: any(next(at.history.events(each, RETIRE), []) for each in streams))


def _counted(at: Look, shape: Shape, rule: Rule, found: Backtest) -> Backtest:
    """The same with what is counted of all events, and of all instances: also those that only primed it."""
    seen, begin = at.seen, at.begin
    tally = seen.tally
    if (where := shape.selects()) is not None:
        tally = seen.grid.once(("tally", str(where)), lambda: seen.counted(where, begin, at.end))
    watched = tally.instances
    if begin is not None:
        before = begin - rule.lookback - rule.lateness - rule.ahead
        watched = pl.concat([watched, seen.counted(where, before, begin).instances]).unique()
    count = {Stream(scope, epoch): many for scope, epoch, many in watched.group_by("scope", "epoch").len().rows()}
    streams: list[Stream] = at.history.streams(rule.scope)
    ends: dict[Stream, int | None] = {stream: at.history.clock(stream, at.end) for stream in streams}
    there = {stream: end for stream, end in ends.items() if end is not None and (begin is None or end >= begin)}
    starts: dict[Stream, int] = {
        stream: begin if begin is not None else seen.begun.get(stream, end) for stream, end in there.items()
    }  # fmt: skip
    found.ends = there
    found.instances = sum(count.get(stream, 0) for stream in there)
    found.watched = sum(count.get(stream, 0) * (end - starts[stream]) for stream, end in there.items())
    found.counts = Counter({name: many for name, many in tally.counts.items() if many and name != "odd"})
    found.since, found.until = min(starts.values(), default=0), max(there.values(), default=0)
    found.history = at.history
    return found
