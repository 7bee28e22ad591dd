"""A rule: what is watched, what is measured, and when that is worth an alert."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from minerlib.event.body import field as field_of
from minerlib.event.event import Event
from minerlib.event.moment import DAY, MINUTE, SECOND
from minerlib.event.pattern import kind_matches
from minerlib.rule.expression import COLUMNS, Expression
from minerlib.rule.parts import Clear, Flap, Level, Measure, Missing
from minerlib.rule.usual import Usual

SEMANTICS = 2  # what `evaluate` means by a document; part of every fingerprint
RETIRE = "rule.retire"  # the kind of an event that makes a rule forget an instance
INSTANCES = 100_000


@dataclass(frozen=True)
class Rule:
    """A rule document, read. `levels` are in order of severity; durations are microseconds.

    `Rule.read(text)` and `Rule.load(path)` read YAML, `Rule.from_dict(document)` the same as Python data; each raises
    RuleError with every fault at once. Two rules with one `fingerprint` evaluate alike.
    """

    name: str
    kind: str
    scope: str = "local.lab.dev"
    version: int = 1
    about: str = ""
    where: Expression | None = None
    by: tuple[str, ...] = ("source",)
    measure: Measure | None = None
    levels: tuple[Level, ...] = ()
    clear: Clear | None = None
    usual: Usual | None = None
    missing: Missing | None = None
    flap: Flap | None = None
    retire: int = 30 * DAY
    instances: int = INSTANCES
    lateness: int = 5 * SECOND
    ahead: int = MINUTE
    budget: float | None = None
    notify: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict[str, Any])

    @staticmethod
    def read(text: str, name: str = "rule.yaml") -> "Rule":
        from minerlib.rule.document import read

        return read(text, name)

    @staticmethod
    def load(path: Path | str) -> "Rule":
        from minerlib.rule.document import load

        return load(Path(path))

    @staticmethod
    def from_dict(document: dict[str, Any], name: str = "rule") -> "Rule":
        from minerlib.rule.document import from_dict

        return from_dict(document, name)

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits of the name and all that is evaluated."""
        document = {
            k: v for k, v in self.to_dict().items() if k not in ("version", "about", "budget", "notify", "evidence")
        }
        said = json.dumps([SEMANTICS, document], sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()

    @property
    def lookback(self) -> int:
        """How much past (microseconds) decides what the rule says now."""
        waits = [level.wait for level in self.levels] + ([self.clear.wait] if self.clear else [])
        spans = [self.measure.over if self.measure else 0, self.missing.after if self.missing else 0]
        return max(*spans, self.flap.per if self.flap else 0, *waits, 0)

    @cached_property
    def clears(self) -> Clear | None:
        """When it clears: as said, else when the lowest level does not hold."""
        if self.clear or not self.levels:
            return self.clear
        return Clear(self.levels[0].when.opposite())

    def selects(self, event: Event) -> bool:
        """Whether the rule is about this event, `where` aside; its own alerts never are."""
        if self.retires(event):
            return True
        return kind_matches(self.kind, event.kind) and event.kind != f"alert.{self.name}"

    def retires(self, event: Event) -> bool:
        """Whether an event tells this rule to forget an instance."""
        return event.kind == RETIRE and event.raw is None and field_of(event.body, "rule") == self.name

    @cached_property
    def asks(self) -> tuple[Any, ...]:
        """All that decides what an event is to this rule, its own alerts and what it is told to forget aside."""
        measure = self.measure
        what = (measure.of, measure.ratio, measure.agg == "distinct") if measure else None
        return self.kind, self.where, self.by, what, self.lateness, self.ahead

    @cached_property
    def fields(self) -> frozenset[str]:
        """The dotted names of all that it reads of an event."""
        measure = self.measure
        said = [self.where, *((measure.of,) if measure else ())]
        said += [measure.ratio.of, measure.ratio.to] if measure and measure.ratio else []
        return frozenset({*self.by, *(name for each in said if each for name in each.fields)})

    @cached_property
    def plain_fields(self) -> tuple[str, ...] | None:
        """The fields that a rule reads; None where it reads more than plain fields."""
        measure, found = self.measure, [name for name in self.by if name not in COLUMNS]
        if measure and (measure.ratio or measure.agg == "distinct"):
            return None
        if measure and measure.of:
            if measure.of.name is None:
                return None
            found.append(measure.of.name)
        if any(name in COLUMNS for name in found):
            return None
        found += [name for name in (self.where.fields if self.where else ()) if name not in COLUMNS]
        return None if any("." in name for name in found) else tuple(dict.fromkeys(found))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The patterns of kinds of all that it may select."""
        return (self.kind, RETIRE)

    def to_dict(self) -> dict[str, Any]:
        """The document with its defaults written out."""
        from minerlib.rule.written import written

        return written(self)

    def to_yaml(self) -> str:
        """The document as YAML; reading it gives the same rule."""
        from minerlib.rule.text import write

        return write(self.to_dict())

    def __str__(self) -> str:
        return self.to_yaml()
