"""A comparison drawn: both rules' lines over the series, and which firings are the same, gone or new."""

import altair as alt

from minerlib.rule.backtest import Backtest
from minerlib.rule.compare import Comparison
from minerlib.rule.firing import Firing
from minerlib.rule.rule import Rule
from minerlib.views.drawing import ground, lanes, lines, series
from minerlib.views.drawing.ground import Span
from minerlib.views.drawing.hear import LANES, hear, named, who
from minerlib.views.drawing.lanes import Bar
from minerlib.views.drawing.lines import Line
from minerlib.views.drawing.marks import Look, Mark

_LOOKS = {
    "the same": Look("#6b7280", "triangle-up"),
    "gone": Look("#0072b2", "triangle-down"),
    "new": Look("#d55e00", "triangle-up"),
}


def chart(found: Comparison) -> alt.VConcatChart:
    """One series with the lines of both rules; one for each where they observe different things."""
    ranges = [each for each in (found.old, found.new) if each.until]
    if not ranges:
        return ground.stacked([ground.saying("There is nothing to draw.")], _name(found), [found.says])
    span = Span(min(each.since for each in ranges), max(each.until for each in ranges))
    panels: list[alt.Chart | alt.LayerChart] = []
    alike = _observed(found.old.rule) == _observed(found.new.rule)
    for one in [found.new] if alike else [found.old, found.new]:
        if one.rule.measure:
            panels.append(_series(found, one, span, alike))
    bars = _bars(found)
    if bars:
        panels.append(lanes.panel(bars, {what: look.colour for what, look in _LOOKS.items()}, span, legend=not panels))
    return ground.stacked(panels or [ground.saying("Neither rule fires.")], _name(found), [found.says])


def _series(found: Comparison, one: Backtest, span: Span, both: bool) -> alt.LayerChart:
    drawn = _firings(found, None if both else one)
    heard = hear(one, [each.alert for what, each in drawn if what != "the same"])
    key = next((each.key for each in heard.series), "")
    said = [Mark(each.begin, each.alert.value, what, who(one.rule, each.alert)) for what, each in drawn]
    now = lines.lines(one.rule, key, span)
    if not both:
        return series.panel(one, heard, span, _said(now, "old" if one is found.old else "new"), said, _LOOKS)
    before = lines.lines(found.old.rule, key, span)
    kept = [line for line in now if line in before]
    changed = _said([line for line in now if line not in kept], "new")
    gone = _said([line for line in before if line not in kept], "old")
    return series.panel(one, heard, span, kept + changed, said, _LOOKS, gone)


def _firings(found: Comparison, one: Backtest | None = None) -> list[tuple[str, Firing]]:
    """What is gone, new and the same (as the new rule has it); or only what `one` of the two rules says."""
    old = one is found.old
    same = {each.alert.id: each for each in (pair.old if old else pair.new for pair in found.both)}
    gone = [] if one is found.new else [("gone", each) for each in found.only_old]
    new = [] if old else [("new", each) for each in found.only_new]
    return [*gone, *new, *(("the same", each) for each in same.values())]


def _bars(found: Comparison) -> list[Bar]:
    bars: list[Bar] = []
    for what, each in _firings(found):
        one = found.old if what == "gone" else found.new
        bars.append(Bar(named(who(one.rule, each.alert), one), what, each.begin, each.end))
    shown = list(dict.fromkeys(bar.name for bar in bars))[:LANES]
    return [bar for bar in bars if bar.name in shown]


def _observed(rule: Rule) -> tuple[object, ...]:
    """What two rules have in common that observe the same."""
    return rule.scope, rule.kind, rule.where and str(rule.where), rule.by, rule.measure


def _said(found: list[Line], whose: str) -> list[Line]:
    return [line._replace(name=f"{whose} {line.name}") for line in found]


def _name(found: Comparison) -> str:
    old, new = found.old.rule, found.new.rule
    if old.name != new.name:
        return f"{old.name} and {new.name}"
    return f"{old.name}, version {old.version} and {new.version}" if old.version != new.version else old.name
