"""What a rule observed of a history: a few of its instances, thinned to what can be drawn.

The history is folded once more with the ears open; what the rule says stays the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from minerlib.event.moment import DAY
from minerlib.rule.backtest import Backtest
from minerlib.rule.fold import folds
from minerlib.rule.history import Stream
from minerlib.rule.instance import Taken
from minerlib.rule.rule import Rule
from minerlib.rule.transition import Transition
from minerlib.views.drawing.thin import Point, Thin

POINTS = 2000  # of all series together
SERIES = 6
LANES = 12  # instances whose first and last event are wanted, where there is no series to draw
_OTHERS = 60  # instances of which nothing was said, listened to; those that came nearest to the line are drawn


class Who(NamedTuple):
    """An instance; the whole stream of the scope where the key is empty."""

    scope: str
    key: str


class Heard(NamedTuple):
    """What was observed, the instances of which most was said first; and each one's first and last event."""

    series: dict[Who, list[Point]]
    lives: dict[Who, tuple[int, int]]


class _Ears:
    """Hears of the instances that are wanted, and of a few others as they come, in all streams."""

    def __init__(self, found: Backtest, wanted: Mapping[Who, object]) -> None:
        self.found, self._wanted = found, wanted
        self.thins: dict[Who, Thin] = {}
        self.lives: dict[Who, tuple[int, int]] = {}

    def listens(self, who: Who, known: Mapping[Who, object]) -> bool:
        return who in known or who in self._wanted or len(known) < _OTHERS

    def ear(self, stream: Stream) -> "_Ear":
        return _Ear(self, stream.scope)

    def thin(self) -> Thin:
        drawn = min(SERIES, max(1, self.found.instances))
        return Thin(self.found.since, self.found.until, POINTS // (2 * drawn), _gap(self.found.rule))


class _Ear:
    """Hears one stream."""

    def __init__(self, ears: _Ears, scope: str) -> None:
        self._ears, self._scope = ears, scope

    def heard(self, event: Taken) -> None:
        lives, each = self._ears.lives, Who(self._scope, event.key)
        if event.time >= self._ears.found.since and self._ears.listens(each, lives):
            begin, end = lives.get(each, (event.time, event.time))
            lives[each] = min(begin, event.time), max(end, event.time)

    def observed(self, key: str, time: int, value: float) -> None:
        thins, each = self._ears.thins, Who(self._scope, key)
        if self._ears.listens(each, thins):
            if each not in thins:
                thins[each] = self._ears.thin()
            thins[each].add(time, value)

    def dropped(self, key: str) -> None:
        """What was drawn of it stays."""


def hear(found: Backtest, first: Iterable[Transition] = ()) -> Heard:
    """Fold a backtest's history once more and listen; `first` are transitions whose instances matter most."""
    said = Counter(who(found.rule, each) for each in found.transitions)
    matter = Counter(who(found.rule, each) for each in first)
    wanted = dict.fromkeys(sorted({**said, **matter}, key=lambda each: (-matter[each], -said[each]))[:LANES])
    ears = _Ears(found, wanted)
    if found.history is not None and found.until:
        end = found.until + 1
        for _ in folds(found.rule, found.history, found.primed_before, end, begun=found.begun, watch=ears.ear):
            pass
    points = {each: thin.points for each, thin in ears.thins.items()}
    return Heard(_chosen(found.rule, points, wanted), ears.lives)


def who(rule: Rule, said: Transition) -> Who:
    """The instance that a transition is about."""
    if rule.by and not said.instance:
        return Who(said.stream, "")
    return Who(said.stream, msgspec.json.encode([said.instance.get(name) for name in rule.by]).decode())


def named(each: Who, found: Backtest) -> str:
    """How an instance is called in a drawing: its values, with the scope where there are several."""
    values = msgspec.json.decode(each.key) if each.key else ["the whole stream"]
    words = ["-" if value is None else str(value) for value in values]
    several = len({stream.scope for stream in found.ends}) > 1
    return " ".join([each.scope, *words] if several or not words else words)


def _chosen(rule: Rule, points: Mapping[Who, list[Point]], wanted: Iterable[Who]) -> dict[Who, list[Point]]:
    """Those of which most was said; then those that came nearest to the lowest line."""
    sign = 1 if rule.levels and rule.levels[0].when.sign.startswith("<") else -1
    near = {each: min(sign * point.value for point in some) for each, some in points.items() if some}
    drawn = [each for each in wanted if each in near]
    drawn += sorted(near.keys() - drawn, key=lambda each: (near[each], each))
    return {each: points[each] for each in drawn[:SERIES]}


def _gap(rule: Rule) -> int:
    """What lies further apart is not drawn as one line."""
    measure = rule.measure
    if measure and measure.agg:
        return measure.over + 2 * measure.every
    return rule.missing.after if rule.missing else DAY
