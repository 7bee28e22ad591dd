"""Several rules for one field, the best first."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from minerlib.mine.finding import Finding
from minerlib.mine.htmltable import table
from minerlib.mine.suggestion import Suggestion
from minerlib.rule import Rule

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Suggestions(Finding, Sequence[Suggestion]):
    """Ranked suggestions, a sequence: `suggestions[0]` is the `best`. `frame` has a row for each, in this order."""

    found: tuple[Suggestion, ...] = field(default=(), repr=False)

    @property
    def best(self) -> Suggestion:
        return self.found[0]

    def rule(self) -> Rule:
        """The best one's rule."""
        return self.best.rule()

    def chart(self) -> "alt.VConcatChart":
        """The best three drawn, one below the other."""
        from minerlib.mine.charts.suggestion import charts

        return charts(self.found[:3])

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, at: int) -> Suggestion: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Suggestion]: ...

    def __getitem__(self, at: int | slice) -> Suggestion | Sequence[Suggestion]:
        return self.found[at]

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.found)

    def __str__(self) -> str:
        return f"{self.says}\n\n{self.best.rule().to_yaml()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.says)}</p>{table(self.frame)}<pre>{html.escape(self.best.rule().to_yaml())}</pre>"
