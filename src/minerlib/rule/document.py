"""The rule document: strict YAML, every fault found at once, each with its line and what to write instead."""

import difflib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from minerlib.errors import RuleError, SettingError
from minerlib.event.moment import duration
from minerlib.rule.condition import Condition, read_condition
from minerlib.rule.rule import SEVERITIES, Clear, Level, Measure, Rule

AGGREGATES = ("count", "sum", "mean", "min", "max")
_LATER = {
    "": ("where", "flap", "retire"),
    "measure": ("to", "ratio", "usual"),
}
_LATER_AGGREGATES = ("rate", "first", "last", "delta", "stddev", "distinct", "slope", "forecast")
_KEYS = {
    "": ("rule", "version", "scope", "about", "kind", "by", "measure", "levels", "clear", "missing", "lateness",
         "ahead", "budget", "notify", "act", "evidence"),
    "measure": ("of", "agg", "over", "every"),
    "levels": ("severity", "when", "for"),
    "clear": ("when", "for"),
    "missing": ("after", "then"),
    "budget": ("per_day",),
}  # fmt: skip
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def load(path: Path) -> Rule:
    """The rule in a file. Raises RuleError."""
    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError([f"{path}: cannot be read ({error})."]) from None


def read(text: str, name: str) -> Rule:
    """The rule in a text; `name` stands before each fault's line. Raises RuleError."""
    yaml = YAML()
    try:
        document = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RuleError(
            [f"{name}:{mark.line + 1 if mark else 1}: not YAML: {error.problem or error.context}."]
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise RuleError(
            [f"{name}:1: not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}."]
        ) from None
    return _Reading(name).rule(document)


def from_dict(document: Mapping[str, Any], name: str) -> Rule:
    """The rule that Python data says, with the same checks. Raises RuleError."""
    return _Reading(name).rule(document)


def write(document: dict[str, Any]) -> str:
    """YAML of a document, short lists and maps on a line."""
    yaml, out = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    yaml.dump(document, out)
    return out.getvalue()


class _Reading:
    """One reading of one document: collects faults and goes on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[tuple[int, str]] = []

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

    # --- the parts of a document

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
            return Measure(of)
        if agg not in AGGREGATES:
            if agg in _LATER_AGGREGATES or re.fullmatch(r"p\d{2,3}", agg):
                self.fault(
                    said, "agg", f"the aggregate `{agg}` is not supported yet; there are {', '.join(AGGREGATES)}."
                )
            else:
                self.fault(
                    said,
                    "agg",
                    f"unknown aggregate {agg!r}{_near(agg, AGGREGATES)}; there are {', '.join(AGGREGATES)}.",
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
        return Measure(of, agg, over, every or 1)

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
                    f"unknown severity {severity!r}{_near(severity, SEVERITIES)}; there are {', '.join(SEVERITIES)}.",
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

    def missing(self, document: Mapping[str, Any]) -> int | None:
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
            self.fault(said, "then", f"unknown {then!r}{_near(then, ('alert', 'hold', 'clear'))}; write `then: alert`.")
        if "after" not in said:
            self.fault(document, "missing", "`missing` needs `after`, for example `after: 3m`.")
        after = self.span(said, "after", "0s", "missing")
        if "after" in said and after == 0:
            self.fault(said, "after", "`after` must be longer than nothing.")
        return after

    def budget(self, document: Mapping[str, Any]) -> float | None:
        said = self.map(document, "budget") if document.get("budget") else None
        if said is None:
            return None
        value = said.get("per_day")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            self.fault(said, "per_day", "`per_day` is a number of alerts above 0.")
            return None
        return float(value)

    def evidence(self, document: Mapping[str, Any]) -> dict[str, Any]:
        said: Any = document.get("evidence") or {}
        if not isinstance(said, Mapping):
            self.fault(document, "evidence", "`evidence` is a map; export writes it.")
            return {}
        return _plain(said)

    # --- values

    def condition(self, at: Mapping[str, Any], place: str) -> Condition | None:
        said = at.get("when")
        found = read_condition(said)
        if found is None and "when" not in at:
            self.fault(at, None, '`when` is missing: write `when: "> 80"`.')
        elif found is None and isinstance(said, str) and "usual" in said:
            self.fault(at, "when", "`usual` is not supported yet; compare with a number.")
        elif found is None:
            self.fault(
                at, "when", f'{said!r} is no condition: write `"> 80"`, with one of > >= < <= == != and a number.'
            )
        return found

    def span(self, at: Mapping[str, Any], key: str, default: str, place: str) -> int:
        said = at.get(key, default)
        if isinstance(said, (int, float)) and not isinstance(said, bool) and said != 0:
            self.fault(at, key, f"`{key}: {said}` has no unit: write {said}s, {said}m or {said}h.")
            return 0
        try:
            return duration(said)
        except SettingError:
            self.fault(at, key, f"`{key}: {said!r}` is no duration: write 90s, 5m, 2h or 1h30m.")
            return 0

    def whole(self, at: Mapping[str, Any], key: str, default: int) -> int:
        said = at.get(key, default)
        if isinstance(said, bool) or not isinstance(said, int) or said < 1:
            self.fault(at, key, f"`{key}` is a whole number from 1 on, not {said!r}.")
            return default
        return int(said)

    def text(
        self,
        at: Mapping[str, Any],
        key: str,
        place: str,
        needed: bool = False,
        shape: Any = None,
        example: str = "a text",
    ) -> str | None:
        if key not in at:
            if needed:
                self.fault(at, None, f"`{key}` is missing: write `{key}: {example}`.")
            return None
        said = at[key]
        if not isinstance(said, str) or not said.strip():
            self.fault(at, key, f"`{key}` is a text, not {said!r}; for example `{key}: {example}`.")
            return None
        if shape and not shape.fullmatch(said):
            self.fault(at, key, f"`{key}: {said}`: use small letters, digits and hyphens, for example {example}.")
        return str(said)

    def words(self, at: Mapping[str, Any], key: str) -> tuple[str, ...]:
        said: Any = at.get(key, [])
        if isinstance(said, str):
            return (str(said),)
        if not isinstance(said, Sequence) or not all(isinstance(word, str) and word for word in said):
            self.fault(at, key, f"`{key}` is a list of names, for example `{key}: [source]`.")
            return ()
        return tuple(str(word) for word in said)

    def map(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        said = document[key]
        if not isinstance(said, Mapping):
            self.fault(document, key, f"`{key}` is a map of {', '.join(_KEYS[key])}.")
            return None
        self.keys(said, key)
        return said

    def keys(self, at: Mapping[str, Any], place: str) -> None:
        where = f" in `{place}`" if place else ""
        for key in at:
            if key in _KEYS[place]:
                continue
            if key in _LATER.get(place, ()):
                self.fault(at, key, f"`{key}`{where} is not supported yet.")
            else:
                known = (*_KEYS[place], *_LATER.get(place, ()))
                self.fault(
                    at,
                    key,
                    f"unknown key `{key}`{where}{_near(str(key), known) or '; there are ' + ', '.join(_KEYS[place])}.",
                )

    def fault(self, at: Mapping[str, Any], key: Any, said: str) -> None:
        self.faults.append((_line(at, key), said))


def _line(at: Any, key: Any) -> int:
    """The line of a key, or of its map; 1 where the data came from no text."""
    place: Callable[[Any], tuple[int, int]] | None = getattr(getattr(at, "lc", None), "key", None)
    if place is None:
        return 1
    try:
        return place(key)[0] + 1
    except (KeyError, TypeError):
        return at.lc.line + 1


def _near(word: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(word, known, 1, 0.6)
    return f": did you mean `{found[0]}`?" if found else ""


def _plain(said: Any) -> Any:
    """Plain data out of what YAML gives."""
    if isinstance(said, Mapping):
        return {str(key): _plain(value) for key, value in said.items()}
    if isinstance(said, Sequence) and not isinstance(said, str):
        return [_plain(value) for value in said]
    if isinstance(said, bool) or said is None:
        return said
    if isinstance(said, int):
        return int(said)
    return float(said) if isinstance(said, float) else str(said)
