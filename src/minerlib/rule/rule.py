"""A rule: what is watched, what is measured, and when that is worth an alert."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from minerlib.event.event import Event
from minerlib.event.moment import MINUTE, SECOND, words
from minerlib.event.pattern import kind_matches
from minerlib.rule.condition import Condition

SEMANTICS = 1  # what `evaluate` means by a document; part of every fingerprint
SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True)
class Measure:
    """What is observed: `of` each event, or `agg` of it over a window of `over`, every `every` (microseconds)."""

    of: str | None = None
    agg: str | None = None
    over: int = 0
    every: int = 0


@dataclass(frozen=True)
class Level:
    """An instance fires at `severity` once `when` has held for `wait` microseconds."""

    severity: str
    when: Condition
    wait: int = 0


@dataclass(frozen=True)
class Clear:
    """It clears once `when` has held for `wait` microseconds."""

    when: Condition
    wait: int = 0


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
    by: tuple[str, ...] = ("source",)
    measure: Measure | None = None
    levels: tuple[Level, ...] = ()
    clear: Clear | None = None
    missing: int | None = None
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
        return max(self.measure.over if self.measure else 0, self.missing or 0, *waits, 0)

    @cached_property
    def clears(self) -> Clear | None:
        """When it clears: as said, else when the lowest level does not hold."""
        if self.clear or not self.levels:
            return self.clear
        return Clear(self.levels[0].when.opposite())

    def selects(self, event: Event) -> bool:
        """Whether the rule is about this event; its own alerts never are."""
        return kind_matches(self.kind, event.kind) and event.kind != f"alert.{self.name}"

    def to_dict(self) -> dict[str, Any]:
        """The document with its defaults written out."""
        found: dict[str, Any] = {"rule": self.name, "version": self.version, "scope": self.scope}
        if self.about:
            found["about"] = self.about
        found["kind"], found["by"] = self.kind, list(self.by)
        if self.measure:
            measure: dict[str, Any] = {"of": self.measure.of} if self.measure.of else {}
            if self.measure.agg:
                measure |= {
                    "agg": self.measure.agg,
                    "over": words(self.measure.over),
                    "every": words(self.measure.every),
                }
            found["measure"] = measure
        if self.levels:
            found["levels"] = [{"severity": x.severity, "when": str(x.when), "for": words(x.wait)} for x in self.levels]
        if self.clear:
            found["clear"] = {"when": str(self.clear.when), "for": words(self.clear.wait)}
        if self.missing is not None:
            found["missing"] = {"after": words(self.missing), "then": "alert"}
        found["lateness"], found["ahead"] = words(self.lateness), words(self.ahead)
        if self.budget is not None:
            found["budget"] = {"per_day": self.budget}
        if self.notify:
            found["notify"] = list(self.notify)
        if self.evidence:
            found["evidence"] = self.evidence
        return found

    def to_yaml(self) -> str:
        """The document as YAML; reading it gives the same rule."""
        from minerlib.rule.text import write

        return write(self.to_dict())

    def __str__(self) -> str:
        return self.to_yaml()
