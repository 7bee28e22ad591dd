"""Candidates for a rule: every shape with its best line, ranked by what it would have said of what came later."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from minerlib.errors import MineError
from minerlib.event.moment import DAY
from minerlib.mine.suggesting.alerts import Alerts
from minerlib.mine.suggesting.choose import Choice
from minerlib.mine.suggesting.constants import CUTS, LEAST, REFINED
from minerlib.mine.suggesting.panegrid import Grid
from minerlib.mine.suggesting.scored import Scored, Windows
from minerlib.mine.suggesting.shape import Shape
from minerlib.mine.suggesting.shortlist import foremost
from minerlib.mine.suggesting.tries import Context, nothing, scored, shapes
from minerlib.mine.suggesting.worth import Later, worth
from minerlib.rule.labels import Incident


@dataclass(frozen=True)
class Candidate:
    """A shape with the line chosen for it on the whole history, and what the sweeps say of it.

    `earlier` are the alerts of that line; `later` what lines chosen before each cut did behind it; `points` what all of
    that is worth. `learnt` is what the shape learnt, `scored` its scores.
    """

    shape: Shape
    choice: Choice
    learnt: Any
    scored: Scored
    earlier: Alerts
    later: list[Later] = field(default_factory=list[Later])
    points: float = 0.0

    @property
    def line(self) -> float:
        return self.choice.line


def ranked(
    grid: Grid, context: Context, a_day: float, incidents: Sequence[Incident] | None = None, measured: bool = True,
    tell: Callable[[int, int], object] = lambda done, of: None,
) -> list[Candidate]:  # fmt: skip
    """The shapes' candidates, the best first: the best setting of each shape and side, by sweeps alone.

    With `measured`, lines are chosen before each cut through the history too, and counted behind it; without, the
    ranking knows no more than what the line was chosen on. Raises MineError, where there is none, with the reason.
    """
    found: dict[tuple[str, str], Candidate] = {}
    for one in tried(grid, context, a_day, cuts_of(grid) if measured else [], tell):
        one = replace(one, points=worth(one, grid, a_day, incidents))
        key = one.shape.name, one.shape.side
        if key not in found or one.points > found[key].points:
            found[key] = one
    return sorted(found.values(), key=lambda one: -one.points)


def tried(
    grid: Grid, context: Context, a_day: float, cuts: Sequence[int] = (),
    tell: Callable[[int, int], object] = lambda done, of: None,
) -> list[Candidate]:  # fmt: skip
    """Every setting of every shape with its line. Raises MineError, where there is none, with the reason."""
    found: list[Candidate] = []
    reasons: list[str] = []
    wanted = list(shapes(grid, context))
    if not wanted:
        raise MineError(nothing(context))
    for done, shape in enumerate(wanted, 1):
        try:
            one = candidate(grid, shape, context, a_day, cuts)
        except MineError as reason:
            reasons.append(str(reason))
        else:
            found += [one] if one is not None else []
        tell(done, len(wanted))
    if not found:
        raise MineError(reasons[0] if reasons else "no line separates anything in it from the rest.")
    return found


def refined(
    grid: Grid, context: Context, a_day: float, found: Sequence[Candidate], incidents: Sequence[Incident] | None
) -> list[Candidate]:
    """The lines of candidates that were found on some of a grid's instances, drawn again on those that matter to each:
    the ones that score highest by its own shape, of all."""
    again: list[Candidate] = []
    for place, one in enumerate(found):
        if place < REFINED and isinstance(one.scored, Windows):
            some = grid.some(foremost(grid, one.scored.highest(grid, None), a_day))
            one = candidate(some, one.shape, context, a_day, [later.cut for later in one.later]) or one
            one = replace(one, points=worth(one, some, a_day, incidents))
            grid.forget()
        again.append(one)
    return sorted(again, key=lambda one: -one.points)


def candidate(grid: Grid, shape: Shape, context: Context, a_day: float, cuts: Sequence[int]) -> Candidate | None:
    """A shape's line, chosen on the whole history, and those chosen before each cut; None where it has no scores."""
    ends = [*cuts, grid.end]
    whole = scored(grid, shape, grid.end, ends, a_day)
    if whole is None:
        return None
    ceiling = shape.ceiling(context.limits)
    choice = whole.choose(grid.end, _days(grid, grid.end), a_day, ceiling)
    if choice is None:
        return None
    later = list(_later(grid, shape, whole, ends, a_day, ceiling))
    return Candidate(shape, choice, whole.learnt, whole, whole.alerts(choice), later)


def _later(
    grid: Grid, shape: Shape, whole: Scored, ends: Sequence[int], a_day: float, ceiling: float | None
) -> Iterator[Later]:
    """What lines chosen before each cut did up to the next."""
    for cut, end in pairwise(ends):
        there = whole if whole.learnt is None else scored(grid, shape, cut, [cut], a_day)
        try:
            choice = there.choose(cut, _days(grid, cut), a_day, ceiling) if there else None
        except MineError:  # there was no room for a line then
            choice = None
        if there is not None and choice is not None:
            yield Later(cut, end, choice, there, there.alerts(choice).within(cut, end))


def cuts_of(grid: Grid) -> list[int]:
    """The moments before which is chosen and behind which is measured; none where there is too little history."""
    begin, whole = grid.first, grid.end - grid.first
    found = [begin + round(share * whole) for share in CUTS]
    if (found[0] - begin) // grid.pane < LEAST[0] or (whole - whole * CUTS[-1]) // grid.pane < LEAST[1]:
        return []
    return [cut // 1_000_000 * 1_000_000 for cut in found]


def _days(grid: Grid, until: int) -> float:
    return (until - grid.first) / DAY
