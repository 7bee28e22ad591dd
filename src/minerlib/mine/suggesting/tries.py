"""Which shapes are tried on a field, and with which windows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minerlib.event.moment import DAY
from minerlib.mine.suggesting.constants import CHANGES, COUNTS, DAILY, FORECASTS, MEANS, SLOPES, USUALS
from minerlib.mine.suggesting.panegrid import Grid
from minerlib.mine.suggesting.scored import Scored, windows
from minerlib.mine.suggesting.shapes import Absence, Constant, Count, Forecast, Rate, Shape, Usual
from minerlib.mine.suggesting.shapes.absence import Gaps

SHAPES = ("constant", "rate", "usual", "forecast", "absence", "count")
SIDES = ("high", "low")


@dataclass(frozen=True)
class Context:
    """What is known of a field before its history is looked at in windows.

    `limits` are where its values end by nature (below, above), `to` the limit a forecast is about; `several` whether a
    pane holds several readings, `rises` whether it never falls but to begin anew, `texts` whether it holds texts,
    `large` whether lines are chosen on some of the instances, `bars` above and below what its values are counted.
    `over`, `every`, `wait` (µs) are those the user named; None where they are to be found.
    """

    kind: str
    field: str
    by: tuple[str, ...]
    sides: tuple[str, ...] = SIDES
    names: tuple[str, ...] = SHAPES
    limits: tuple[float | None, float | None] = (None, None)
    to: float | None = None
    zone: str = "UTC"
    several: bool = False
    rises: bool = False
    texts: bool = False
    large: bool = False
    bars: tuple[float | None, float | None] = (None, None)
    over: int | None = None
    every: int | None = None
    wait: int | None = None


def shapes(grid: Grid, context: Context) -> Iterator[Shape]:
    """Every setting of every shape that is wanted and has a meaning here."""
    ways = {
        "constant": _constants,
        "rate": _rates,
        "usual": _usuals,
        "forecast": _forecasts,
        "count": _counts,
        "absence": _absences,
    }
    for name, way in ways.items():
        if name in context.names and not (context.texts and name not in ("count", "absence", "usual")):
            for side in context.sides:
                seen: set[Shape] = set()
                for shape in way(grid, context, side):
                    if shape not in seen and shape.panes(grid) + shape.held(grid) < grid.pad:
                        seen.add(shape)
                        yield shape


def nothing(context: Context) -> str:
    """Why none of the shapes that are wanted has a meaning."""
    if context.names == ("forecast",):
        return "a forecast needs a limit, and its name says none; say which with to=."
    if context.rises:
        return "it only ever rises, as a counter does; what says something is the shape rate, on the side high."
    return f"none of the shapes {', '.join(context.names)} has a meaning for it."


def scored(grid: Grid, shape: Shape, learn: int, untils: Sequence[int], a_day: float) -> Scored | None:
    """A shape with its scores; None where it has none."""
    if isinstance(shape, Absence):
        return Gaps(grid, shape)
    return windows(grid, shape, learn, untils, a_day)


def _spans(grid: Grid, context: Context, tries: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Each (over, every, wait) that is tried, as far as they are not given."""
    every = context.every or grid.pane
    for over, wait in tries:
        width = context.over or over * every
        yield width, every, context.wait if context.wait is not None else wait * every


def _constants(grid: Grid, context: Context, side: str) -> Iterator[Shape]:
    if context.rises:  # a line is crossed once, and for ever
        return
    day = DAY // grid.pane
    daily = [(day, max(1, day // DAILY), 0)] if day > MEANS[2][0] and DAY % grid.pane == 0 else []
    for size, step, hold in (*MEANS, *daily):
        for over, every, wait in _spans(grid, context, [(size, hold)]):
            every = every if context.every or context.over else step * every
            yield Constant(context.kind, context.field, context.by, side, over, every, wait)
    if context.several:
        for spans in _spans(grid, context, [(1, 0)]):
            yield Constant(context.kind, context.field, context.by, side, *spans, widest=True)


def _rates(grid: Grid, context: Context, side: str) -> Iterator[Shape]:
    if context.rises and side == "low":  # it falls only where it begins anew
        return
    for spans in _spans(grid, context, [(size, 0) for size in CHANGES]):
        yield Rate(context.kind, context.field, context.by, side, *spans)
    for spans in _spans(grid, context, [(size, 0) for size in SLOPES]):
        if not context.rises and not context.large:  # a line through a new beginning is no rate
            yield Rate(context.kind, context.field, context.by, side, *spans, slope=True)


def _usuals(grid: Grid, context: Context, side: str) -> Iterator[Shape]:
    if context.rises or (context.texts and side == "low"):  # that fewer events come is what absence is about
        return
    for spans in _spans(grid, context, [(size, 0) for size in COUNTS] if context.texts else USUALS):
        yield Usual(context.kind, context.field, context.by, side, *spans, zone=context.zone, counts=context.texts)


def _forecasts(grid: Grid, context: Context, side: str) -> Iterator[Shape]:
    to = context.to if context.to is not None else context.limits[1]
    if side != "high" or to is None:
        return
    for size, step in FORECASTS:
        for over, every, wait in _spans(grid, context, [(size, 0)]):
            every = every if context.every or context.over else step * every
            yield Forecast(context.kind, context.field, context.by, side, over, every, wait, to=to)


def _absences(grid: Grid, context: Context, side: str) -> Iterator[Shape]:
    if side == context.sides[0]:
        yield Absence(context.kind, context.field, context.by, side, grid.pane, grid.pane, 0)


def _counts(grid: Grid, context: Context, side: str) -> Iterator[Shape]:
    bar = context.bars[side == "low"]
    if context.rises or (bar is None and not context.texts) or (context.texts and side == "low"):
        return
    for spans in _spans(grid, context, [(size, 0) for size in COUNTS]):
        yield Count(context.kind, context.field, context.by, side, *spans, bar=bar)
