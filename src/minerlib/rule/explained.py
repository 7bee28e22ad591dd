"""An explanation: what was known when something was said, in words and as data."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from minerlib.event.body import flatten
from minerlib.event.moment import rfc3339
from minerlib.rule.condition import Condition
from minerlib.rule.fold import Begun
from minerlib.rule.instance import Instance
from minerlib.rule.report import count, moment
from minerlib.rule.rule import Rule
from minerlib.rule.transition import Transition
from minerlib.rule.usual import NOTHING

SHOWN = 10  # observations, and events of a window, that are shown


class Before(NamedTuple):
    """What was remembered right before: of the instance, its newest event, the newest event of any, since
    when the whole stream was silent, how many instances there were."""

    instance: Instance | None
    last: int
    latest: int
    silence: int | None
    known: int


class Facts(NamedTuple):
    """All that an explanation is made of: `observed` are the newest (time, value), `events` the first positions in the
    window, of the `inside` it holds."""

    rule: Rule
    said: Transition
    key: str
    before: Before
    observed: list[tuple[int, float]]
    events: list[tuple[int, int]]
    inside: int

    @property
    def level(self) -> int:
        """The number of the level that is spoken of; -1 where the rule has none."""
        names = [level.severity for level in self.rule.levels]
        return names.index(self.said.severity) if self.said.severity in names else -1

    @property
    def condition(self) -> Condition | None:
        """What observations are compared with here: `clear` where it ends, the level otherwise."""
        if self.said.what == "cleared":
            return self.rule.clears.when if self.rule.clears else None
        return self.rule.levels[self.level].when if self.level >= 0 else None

    @property
    def since(self) -> int | None:
        """Since when that condition had held; None where it decided nothing."""
        if self.said.reason != "value" or self.said.what == "flapping":
            return None
        instance = self.before.instance
        if self.said.what == "cleared":
            return instance.clearing if instance and instance.clearing is not None else self.said.due
        held = instance.held[self.level] if instance else None
        return self.said.due if held is None else held


@dataclass(frozen=True)
class Why:
    """Why a rule said something: `lines` in words; the facts behind them; the run it was said in, if a host did."""

    facts: Facts
    lines: list[str]
    begun: Begun | None = None

    @property
    def says(self) -> str:
        """The explanation as a paragraph."""
        return " ".join(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON; times are RFC 3339."""
        facts, instance = self.facts, self.facts.before.instance
        return {
            "alert": facts.said.body(),
            "says": self.says,
            "since": None if facts.since is None else rfc3339(facts.since),
            "observed": [
                {
                    "time": rfc3339(time),
                    "value": value if abs(value) < float("inf") else None,
                    "line": line,
                    "holds": holds,
                }
                for time, value, line, holds in self.compared
            ],
            "window": [list(position) for position in facts.events] if facts.said.window else None,
            "window_events": facts.inside if facts.said.window else None,
            "last_event": rfc3339(facts.before.last) if instance else None,
            "evidence": facts.rule.evidence,
        }

    def __str__(self) -> str:
        facts = self.facts
        lines = [f"{facts.said.rule}: {facts.said}", *(f"  {line}" for line in self.lines)]
        if facts.observed:
            lines.append(f"  observed{f' (the last {SHOWN})' if len(facts.observed) == SHOWN else ''}:")
        for time, value, line, holds in self.compared:
            compared = "" if line is None or facts.condition is None else f"{facts.condition.sign} {line:.6g}"
            lines.append(
                f"    {moment(time)}  {value:<12.6g}{compared and ('' if holds else 'not ')}{compared}".rstrip()
            )
        if facts.said.window and facts.inside:
            names = ", ".join(f"{offset}.{part}" if part else str(offset) for offset, part in facts.events)
            more = f" and {facts.inside - len(facts.events)} more" if facts.inside > len(facts.events) else ""
            lines.append(f"  its window held {count(facts.inside, 'event')}, at the offsets {names}{more}")
        evidence = flatten(facts.rule.evidence)
        if evidence:
            lines.append("  the rule rests on:")
            lines += [f"    {name:<28} {value}" for name, value in evidence.items()]
        return "\n".join(lines)

    @property
    def compared(self) -> list[tuple[int, float, float | None, bool | None]]:
        """Each observation with what it was compared with then, and whether the condition held."""
        facts, condition = self.facts, self.facts.condition
        found: list[tuple[int, float, float | None, bool | None]] = []
        for time, value in facts.observed:
            usual = facts.rule.usual.at(facts.key, time) if facts.rule.usual else NOTHING
            line = condition.line(usual) if condition else None
            found.append(
                (time, value, line, None if line is None or condition is None else condition.holds(value, line))
            )
        return found
