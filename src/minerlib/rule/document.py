"""The rule document: strict YAML, every fault found at once, each with its line and what to write instead."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minerlib.errors import RuleError
from minerlib.rule.expression import Expression
from minerlib.rule.parts import Clear, Level, Measure, Missing
from minerlib.rule.rule import SEVERITIES, Rule
from minerlib.rule.text import parse, plain
from minerlib.rule.values import Values, near

AGGREGATES = ("count", "sum", "mean", "min", "max")
_LATER_AGGREGATES = ("rate", "first", "last", "delta", "stddev", "distinct", "slope", "forecast")
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def load(path: Path) -> Rule:
    """The rule in a file. Raises RuleError."""
    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError([f"{path}: cannot be read ({error})."]) from None


def read(text: str, name: str) -> Rule:
    """The rule in a text; `name` stands before each fault's line. Raises RuleError."""
    return _Reading(name).rule(parse(text, name))


def from_dict(document: Mapping[str, Any], name: str) -> Rule:
    """The rule that Python data says, with the same checks. Raises RuleError."""
    return _Reading(name).rule(document)


class _Reading(Values):
    """One reading of one document, part by part."""

    def rule(self, document: Any) -> Rule:
        if not isinstance(document, Mapping):
            raise RuleError([f"{self.name}:1: a rule is a map of keys; begin with `rule: its-name`."])
        self.keys(document, "")
        name = self.text(document, "rule", "", needed=True, shape=_NAME, example="disk-filling")
        kind = self.kind(document, name)
        levels = self.levels(document)
        missing = self.missing(document)
        measure = self.measure(document)
        if not levels and missing is None and not self.faults:
            self.fault(
                document, "levels", "it can never alert: give it `levels`, or `missing: {after: 5m, then: alert}`."
            )
        if levels and measure is None and "measure" not in document:
            self.fault(document, "levels", "`levels` need a `measure`, for example `measure: {of: used_pct}`.")
        clear = self.clear(document, levels)
        found = Rule(
            name=name or "",
            kind=kind or "",
            scope=self.scope(document),
            version=self.whole(document, "version", 1),
            about=self.text(document, "about", "") or "",
            by=self.by(document),
            measure=measure,
            levels=levels,
            clear=clear,
            missing=missing,
            lateness=self.span(document, "lateness", "5s", ""),
            ahead=self.span(document, "ahead", "1m", ""),
            budget=self.budget(document),
            notify=self.words(document, "notify"),
            evidence=self.evidence(document),
        )
        if document.get("act"):
            self.fault(
                document, "act", "`act` with something in it is not supported yet; leave it out or write `act: {}`."
            )
        if self.faults:
            raise RuleError([f"{self.name}:{line}: {said}" for line, said in sorted(self.faults)])
        return found

    def kind(self, document: Mapping[str, Any], name: str | None) -> str | None:
        kind = self.text(document, "kind", "", needed=True, example="disk.usage")
        if kind and ("" in kind.split(".") or any(c in kind for c in " \n")):
            self.fault(document, "kind", f"kind {kind!r} is no pattern of kinds: write disk.usage, disk.* or disk.#.")
        if kind and name and kind.split(".")[0] == "alert" and kind == f"alert.{name}":
            self.fault(document, "kind", "a rule cannot watch its own alerts.")
        return kind

    def scope(self, document: Mapping[str, Any]) -> str:
        scope = self.text(document, "scope", "") if "scope" in document else "local.lab.dev"
        parts = (scope or "").split(".")
        if scope is not None and (len(parts) != 3 or not all(parts) or parts[0] == "*" or "#" in parts):
            self.fault(
                document, "scope", f"scope {scope!r}: write company.system.environment; only the last two may be *."
            )
        return scope or ""

    def by(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        found = self.words(document, "by") if "by" in document else ("source",)
        if "by" in document and not found and document["by"] != []:
            return ("source",)
        if len(set(found)) != len(found):
            self.fault(document, "by", "`by` names a field twice.")
        return found

    def measure(self, document: Mapping[str, Any]) -> Measure | None:
        if "measure" not in document:
            return None
        said = self.map(document, "measure")
        if said is None:
            return None
        of = self.text(said, "of", "measure") if "of" in said else None
        agg = self.text(said, "agg", "measure") if "agg" in said else None
        if agg is None:
            for key in ("over", "every"):
                if key in said:
                    self.fault(said, key, f"`{key}` needs an `agg`: mean, max, min, sum or count.")
            if of is None and "of" not in said:
                self.fault(
                    document, "measure", "`measure` needs `of`, a field of the body, for example `of: used_pct`."
                )
            return Measure(Expression.read(of) if of else None)
        if agg not in AGGREGATES:
            if agg in _LATER_AGGREGATES or re.fullmatch(r"p\d{2,3}", agg):
                self.fault(
                    said, "agg", f"the aggregate `{agg}` is not supported yet; there are {', '.join(AGGREGATES)}."
                )
            else:
                self.fault(
                    said,
                    "agg",
                    f"unknown aggregate {agg!r}{near(agg, AGGREGATES)}; there are {', '.join(AGGREGATES)}.",
                )
        if of is None and agg != "count" and "of" not in said:
            self.fault(document, "measure", f"`agg: {agg}` needs `of`, a field of the body.")
        if "over" not in said:
            self.fault(document, "measure", "a window needs `over`, its length, for example `over: 5m`.")
        over = self.span(said, "over", "0s", "measure")
        every = self.span(said, "every", "0s", "measure") if "every" in said else over // 5
        if ("over" in said and over == 0) or ("every" in said and every == 0):
            self.fault(said, "over", "a window and its step must be longer than nothing.")
        elif over and (every > over or over > 100_000 * max(every, 1)):
            self.fault(said, "every", "`every` must be no longer than `over`, nor shorter than a 100,000th of it.")
        return Measure(Expression.read(of) if of else None, agg, over, every or 1)

    def levels(self, document: Mapping[str, Any]) -> tuple[Level, ...]:
        said: Any = document.get("levels", [])
        if not isinstance(said, Sequence) or isinstance(said, str):
            self.fault(
                document, "levels", '`levels` is a list, for example `- {severity: warning, when: "> 80", for: 5m}`.'
            )
            return ()
        found: dict[str, Level] = {}
        for number, level in enumerate(said):
            if not isinstance(level, Mapping):
                self.fault(
                    document, "levels", f'level {number + 1} is no map: write `{{severity: warning, when: "> 80"}}`.'
                )
                continue
            self.keys(level, "levels")
            severity = self.text(level, "severity", "levels", needed=True, example="warning")
            when = self.condition(level, "levels")
            if severity is not None and severity not in SEVERITIES:
                self.fault(
                    level,
                    "severity",
                    f"unknown severity {severity!r}{near(severity, SEVERITIES)}; there are {', '.join(SEVERITIES)}.",
                )
            elif severity in found:
                self.fault(level, "severity", f"two levels are {severity}: one a severity.")
            elif severity and when:
                found[severity] = Level(severity, when, self.span(level, "for", "0s", "levels"))
        return tuple(found[severity] for severity in SEVERITIES if severity in found)

    def clear(self, document: Mapping[str, Any], levels: tuple[Level, ...]) -> Clear | None:
        if "clear" not in document:
            return None
        said = self.map(document, "clear")
        if said is None:
            return None
        if "when" not in said and levels:
            return Clear(levels[0].when.opposite(), self.span(said, "for", "0s", "clear"))
        when = self.condition(said, "clear")
        return Clear(when, self.span(said, "for", "0s", "clear")) if when else None

    def missing(self, document: Mapping[str, Any]) -> Missing | None:
        if "missing" not in document:
            return None
        said = self.map(document, "missing")
        if said is None:
            return None
        then = self.text(said, "then", "missing") if "then" in said else "hold"
        if then in ("hold", "clear"):
            line = said if "then" in said else document
            self.fault(
                line,
                "then" if "then" in said else "missing",
                f"`missing: then: {then}` is not supported yet; write `then: alert`.",
            )
        elif then != "alert" and then is not None:
            self.fault(said, "then", f"unknown {then!r}{near(then, ('alert', 'hold', 'clear'))}; write `then: alert`.")
        if "after" not in said:
            self.fault(document, "missing", "`missing` needs `after`, for example `after: 3m`.")
        after = self.span(said, "after", "0s", "missing")
        if "after" in said and after == 0:
            self.fault(said, "after", "`after` must be longer than nothing.")
        return Missing(after, "alert")

    def budget(self, document: Mapping[str, Any]) -> float | None:
        said = self.map(document, "budget") if document.get("budget") else None
        if said is None:
            return None
        value = said.get("per_day")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 2**53:
            self.fault(said, "per_day", "`per_day` is a number of alerts above 0.")
            return None
        return float(value)

    def evidence(self, document: Mapping[str, Any]) -> dict[str, Any]:
        said: Any = document.get("evidence") or {}
        if not isinstance(said, Mapping):
            self.fault(document, "evidence", "`evidence` is a map; export writes it.")
            return {}
        return plain(said)
