"""What was found to be in concert: pairs, groups and the times when groups jumped, in words and drawn."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import MineError
from minerlib.event.moment import SECOND, rfc3339, to_datetime, words
from minerlib.mine.finding import Finding
from minerlib.mine.given import Given
from minerlib.mine.pairs.grid import Floats
from minerlib.mine.pairs.sidebyside import SideBySide

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

SHOWN = 4  # members of a group in a sentence


@dataclass(frozen=True)
class Together(Finding):
    """The answer of `together`.

    `waves` is a frame of the times when two or more of a group left their usual level one after the other: `group` (its
    number in `groups`), `time`, `members` in their order, `after` (seconds behind the first, one each).
    """

    waves: Any = field(repr=False)
    series: SideBySide = field(repr=False, compare=False)
    jumped: Floats = field(repr=False, compare=False)

    @classmethod
    def of(
        cls, given: Given, series: SideBySide, frame: pl.DataFrame, groups: list[dict[str, Any]],
        waves: list[list[list[tuple[int, int]]]], jumped: Floats, lags: int,
    ) -> "Together":  # fmt: skip
        """Put together what the parts of `together` found."""
        numbers: dict[str, Any] = {
            "series": len(series.names), "buckets": series.values.shape[1], "every_seconds": series.every / SECOND,
            "within_seconds": lags * series.every / SECOND, "since": rfc3339(series.start),
            "until": rfc3339(series.start + series.every * series.values.shape[1]), "pairs": frame.height,
            "in_concert": int((frame["q"] < 0.05).sum()), "groups": groups,
            "waves": sum(len(each) for each in waves), "left_out": series.left_out,
        }  # fmt: skip
        rows = [
            {
                "group": number,
                "time": to_datetime(series.start + wave[0][0] * series.every),
                "members": [series.names[row] for _, row in wave],
                "after": [(bucket - wave[0][0]) * series.every / SECOND for bucket, _ in wave],
            }
            for number, group in enumerate(waves)
            for wave in group
        ]
        schema = {
            "group": pl.Int64, "time": pl.Datetime("us", "UTC"),
            "members": pl.List(pl.String), "after": pl.List(pl.Float64),
        }  # fmt: skip
        found = pl.DataFrame(rows, schema=schema).sort("group", "time")
        return cls(given.back(frame), numbers, _says(numbers), given, given.back(found), series, jumped)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """What hangs together, largest first: `members` (first come first), `after` (seconds), `leader` or None."""
        return self.numbers["groups"]

    def chart(self) -> "alt.VConcatChart":
        """A map of how strongly the pairs go together, and the strongest of them drawn over each other."""
        from minerlib.mine.charts.together import chart  # here, so that mining without drawing needs no Altair

        return chart(self)

    def rule(self) -> "Rule":
        """Raises MineError: a rule watches one measure. The sentence says of what to have one suggested."""
        leader = next((group["leader"] for group in self.groups if group["leader"]), None)
        if leader is None:
            raise MineError("No rule follows: nothing here comes before something else.")
        raise MineError(
            f"No rule follows by itself: a rule watches one measure, not two. {leader} comes first; have a rule "
            f"suggested for it (suggest), and it warns of what follows."
        )


def _says(numbers: dict[str, Any]) -> str:
    many, pairs, found = numbers["series"], numbers["pairs"], numbers["in_concert"]
    bound = words(round(numbers["within_seconds"] * SECOND))
    if not found:
        said = (
            f"Of {many:,} series nothing moves together within {bound}: no one of {pairs:,} pairs agrees more than "
            f"chance would have one of so many agree."
        )
    else:
        group = numbers["groups"][0]
        said = (
            f"{found:,} of {pairs:,} pairs of {many:,} series move together within {bound}, more than chance explains; "
            f"{_group(group, round(numbers['every_seconds'] * SECOND))}."
        )
        more = len(numbers["groups"]) - 1
        said += f" There {'is 1 smaller group' if more == 1 else f'are {more:,} smaller groups'}." if more else ""
    if numbers["left_out"]:
        said += f" Left out: {'; '.join(numbers['left_out'])}."
    return said


def _group(group: dict[str, Any], step: int) -> str:
    members, after = group["members"], group["after"]
    if group["leader"] is None:
        shown = ", ".join(members[:SHOWN])
        more = f" and {len(members) - SHOWN:,} more" if len(members) > SHOWN else ""
        return f"{shown}{more} go together, and no one of them is always first"
    told = [
        f"{name} after {words(round(late * SECOND / step) * step)}"
        for name, late in zip(members[1 : 1 + SHOWN], after[1 : 1 + SHOWN], strict=True)
    ]
    more = f" and {len(members) - 1 - SHOWN:,} more" if len(members) > 1 + SHOWN else ""
    return f"{members[0]} is first, then {', '.join(told)}{more}"
