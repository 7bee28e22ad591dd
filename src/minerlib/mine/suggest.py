"""From the history of a field to ranked rules: chosen on the past, measured on what came after."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import SECOND, duration, rfc3339, to_datetime, when
from minerlib.mine.candidates import Candidate, candidates
from minerlib.mine.choose import Choice
from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.given import Given
from minerlib.mine.kinds import kind_of
from minerlib.mine.missed import excursions, incidents_missed
from minerlib.mine.progress import Progress, told
from minerlib.mine.progressive import Progress as Measured
from minerlib.mine.progressive import graded, measure
from minerlib.mine.reading import Read, known, read, rows_of
from minerlib.mine.shape import Shape
from minerlib.mine.suggestion import Suggestion, sentence
from minerlib.mine.suggestions import Suggestions
from minerlib.mine.tries import SHAPES, SIDES, Context
from minerlib.rule import Backtest, Rule, backtest
from minerlib.rule.labels import Incident, read_incidents

Moment = str | int | float | datetime | timedelta | None
NEAREST = 10  # instances whose values a suggestion shows


def suggest(
    history: Any,
    field: str,
    kind: str | None = None,
    by: str | Sequence[str] = ("source",),
    alerts_per_day: float = 1.0,
    labels: Any = None,
    *,
    since: Moment = None,
    until: Moment = None,
    scope: str | None = None,
    side: str = "both",
    shapes: str | Sequence[str] = SHAPES,
    to: float | None = None,
    zone: str = "UTC",
    over: str | None = None,
    every: str | None = None,
    wait: str | None = None,
    most: int = 5,
    client: Any = None,
    progress: Progress = None,
) -> Suggestions:
    """Rules for a field, the best first, each of which would raise about `alerts_per_day` over all instances.

    `history` is an Archive, anything else `backtest` reads, or a Polars or pandas frame with a column of times (it then
    stands in the scope `local.lab.dev`); `kind` may be left out where only one kind has the field. `by` is what one
    instance is. `side` is `high`, `low` or `both`; `shapes` are those tried: a constant line, a rate of change, usual ±
    spread by the hours of `zone`, a forecast (for a percentage, or where `to` says the limit), absence, a count over a
    window. Window (`over`), step (`every`) and how long the line must be crossed (`wait`) are found, unless given
    (`5s`, `10m`). `labels` are incidents (see `minerlib.rule.labels.read_incidents`): rules are then ranked by those
    they catch. At most `most` are given back, the best of each shape and side.

    Lines are compared by sweeps over the windows; every number told is `backtest`'s. What is told of later history
    comes from lines chosen on what lay before it; the rule's own line is chosen on everything.

        found = suggest(archive, "used_pct", "disk.usage", by=("source", "mount"), alerts_per_day=0.5)
        found.best.rule(), found.best.backtest, found.best.missed

    With `client` (a `distributed.Client`) an archive is read and folded by its workers. Raises MineError with the
    reason where no rule can be suggested, SettingError where an argument cannot be meant.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    names = (shapes,) if isinstance(shapes, str) else tuple(shapes)
    _check(field, by, side, names, alerts_per_day)
    spans = {"over": over, "every": every, "wait": wait}
    given = {name: None if span is None else duration(span) for name, span in spans.items()}
    if given["over"] == 0 or given["every"] == 0:
        raise SettingError("over and every cannot be nothing: write 5s, 1m, 15m.")
    if given["over"] is not None and (given["every"] or 0) > given["over"]:
        raise SettingError(f"every={every!r} is longer than over={over!r}: a window moves on by a part of itself.")
    pandas = hasattr(history, "iloc")
    kind = kind_of(history, field, kind, scope)
    history = history if hasattr(history, "streams") else FrameHistory(history, kind, scope)
    clock = max((history.clock(stream) or 0 for stream in history.streams(scope or "*.*.*")), default=0)
    begin, end = when(since, clock), when(until, clock)
    incidents = None if labels is None else read_incidents(labels, by)

    rows = rows_of(history, kind, (field, *by), scope, client)
    known(rows, kind, (field, *by))
    texts = rows.schema[rows.column(field)] == pl.String
    by = (*by, field) if texts else by
    sides = SIDES if side == "both" else (side,)
    context = Context(kind, field, by, sides, names, to=to, zone=zone, texts=texts)
    context = replace(context, over=given["over"], every=given["every"], wait=given["wait"])
    clock = clock if end is None else min(clock, end - 1)
    seen = read(rows, context, history.streams(scope or "*.*.*"), clock, begin, end, progress)
    _check_labels(incidents, seen)
    try:
        with told(progress, 100) as tell:
            ranked = candidates(
                seen.grid, seen.context, alerts_per_day, incidents,
                tell=lambda done, of: tell(100 * done // of),
            )[:most]  # fmt: skip
    except MineError as reason:
        raise MineError(f"No rule can be suggested for {field} of {kind}: {reason}") from None
    found = Backtests(history, seen, _scope(seen, scope), alerts_per_day, begin, end, labels, incidents, client)
    return found.suggestions(ranked, given_of(rows, pandas))


def _check(field: str, by: tuple[str, ...], side: str, shapes: tuple[str, ...], alerts_per_day: float) -> None:
    if side not in ("high", "low", "both"):
        raise SettingError(f"side is {side!r}: write high, low or both.")
    if not alerts_per_day > 0:
        raise SettingError(f"alerts_per_day is {alerts_per_day!r}: write how many a day are bearable, 0.1 or 5 say.")
    unknown = [name for name in shapes if name not in SHAPES]
    if unknown or not shapes:
        raise SettingError(f"shapes={shapes!r}: write some of {', '.join(SHAPES)}.")
    if field in by or "time" in by:
        raise SettingError(f"by={by!r} cannot hold the time nor the field that is measured; name what one instance is.")


def _check_labels(incidents: Sequence[Incident] | None, seen: Read) -> None:
    """Raises MineError where no label lies in the history."""
    if incidents is None:
        return
    if not incidents:
        raise MineError("There are no labels in labels: leave it out, or give some (begin, end).")
    if all(each.end < seen.first or each.begin > seen.last for each in incidents):
        raise MineError(
            f"None of the {len(incidents)} labels lies in the history, which goes from {_day(seen.first)} to "
            f"{_day(seen.last)}: give labels of that time, or more history."
        )


def _day(at: int) -> str:
    return f"{to_datetime(at):%Y-%m-%d %H:%M}"


def given_of(rows: Given, pandas: bool) -> Given:
    """What answers are given back in: pandas where pandas was given."""
    return Given(rows.rows, pandas=pandas)


def _scope(seen: Read, scope: str | None) -> str:
    """The scope of a rule for these streams: what they have in common, `*` where they differ."""
    if scope is not None:
        return scope
    found = sorted(seen.grid.names["scope"].unique().to_list())
    words = [set(words) for words in zip(*(name.split(".") for name in found), strict=True)]
    if len(words[0]) > 1:
        raise MineError(f"The history holds several companies ({', '.join(found[:5])}): say which with scope=.")
    return ".".join(word.pop() if len(word) == 1 else "*" for word in words)


class Backtests:
    """Candidates of one history made suggestions: each backtested, on what came later and as a whole."""

    def __init__(
        self, history: Any, seen: Read, scope: str, a_day: float, begin: int | None, end: int | None, labels: Any,
        incidents: Sequence[Incident] | None, client: Any,
    ) -> None:  # fmt: skip
        self.history, self.seen, self.scope, self.a_day = history, seen, scope, a_day
        self.begin, self.end, self.labels, self.incidents, self.client = begin, end, labels, incidents, client
        names = [name for name in seen.grid.names.columns if name.startswith("by.")]
        self.names: Mapping[int, Mapping[str, Any]] = {
            number: {name.removeprefix("by."): value for name, value in row.items()}
            for number, row in enumerate(seen.grid.names.select(names).to_dicts())
        }

    def suggestions(self, ranked: Sequence[Candidate], given: Given) -> Suggestions:
        """All of them, with what each would have missed."""
        made = [self._made(one) for one in ranked]
        if self.incidents is None:
            missed = [excursions(number, [test for _, test, _, _ in made]) for number in range(len(made))]
        else:
            missed = [incidents_missed(progress.missed if progress.numbers else _lost(test), self.seen.context.by)
                      for _, test, progress, _ in made]  # fmt: skip
        found: list[Suggestion] = []
        for (one, tested, _, numbers), lost in zip(made, missed, strict=True):
            numbers["missed"] = lost.height
            says = sentence(one.shape, one, tested.rule.name, numbers)
            frame = given.back(self._frame(one))
            found.append(Suggestion(frame, numbers, says, given, tested, one, given.back(lost)))
        return summed(found, given, self.seen)

    def _made(self, one: Candidate) -> tuple[Candidate, Backtest, Measured, dict[str, Any]]:
        progress = measure(one, self._document, self._fold, self.a_day, self.end, self.incidents)
        numbers = self._numbers(one, progress)
        document = self._document(one.shape, one.choice, one.learnt)
        tested = self._fold(document, self.begin, self.end, one)
        numbers["alerts"]["raised"] = len(tested.alerts)
        if self.incidents is not None and progress.numbers is not None:
            names = ("caught", "missed", "false", "lead_seconds")
            numbers["labels"] = {name: progress.numbers[name] for name in names}
        elif tested.graded is not None:
            numbers["labels"] = graded(tested.graded.caught, tested.graded.missed, len(tested.graded.false))
        tested.rule = Rule.from_dict({**document, "evidence": numbers})
        return one, tested, progress, dict(numbers)

    def _document(self, shape: Shape, choice: Choice, learnt: Any) -> dict[str, Any]:
        document = shape.document(self.scope, choice.line, choice.clear, learnt, self.names)
        return {**document, "budget": {"per_day": self.a_day}}

    def _fold(self, document: dict[str, Any], since: int | None, until: int | None, near: Any) -> Backtest:
        rule = Rule.from_dict(document)
        return backtest(rule, self.history, since=since, until=until, labels=self.incidents, client=self.client)

    def _numbers(self, one: Candidate, progress: Measured) -> dict[str, Any]:
        """Where the line comes from, as plain JSON."""
        seen, choice, shape = self.seen, one.choice, one.shape

        def between(lines: tuple[float, float]) -> list[str]:
            return [shape.when(line, True) for line in lines]

        return {
            "shape": shape.name,
            "history": {
                "since": rfc3339(seen.first), "until": rfc3339(seen.last), "values": seen.values,
                "instances": len(seen.grid.begins),
            },
            "line": {
                "when": shape.when(choice.line, True), "same_alerts_between": between(choice.same),
                "likely_between": between(choice.likely), "above_all_seen_by": float(f"{choice.margin:.6g}"),
            },
            "alerts": {"wanted_a_day": self.a_day, "seconds": (seen.last - seen.first) / SECOND},
            "later": progress.numbers,
        }  # fmt: skip

    def _frame(self, one: Candidate) -> pl.DataFrame:
        """What the rule compares, of the instances nearest to its line."""
        near = one.scored.nearest(NEAREST)
        grid = self.seen.grid.some(near)
        frame = pl.DataFrame({
            "time": pl.Series(grid.time).cast(pl.Datetime("us", "UTC")),
            **{name.removeprefix("by."): grid.names[name].gather(grid.instance)
               for name in grid.names.columns if name.startswith("by.")},
            "value": one.shape.measured(grid),
            "line": one.shape.lines(grid, one.learnt, one.choice.line),
            "clear": one.shape.lines(grid, one.learnt, one.choice.clear),
        })  # fmt: skip
        there = (grid.time <= grid.end) & (grid.time % one.shape.every == 0)
        return frame.filter(pl.Series(there)).filter(pl.col("value").is_not_nan())


def _lost(tested: Backtest) -> list[Incident]:
    return tested.graded.missed if tested.graded else []


def summed(found: Sequence[Suggestion], given: Given, seen: Read) -> Suggestions:
    """The suggestions as one finding."""
    rows: list[dict[str, Any]] = []
    for one in found:
        later, labels = one.numbers["later"], one.numbers.get("labels")
        level = one.rule().levels[0] if one.rule().levels else None
        rows.append({
            "rule": one.rule().name, "shape": one.shape.name,
            "when": f"{one.shape.subject()} {one.shape.said(one.candidate.choice.line)}",
            "for": level.wait / SECOND if level else 0.0,
            "alerts_later": later["alerts"] if later else None, "wanted_later": later["wanted"] if later else None,
            "alerts": one.numbers["alerts"]["raised"],
            **({name: labels[name] for name in ("caught", "missed", "false", "lead_seconds")} if labels else {}),
            "points": round(one.candidate.points, 3),
        })  # fmt: skip
    best = found[0]
    count = f"{len(found)} rules" if len(found) > 1 else "One rule"
    says = f"{count} for {seen.context.field} of {seen.context.kind}; the best is {best.says}"
    numbers = {"suggestions": [one.numbers for one in found]}
    return Suggestions(given.back(pl.DataFrame(rows)), numbers, says, given, tuple(found))
