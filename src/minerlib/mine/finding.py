"""What a look at the past found: a frame, numbers, a sentence, a chart, and often a rule."""

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from minerlib.errors import MineError
from minerlib.mine.given import Given
from minerlib.mine.htmltable import table

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule


@dataclass(frozen=True)
class Finding:
    """The answer of a function of `minerlib.mine`.

    `frame` is Polars's, or pandas's where such was given; `numbers` is plain JSON; `says` is true of both. A finding
    that can be drawn or made a rule overrides `chart` and `rule`.
    """

    frame: Any
    numbers: dict[str, Any]
    says: str
    given: Given = field(repr=False, compare=False)

    def chart(self) -> "alt.Chart | alt.LayerChart | alt.VConcatChart":
        """The finding drawn; Altair is loaded no earlier. Raises MineError where there is nothing to draw."""
        raise MineError(f"There is nothing to draw: {self.says}")

    def rule(self) -> "Rule":
        """The rule that follows from it. Raises MineError where none does."""
        raise MineError(f"No rule follows from this: {self.says}")

    def to_dict(self) -> dict[str, Any]:
        """Everything but the frame, as plain JSON."""
        return {"says": self.says, **self.numbers}

    def __str__(self) -> str:
        return f"{self.says}\n\n{self.frame}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.says)}</p>{table(self.frame)}"
