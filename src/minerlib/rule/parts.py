"""What a rule is made of. Durations are microseconds."""

from dataclasses import dataclass
from typing import Literal

from minerlib.rule.condition import Condition
from minerlib.rule.expression import Expression

Absent = Literal["hold", "clear", "alert"]


@dataclass(frozen=True)
class Ratio:
    """The sum of `of` over the sum of `to`, both expressions, true being 1; without `to`, over the number of events."""

    of: Expression
    to: Expression | None = None


@dataclass(frozen=True)
class Measure:
    """What is observed: `of` each event, or `agg` of it over a window of `over`, every `every`.

    `agg` is `ratio` where a ratio is measured; `to` is what a forecast waits for.
    """

    of: Expression | None = None
    agg: str | None = None
    over: int = 0
    every: int = 0
    to: float | None = None
    ratio: Ratio | None = None


@dataclass(frozen=True)
class Level:
    """An instance fires at `severity` once `when` has held for `wait`."""

    severity: str
    when: Condition
    wait: int = 0


@dataclass(frozen=True)
class Clear:
    """It clears once `when` has held for `wait`."""

    when: Condition
    wait: int = 0


@dataclass(frozen=True)
class Missing:
    """What happens to an instance without an event for `after`."""

    after: int
    then: Absent = "hold"


@dataclass(frozen=True)
class Flap:
    """More than `most` of raised and cleared within `per` latch an instance."""

    most: int
    per: int
