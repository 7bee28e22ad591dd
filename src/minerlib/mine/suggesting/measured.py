"""Candidates made suggestions: each backtested, on what came after its earlier lines were chosen and as a whole."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from minerlib.event.moment import SECOND, rfc3339
from minerlib.mine.progress import Progress, told
from minerlib.mine.suggesting.candidates import Candidate
from minerlib.mine.suggesting.constants import NEAREST
from minerlib.mine.suggesting.look import Look
from minerlib.mine.suggesting.missed import excursions, incidents_missed
from minerlib.mine.suggesting.near import folded
from minerlib.mine.suggesting.progressive import Measured, graded, measure
from minerlib.mine.suggestion import Suggestion, sentence
from minerlib.mine.suggestions import Suggestions
from minerlib.rule import Backtest, Rule
from minerlib.rule.labels import Incident


class _Made(NamedTuple):
    one: Candidate
    tested: Backtest
    measured: Measured
    numbers: dict[str, Any]


def suggestions(
    at: Look, ranked: Sequence[Candidate], incidents: Sequence[Incident] | None, progress: Progress = None
) -> Suggestions:
    """All candidates with their backtests, and what each would have missed."""
    made: list[_Made] = []
    with told(progress, len(ranked)) as tell:
        for one in ranked:
            made.append(_made(at, one, incidents))
            tell(len(made))
    found: list[Suggestion] = []
    for number, (one, tested, measured, numbers) in enumerate(made):
        if incidents is None:
            lost = excursions(number, [each.tested for each in made])
        else:
            missed = tested.graded.missed if tested.graded and not measured.numbers else measured.missed
            lost = incidents_missed(missed, one.shape.by)
        numbers = {**numbers, "missed": lost.height}
        says = sentence(one.shape, one, tested.rule.name, numbers)
        back = at.rows.back
        found.append(Suggestion(back(_frame(at, one)), numbers, says, at.rows, tested, one, back(lost)))
    return _together(at, found)


def _made(at: Look, one: Candidate, incidents: Sequence[Incident] | None) -> _Made:
    measured = measure(at, one, incidents)
    numbers = _numbers(at, one, measured)
    tested = folded(at, one.shape, one.choice, one.scored, at.begin, at.end, incidents, whole=True)
    numbers["alerts"]["raised"] = len(tested.alerts)
    if incidents is not None and measured.numbers is not None:
        names = ("caught", "missed", "false", "lead_seconds")
        numbers["labels"] = {name: measured.numbers[name] for name in names}
    elif tested.graded is not None:
        numbers["labels"] = graded(tested.graded.caught, tested.graded.missed, len(tested.graded.false))
    document = at.document(one.shape, one.choice, one.learnt)
    tested.rule = Rule.from_dict({**document, "evidence": numbers})
    return _Made(one, tested, measured, numbers)


def _numbers(at: Look, one: Candidate, measured: Measured) -> dict[str, Any]:
    """Where the line comes from, as plain JSON."""
    seen, choice, shape = at.seen, one.choice, one.shape

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
        "alerts": {"wanted_a_day": at.a_day, "seconds": (seen.last - seen.first) / SECOND},
        "later": measured.numbers,
    }  # fmt: skip


def _frame(at: Look, one: Candidate) -> pl.DataFrame:
    """What the rule compares, of the instances nearest to its line."""
    grid = one.scored.grid.some(one.scored.nearest(NEAREST))
    frame = pl.DataFrame({
        "time": pl.Series(grid.time).cast(pl.Datetime("us", "UTC")),
        **{name.removeprefix("by."): grid.names[name].gather(grid.instance)
           for name in grid.names.columns if name.startswith("by.")},
        "value": one.shape.measured(grid),
        "line": one.shape.lines(grid, one.learnt, one.choice.line),
        "clear": one.shape.lines(grid, one.learnt, one.choice.clear),
    })  # fmt: skip
    there = pl.Series((grid.time <= grid.end) & (grid.time % one.shape.every == 0))
    return frame.filter(there).filter(pl.col("value").is_not_nan())


def _together(at: Look, found: Sequence[Suggestion]) -> Suggestions:
    """The suggestions as one finding."""
    rows: list[dict[str, Any]] = []
    for one in found:
        later, labels = one.numbers["later"], one.numbers.get("labels")
        rows.append({
            "rule": one.rule().name, "shape": one.shape.name,
            "when": f"{one.shape.subject()} {one.shape.said(one.candidate.choice.line)}",
            "for": one.shape.wait / SECOND,
            "alerts_later": later["alerts"] if later else None, "wanted_later": later["wanted"] if later else None,
            "alerts": one.numbers["alerts"]["raised"],
            **({name: labels[name] for name in ("caught", "missed", "false", "lead_seconds")} if labels else {}),
            "points": round(one.candidate.points, 3),
        })  # fmt: skip
    context = at.seen.context
    count = f"{len(found)} rules" if len(found) > 1 else "One rule"
    says = f"{count} for {context.field} of {context.kind}; the best is {found[0].says}"
    if context.rises:
        says += f" {context.field} only ever rises, as a counter does, so it is watched by what it rises by."
    numbers = {"suggestions": [one.numbers for one in found]}
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return Suggestions(at.rows.back(frame), numbers, says, at.rows, tuple(found))
