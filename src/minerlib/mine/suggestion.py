"""What came out of a suggestion: the rule, its backtest, and a sentence and a chart to judge it by."""

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND, read_time, words
from minerlib.mine.shape import Shape, number
from minerlib.rule import Backtest, Rule

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Suggestion:
    """One rule, and all that speaks for it or against it.

    `rule` carries its `evidence` (plain JSON); `backtest` is of the whole history; `frame` holds `time`, the instance
    and the windowed value; `line` and `clear` are the two levels in the field's own unit.
    """

    rule: Rule
    backtest: Backtest
    evidence: dict[str, Any]
    frame: pl.DataFrame
    shape: Shape
    line: float
    clear: float

    @property
    def says(self) -> str:
        """What the rule is and did, in a few words, each of them true."""
        shape, history, line = self.shape, self.evidence["history"], self.evidence["line"]
        alerts = self.evidence["alerts"]
        since, until, split = (read_time(history[name]) or 0 for name in ("since", "until", "chosen_until"))
        held = f" for {words(shape.wait)}" if shape.wait else ""
        above, below, extreme = ("above", "below", "highest") if shape.sign > 0 else ("below", "above", "lowest")
        said = (
            f"{self.rule.name}: alerts when the mean of {shape.field} over {words(shape.over)} is "
            f"{above} {number(self.line)}{held}, and clears when it is {below} {number(self.clear)}{held}. "
        )
        if split:
            said += (
                f"Chosen on {_span(split - since)}, where it raised {_count(alerts['earlier'])}; "
                f"in the {_span(until - split)} after that it raised {_count(alerts['later'])} "
                f"(wanted: {alerts['wanted_a_day']:g} a day)."
            )
        else:
            said += (
                f"In the {_span(until - since)} seen it raised {_count(alerts['earlier'])}; that is too little to "
                f"measure a rule on, so suggest it again when there is more."
            )
        if line["margin"]:
            said += (
                f" The line lies beyond all that lasted as long (the {extreme} was {line['most_held']:.4g}): so short "
                f"a history holds no alert at {alerts['wanted_a_day']:g} a day."
            )
        return said

    def chart(self) -> "alt.LayerChart":
        """The windowed values, the line and the clear line, and where it raised and cleared."""
        from minerlib.mine.chart import chart  # here, so that mining without drawing needs no Altair

        return chart(self)

    def __str__(self) -> str:
        return f"{self.says}\n\n{self.rule.to_yaml()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.says)}</p><pre>{html.escape(self.rule.to_yaml())}</pre>"


def _count(alerts: int) -> str:
    return {0: "no alert", 1: "1 alert"}.get(alerts, f"{alerts} alerts")


def _span(span: int) -> str:
    for unit, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if span >= 2 * unit:
            return f"{span / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{span / SECOND:.0f} seconds"
