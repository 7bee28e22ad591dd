"""A field's history as it was looked at: what was asked, what was read, and how a candidate becomes a rule of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import duration, when
from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.given import Given
from minerlib.mine.progress import Progress, told
from minerlib.mine.suggesting.candidates import Candidate, ranked, refined, tried
from minerlib.mine.suggesting.choose import Choice
from minerlib.mine.suggesting.constants import BIG
from minerlib.mine.suggesting.kinds import kind_of
from minerlib.mine.suggesting.reading import Read, known, read, rows_of
from minerlib.mine.suggesting.shape import Shape
from minerlib.mine.suggesting.shortlist import shortlist
from minerlib.mine.suggesting.tries import SHAPES, SIDES, Context
from minerlib.rule import Rule
from minerlib.rule.labels import Incident

Moment = str | int | float | datetime | timedelta | None


@dataclass(frozen=True)
class Look:
    """`history` is what a backtest reads, `begin` and `end` (µs) what of it was asked for, `rows` as they were given.

    `seen` holds the grid and what is known of the field; `scope` is where its rules stand.
    """

    history: Any
    seen: Read
    scope: str
    a_day: float
    rows: Given = field(repr=False)
    begin: int | None = None
    end: int | None = None
    client: Any = None

    @cached_property
    def names(self) -> Mapping[int, Mapping[str, Any]]:
        """The values of `by` of each instance."""
        by = [name for name in self.seen.grid.names.columns if name.startswith("by.")]
        return {
            number: {name.removeprefix("by."): value for name, value in row.items()}
            for number, row in enumerate(self.seen.grid.names.select(by).to_dicts())
        }

    def candidates(
        self, incidents: Sequence[Incident] | None = None, measured: bool = True, progress: Progress = None
    ) -> list[Candidate]:
        """The best setting of each shape and side, ranked by sweeps alone: see `candidates.ranked`."""
        context, grid = self.seen.context, self.seen.grid
        large = len(grid) > BIG
        if large:
            context, grid = replace(context, large=True), shortlist(grid, self.a_day)
        try:
            with told(progress, 100) as tell:
                found = ranked(
                    grid, context, self.a_day, incidents, measured,
                    lambda done, of: tell(100 * done // of),
                )  # fmt: skip
                return refined(self.seen.grid, context, self.a_day, found, incidents) if large else found
        except MineError as reason:
            raise MineError(f"No rule can be suggested for {context.field} of {context.kind}: {reason}") from None

    def tried(self) -> list[Candidate]:
        """Every setting of every shape with the line chosen for it on all of the history, measured on nothing."""
        return tried(self.seen.grid, self.seen.context, self.a_day)

    def document(self, shape: Shape, choice: Choice, learnt: Any) -> dict[str, Any]:
        """A rule's document."""
        document = shape.document(self.scope, choice.line, choice.clear, learnt, self.names)
        return {**document, "budget": {"per_day": self.a_day}}

    def rule(self, one: Candidate) -> Rule:
        """The rule that a candidate is."""
        return Rule.from_dict(self.document(one.shape, one.choice, one.learnt))


def look(
    history: Any, field: str, kind: str | None = None, by: str | Sequence[str] = ("source",),
    alerts_per_day: float = 1.0, *, since: Moment = None, until: Moment = None, scope: str | None = None,
    side: str = "both", shapes: str | Sequence[str] = SHAPES, to: float | None = None, zone: str = "UTC",
    over: str | None = None, every: str | None = None, wait: str | None = None, client: Any = None,
    progress: Progress = None,
) -> Look:  # fmt: skip
    """Read a field's history once, for lines to be chosen on it: the first half of `suggest`, with its arguments.

    at = look(frame, "value", alerts_per_day=0.1)
    at.rule(at.candidates(measured=False)[0])      # the rule that looks best, in a moment, measured on nothing
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    names = (shapes,) if isinstance(shapes, str) else tuple(shapes)
    _check(field, by, side, names, alerts_per_day)
    spans = [None if span is None else duration(span) for span in (over, every, wait)]
    if spans[0] == 0 or spans[1] == 0:
        raise SettingError("over and every cannot be nothing: write 5s, 1m, 15m.")
    if spans[0] is not None and (spans[1] or 0) > spans[0]:
        raise SettingError(f"every={every!r} is longer than over={over!r}: a window moves on by a part of itself.")
    pandas = hasattr(history, "iloc")
    kind = kind_of(history, field, kind, scope)
    history = history if hasattr(history, "streams") else FrameHistory(history, kind, scope)
    streams = history.streams(scope or "*.*.*")
    clock = max((history.clock(stream) or 0 for stream in streams), default=0)
    begin, end = when(since, clock), when(until, clock)
    rows = rows_of(history, kind, (field, *by), scope, client)
    known(rows, kind, (field, *by))
    texts = rows.schema[rows.column(field)] == pl.String
    context = Context(
        kind, field, (*by, field) if texts else by, SIDES if side == "both" else (side,), names, to=to, zone=zone,
        texts=texts, over=spans[0], every=spans[1], wait=spans[2],
    )  # fmt: skip
    clock = clock if end is None else min(clock, end - 1)
    seen = read(rows, context, streams, clock, begin, end, progress)
    given = Given(rows.rows, pandas=pandas)
    return Look(history, seen, _scope(seen, scope), alerts_per_day, given, begin, end, client)


def _check(field: str, by: tuple[str, ...], side: str, shapes: tuple[str, ...], alerts_per_day: float) -> None:
    if side not in ("high", "low", "both"):
        raise SettingError(f"side is {side!r}: write high, low or both.")
    if isinstance(alerts_per_day, str) or not alerts_per_day > 0:
        raise SettingError(f"alerts_per_day is {alerts_per_day!r}: write how many a day are bearable, 0.1 or 5 say.")
    if not shapes or any(name not in SHAPES for name in shapes):
        raise SettingError(f"shapes={shapes!r}: write some of {', '.join(SHAPES)}.")
    if field in by or "time" in by:
        raise SettingError(f"by={by!r} cannot hold the time nor the field that is measured; name what one instance is.")


def _scope(seen: Read, scope: str | None) -> str:
    """The scope of a rule for these streams: what they have in common, `*` where they differ."""
    if scope is not None:
        return scope
    found = sorted(seen.grid.names["scope"].unique().to_list())
    words = [set(words) for words in zip(*(name.split(".") for name in found), strict=True)]
    if len(words[0]) > 1:
        raise MineError(f"The history holds several companies ({', '.join(found[:5])}): say which with scope=.")
    return ".".join(word.pop() if len(word) == 1 else "*" for word in words)
