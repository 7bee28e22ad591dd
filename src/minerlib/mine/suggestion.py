"""A suggestion: a rule, its backtest, how it did on what it had not seen, and what it would have missed."""

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from minerlib.event.moment import words
from minerlib.mine.finding import Finding
from minerlib.mine.suggesting.candidates import Candidate
from minerlib.mine.suggesting.shape import Shape
from minerlib.rule import Backtest, Rule

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Suggestion(Finding):
    """One rule, and all that speaks for it or against it.

    `frame` holds `time`, the instance, the `value` that the rule compares, and its `line` and `clear` line there, of
    the ten instances nearest to the line;
    `backtest` is of the whole history; `evidence` (plain JSON) stands in the rule too. `missed` has a row for each
    labelled incident that it did not catch, or, without labels, for the largest alerts of the other suggestions at
    which this one was quiet: `begin`, `end`, instance, `what`, `value`, `line`.
    """

    backtest: Backtest
    candidate: Candidate = field(repr=False)
    missed: Any = None

    @property
    def shape(self) -> Shape:
        return self.candidate.shape

    @property
    def evidence(self) -> dict[str, Any]:
        return self.backtest.rule.evidence

    def rule(self) -> Rule:
        """The rule, with its evidence."""
        return self.backtest.rule

    def chart(self) -> "alt.LayerChart":
        """What the rule compares, the line and the clear line, and where it raised and cleared."""
        from minerlib.mine.charts.suggestion import chart  # here, so that mining without drawing needs no Altair

        return chart(self)

    def __str__(self) -> str:
        return f"{self.says}\n\n{self.rule().to_yaml()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.says)}</p><pre>{html.escape(self.rule().to_yaml())}</pre>"


def sentence(shape: Shape, one: Candidate, name: str, evidence: dict[str, Any]) -> str:
    """What the rule is and did, in a few words, each of them true."""
    alerts, later, labels = evidence["alerts"], evidence["later"], evidence.get("labels")
    held = f" for {words(shape.wait)}" if shape.wait else ""
    said = f"{name}: alerts when {shape.subject()} is {shape.said(one.choice.line)}{held}. "
    if later:
        said += (
            f"Chosen on the past {len(later['parts'])} times and measured on the {_span(later['seconds'])} that "
            f"followed, it raised {_count(later['alerts'])} (wanted: {alerts['wanted_a_day']:g} a day)"
        )
        if labels:
            said += _labelled(labels)
        said += f"; with the line chosen on all {_span(alerts['seconds'])} it raised {_count(alerts['raised'])} there."
    else:
        said += f"In the {_span(alerts['seconds'])} seen it raised {_count(alerts['raised'])}"
        said += f"{_labelled(labels) if labels else ''}; that is too little to measure a rule on, so suggest it again "
        said += "when there is more."
    if one.choice.margin:
        said += (
            f" The line lies beyond all that lasted as long: so short a history holds no alert at "
            f"{alerts['wanted_a_day']:g} a day."
        )
    return said


def _labelled(labels: dict[str, Any]) -> str:
    wanted = labels["caught"] + labels["missed"]
    if not wanted:
        return ", and no labelled incident lies there"
    said = f", caught {labels['caught']} of {wanted} labelled incidents"
    if labels["lead_seconds"] is not None:
        lead = labels["lead_seconds"]
        said += f" ({_span(abs(lead))} {'after' if lead >= 0 else 'before'} their begin, the median)"
    return said + f", with {_count(labels['false'], 'false alert')}"


def _count(number: int, thing: str = "alert") -> str:
    return f"no {thing}" if not number else f"1 {thing}" if number == 1 else f"{number:,} {thing}s"


def _span(seconds: float) -> str:
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{seconds:.0f} seconds"
