"""The rule document: strict YAML, every fault found at once, each with its place and what to write instead."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minerlib.errors import RuleError
from minerlib.rule.expression import Expression
from minerlib.rule.lines import Lines
from minerlib.rule.measures import Measures
from minerlib.rule.parts import Flap, Missing
from minerlib.rule.rule import INSTANCES, Rule
from minerlib.rule.text import parse, plain
from minerlib.rule.values import near

_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_THEN = ("hold", "clear", "alert")
_MOST = 1_000_000


def load(path: Path) -> Rule:
    """The rule in a file. Raises RuleError."""
    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError([f"{path}: cannot be read ({error})."]) from None


def read(text: str, name: str) -> Rule:
    """The rule in a text; `name` stands before each fault's place. Raises RuleError."""
    return _Reading(name).rule(parse(text, name))


def from_dict(document: Mapping[str, Any], name: str) -> Rule:
    """The rule that Python data says, with the same checks. Raises RuleError."""
    return _Reading(name).rule(document)


class _Reading(Measures, Lines):
    """One reading of one document, part by part."""

    def rule(self, document: Any) -> Rule:
        if not isinstance(document, Mapping):
            raise RuleError([f"{self.name}:1:1: a rule is a map of keys; begin with `rule: its-name`."])
        self.keys(document, "")
        name = self.text(document, "rule", "", needed=True, shape=_NAME, example="disk-filling")
        by, levels = self.by(document), self.levels(document)
        found = Rule(
            name=name or "",
            kind=self.kind(document, name) or "",
            scope=self.scope(document),
            version=self.whole(document, "version", 1),
            about=self.text(document, "about", "") or "",
            where=self.where(document),
            by=by,
            measure=self.measure(document),
            levels=levels,
            clear=self.clear(document, levels),
            usual=self.usual(document, by),
            missing=self.missing(document),
            flap=self.flap(document),
            retire=self.span(document, "retire", "30d", ""),
            instances=self.whole(document, "instances", INSTANCES, high=_MOST),
            lateness=self.span(document, "lateness", "5s", ""),
            ahead=self.span(document, "ahead", "1m", ""),
            budget=self.budget(document),
            notify=self.words(document, "notify"),
            evidence=self.evidence(document),
        )
        self.whole_of(document, found)
        self.end()
        return found

    def whole_of(self, document: Mapping[str, Any], rule: Rule) -> None:
        """Faults that no key has by itself."""
        alerts = rule.missing is not None and rule.missing.then == "alert"
        if not rule.levels and not alerts and not self.faults:
            said = "it can never alert: give it `levels`, or `missing: {after: 5m, then: alert}`."
            self.fault(document, "levels", said)
        if rule.levels and "measure" not in document:
            self.fault(document, "levels", "`levels` need a `measure`, for example `measure: {of: used_pct}`.")
        if not self.faults and rule.retire < max(rule.lookback, 1):
            said = "`retire` must not be shorter than any other span of the rule (over, for, after, per), nor nothing."
            self.fault(document, "retire", said)
        if document.get("act"):
            said = "`act` with something in it is not supported yet; leave it out or write `act: {}`."
            self.fault(document, "act", said)

    def where(self, document: Mapping[str, Any]) -> Expression | None:
        found = self.expression(document, "where", "") if "where" in document else None
        if found and found.gives in ("number", "text"):
            self.fault(document, "where", f"`where: {found}` is a {found.gives}: compare it with something.")
        return found

    def kind(self, document: Mapping[str, Any], name: str | None) -> str | None:
        kind = self.text(document, "kind", "", needed=True, example="disk.usage")
        if kind and ("" in kind.split(".") or any(c in kind for c in " \n")):
            self.fault(document, "kind", f"kind {kind!r} is no pattern of kinds: write disk.usage, disk.* or disk.#.")
        if kind and name and kind == f"alert.{name}":
            self.fault(document, "kind", "a rule cannot watch its own alerts.")
        return kind

    def scope(self, document: Mapping[str, Any]) -> str:
        scope = self.text(document, "scope", "") if "scope" in document else "local.lab.dev"
        parts = (scope or "").split(".")
        if scope is not None and (len(parts) != 3 or not all(parts) or parts[0] == "*" or "#" in parts):
            said = f"scope {scope!r}: write company.system.environment; only the last two may be *."
            self.fault(document, "scope", said)
        return scope or ""

    def by(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        found = self.words(document, "by") if "by" in document else ("source",)
        if "by" in document and not found and document["by"] != []:
            return ("source",)
        if len(set(found)) != len(found):
            self.fault(document, "by", "`by` names a field twice.")
        return found

    def missing(self, document: Mapping[str, Any]) -> Missing | None:
        said = self.map(document, "missing") if "missing" in document else None
        if said is None:
            return None
        then = self.text(said, "then", "missing") if "then" in said else "hold"
        if then is not None and then not in _THEN:
            self.fault(said, "then", f"unknown {then!r}{near(then, _THEN)}; there are {', '.join(_THEN)}.")
        if "after" not in said:
            self.fault(document, "missing", "`missing` needs `after`, for example `after: 3m`.")
        after = self.span(said, "after", "0s", "missing")
        if "after" in said and after == 0:
            self.fault(said, "after", "`after` must be longer than nothing.")
        return Missing(after, then if then in ("clear", "alert") else "hold")

    def flap(self, document: Mapping[str, Any]) -> Flap | None:
        said = self.map(document, "flap") if "flap" in document else None
        if said is None:
            return None
        for key in ("most", "per"):
            if key not in said:
                self.fault(document, "flap", f"`flap` needs `{key}`: write `flap: {{most: 6, per: 1h}}`.")
        per = self.span(said, "per", "0s", "flap")
        if "per" in said and per == 0:
            self.fault(said, "per", "`per` must be longer than nothing.")
        return Flap(self.whole(said, "most", 6, low=0, high=10_000), per)

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
