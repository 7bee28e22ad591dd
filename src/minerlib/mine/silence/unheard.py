"""When silence is worth an alert: the shortest `after` whose alerts in the past keep to those wanted."""

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from minerlib.errors import MineError
from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND, rfc3339, words
from minerlib.mine.silence.silences import everyone
from minerlib.mine.silence.steps import WIDTH
from minerlib.mine.whence import Whence
from minerlib.rule import Rule
from minerlib.rule.expression import Expression, quoted

APART = 3  # rhythms that differ by more are not of one class
RUNGS = [
    *(n * SECOND for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 45, 60, 75, 90)),
    *(n * MINUTE for n in (2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 45, 60, 75, 90)),
    *(n * HOUR for n in (2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 24, 30, 36)),
    *(n * DAY for n in (2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 90, 180, 365)),
]  # spans that a person would write
_RETIRE = 30 * DAY


@dataclass(frozen=True)
class Unheard:
    """The silences of the past as a rule with `missing: {after, then: alert}` would have met them.

    `frame` and `said` are what is known of each instance and of its steps.
    """

    frame: pl.DataFrame
    said: pl.DataFrame
    by: tuple[str, ...]
    alerts_per_day: float
    whence: Whence

    def rule(self, kind: str, scope: str) -> Rule:
        """One rule for all instances."""
        return self._rule(kind, scope, self.frame, self.alerts_per_day, None)

    def rules(self, kind: str, scope: str) -> list[Rule]:
        """A rule for each class of rhythm, the quickest first; what cannot be named in `where` is what is left."""
        found = classes(self.frame)
        if len(found) < 2:
            return [self.rule(kind, scope)]
        largest = max(range(len(found)), key=lambda number: found[number].height)
        total = sum(part.height for part in found)
        conditions = ["" if number == largest else self._named(part) for number, part in enumerate(found)]
        conditions[largest] = f"not ({self._named(pl.concat(p for n, p in enumerate(found) if n != largest))})"
        return [
            self._rule(kind, scope, part, self.alerts_per_day * part.height / total, condition)
            for part, condition in zip(found, conditions, strict=True)
        ]

    def after(self, part: pl.DataFrame, alerts_per_day: float) -> tuple[int, int]:
        """The shortest span for some instances, and how often it would have alerted.

        A reading lost is no silence: never below twice what is usual for the slowest of them, and 5 s. Where not one
        alert is allowed, because the past is too short for one, half as long again as what would have been quiet.
        """
        usual = part["usual"].max()
        if not isinstance(usual, float):
            raise MineError("No rule follows: each instance spoke once, or at one moment; let it collect longer.")
        allowed = math.floor(alerts_per_day * self.whence.days)
        least = max(2 * usual * SECOND + 5 * SECOND, self._known(part) if allowed else 0)
        for rung in (int(rung) for rung in RUNGS):
            if rung >= least and (raised := self.alerts(part, rung)) <= allowed:
                if allowed:
                    return rung, raised
                longer = next((int(more) for more in RUNGS if more >= 1.5 * rung), rung)
                return longer, self.alerts(part, longer)
        raise MineError("No rule follows: silences of more than a year are usual here.")

    def alerts(self, part: pl.DataFrame, after: int) -> int:
        """How often a rule over some instances would have raised, where nobody's silence is said once for all.

        A silence is due at its begin + `after`. It is said for the stream where nobody spoke for the last half of
        `after` before that; one that goes on behind the stream's is due again `after` behind its end.
        """
        raised, whole = 0, set[int]()
        names = list(self.by)
        said = self.said.join(part.select(names), names, how="semi") if names else self.said
        quiet = everyone(part.select(*names, begin="first", end="last"), said, names)
        begins, ends = quiet["begin"].to_list(), quiet["end"].to_list()
        long = _ongoing(said, part).filter(pl.col("end") - pl.col("begin") > after)
        due = long["begin"] + after
        places = (quiet["begin"].search_sorted(due, side="right").cast(pl.Int64) - 1).to_list()
        for at, end, place in zip(due.to_list(), long["end"].to_list(), places, strict=True):
            if place >= 0 and at <= ends[place] and 2 * (at - begins[place]) >= after:
                whole.add(place)
                raised += end > ends[place] + after
            else:
                raised += 1
        return raised + len(whole)

    def _known(self, part: pl.DataFrame) -> float:
        """The span from which on every longer silence is listed, by instance and to two percent."""
        counted = self.said.filter(pl.col("begin").is_null())
        counted = counted.join(part.select(self.by), list(self.by), how="semi") if self.by else counted
        longest = counted["class"].max()
        return math.exp(longest * WIDTH) if isinstance(longest, int) else 0.0

    def _rule(self, kind: str, scope: str, part: pl.DataFrame, a_day: float, where: str | None) -> Rule:
        after, raised = self.after(part, a_day)
        usual = float(part["usual"].max())  # type: ignore[arg-type]
        name = "".join(letter if letter.isalnum() else "-" for letter in kind.lower()).strip("-")
        quickest = part["usual"].min()
        document: dict[str, Any] = {
            "rule": f"{name}-missing" + (f"-{words(after)}" if where else ""),
            "version": 1,
            "scope": scope,
            "about": f"Nothing was heard of it for {words(after)}",
            "kind": kind,
            "by": list(self.by),
            "missing": {"after": words(after), "then": "alert"},
            "retire": words(max(_RETIRE, 2 * after)),
            "evidence": {
                "history": {"since": rfc3339(self.whence.first), "until": rfc3339(self.whence.clock)},
                "instances": part.height,
                "usual_seconds": [float(f"{float(value or 0):.4g}") for value in (quickest, usual)],  # type: ignore[arg-type]
                "alerts": {"wanted_a_day": a_day, "past": raised},
            },
        }
        return Rule.from_dict(document | ({"where": where} if where else {}))

    def _named(self, part: pl.DataFrame) -> str:
        """The condition of which just these instances are true; what was not there is told as no text."""
        fields = [f"coalesce({quoted(name)}, '')" if "" in part[name] else quoted(name) for name in self.by]
        rows = [[f"'{value.replace(chr(39), chr(39) * 2)}'" for value in row] for row in part.select(self.by).rows()]
        if len(fields) == 1:
            said = f"{fields[0]} in ({', '.join(row[0] for row in rows)})"
        else:
            alike = (" and ".join(f"{name} = {value}" for name, value in zip(fields, row, strict=True)) for row in rows)
            said = " or ".join(f"({one})" for one in alike)
        try:
            Expression.read(f"not ({said})")
        except ValueError:
            raise MineError(
                f"{part.height:,} instances are too many to name in a rule: split the rows by what tells their rhythms "
                "apart, a field say, and mine each."
            ) from None
        return said


def classes(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The instances by rhythm, the quickest first: from one class to the next their usual silence jumps threefold, or
    has come to be three times that of the first."""
    known = frame.drop_nulls("usual").sort("usual")
    found: list[int] = []
    begin = 0.0
    for usual in known["usual"].to_list():
        new = not found or usual > APART * begin
        begin = usual if new else begin
        found.append((found[-1] + 1 if new else found[-1]) if found else 0)
    known = known.with_columns(pl.Series("rhythm", found, pl.Int64))
    return [part.drop("rhythm") for part in known.partition_by("rhythm", maintain_order=True)]


def _ongoing(said: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """The listed silences, and those that go on at the end of the data."""
    now = part.filter(pl.col("end") > pl.col("last")).select(begin="last", end="end")
    return pl.concat([said.drop_nulls("begin").select("begin", "end"), now])
