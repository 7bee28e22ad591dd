"""Reading what an observation is compared with: levels, `clear`, conditions, and the tables of what is usual."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from minerlib.rule.condition import Condition, read_condition
from minerlib.rule.expression import Expression
from minerlib.rule.parts import Clear, Level
from minerlib.rule.transition import SEVERITIES, whole
from minerlib.rule.usual import SIZES, Table, Usual
from minerlib.rule.values import Values, near


class Lines(Values):
    """The part of a document's reading that is about thresholds."""

    def levels(self, document: Mapping[str, Any]) -> tuple[Level, ...]:
        said: Any = document.get("levels", [])
        if not isinstance(said, Sequence) or isinstance(said, str):
            example = '- {severity: warning, when: "> 80", for: 5m}'
            self.fault(document, "levels", f"`levels` is a list, for example `{example}`.")
            return ()
        found: dict[str, Level] = {}
        for number, level in enumerate(cast("Sequence[Any]", said)):
            if not isinstance(level, Mapping):
                example = '{severity: warning, when: "> 80"}'
                self.fault(document, "levels", f"level {number + 1} is no map: write `{example}`.")
                continue
            self.keys(level, "levels")
            severity = self.text(level, "severity", "levels", needed=True, example="warning")
            when = self.condition(level, document)
            wait = self.span(level, "for", "0s", "levels")
            if severity is not None and severity not in SEVERITIES:
                there = ", ".join(SEVERITIES)
                hint = near(severity, SEVERITIES)
                self.fault(level, "severity", f"unknown severity {severity!r}{hint}; there are {there}.")
            elif severity in found:
                self.fault(level, "severity", f"two levels are {severity}: one a severity.")
            elif severity and when:
                found[severity] = Level(severity, when, wait)
        return tuple(found[severity] for severity in SEVERITIES if severity in found)

    def clear(self, document: Mapping[str, Any], levels: tuple[Level, ...]) -> Clear | None:
        said = self.map(document, "clear") if "clear" in document else None
        if said is None:
            return None
        if "when" not in said and levels:
            return Clear(levels[0].when.opposite(), self.span(said, "for", "0s", "clear"))
        when = self.condition(said, document)
        return Clear(when, self.span(said, "for", "0s", "clear")) if when else None

    def condition(self, at: Mapping[str, Any], document: Mapping[str, Any]) -> Condition | None:
        said = at.get("when")
        found = read_condition(said)
        if found is None and "when" not in at:
            self.fault(at, None, '`when` is missing: write `when: "> 80"`.')
        elif found is None:
            example = '`"> 80"` or `"> usual + 5 * spread"`'
            self.fault(at, "when", f"{said!r} is no condition: write {example}, with one of > >= < <= == !=.")
        elif isinstance(found.threshold, Expression) and "usual" not in document:
            self.fault(at, "when", "what is usual is not said: the rule needs `usual` with its tables.")
        return found

    def usual(self, document: Mapping[str, Any], by: tuple[str, ...]) -> Usual | None:
        said = self.map(document, "usual") if "usual" in document else None
        if said is None:
            return None
        zone = self.text(said, "zone", "usual", example="Europe/Berlin") or "UTC" if "zone" in said else "UTC"
        try:
            _ = None if zone == "UTC" else ZoneInfo(zone)
        except Exception:  # whatever a name leads to on a disk: a folder, nothing, something outside
            self.fault(said, "zone", f"`zone: {zone}` is no time zone: write one like Europe/Berlin, or UTC.")
        shared = self.map(said, "shared") if "shared" in said else None
        of: Any = said.get("of", [])
        if not isinstance(of, Sequence) or isinstance(of, str) or not all(isinstance(one, Mapping) for one in of):
            self.fault(said, "of", "`of` is a list of `{instance: {...}, centre: [...], spread: [...]}`.")
            of = []
        tables: dict[str, Table] = {}
        for one in of:
            self.keys(one, "usual.of")
            instance, table = one.get("instance"), self.table(one)
            if not isinstance(instance, Mapping) or set(instance) != set(by):
                self.fault(one, "instance", f"`instance` is a map of {', '.join(by) or 'nothing'}, as `by` says.")
            elif table:
                tables[msgspec.json.encode([whole(_plain(instance[name])) for name in by]).decode()] = table
        if shared is None and not of and not {"shared", "of"} & set(said):
            self.fault(document, "usual", "`usual` needs a table: `shared`, or `of` with one an instance.")
        return Usual(zone, self.table(shared) if shared is not None else None, tables)

    def table(self, at: Mapping[str, Any]) -> Table | None:
        centre, spread = self.numbers(at, "centre"), self.numbers(at, "spread")
        if spread and any(number is not None and number < 0 for number in spread):
            self.fault(at, "spread", "`spread` is never below 0.")
        return Table(centre, spread) if centre and spread else None

    def numbers(self, at: Mapping[str, Any], key: str) -> tuple[float | None, ...] | None:
        said: Any = at.get(key)
        if (
            isinstance(said, Sequence)
            and not isinstance(said, str)
            and len(said) in SIZES
            and all(map(_is_number, said))
        ):
            return tuple(None if number is None else float(number) for number in said)
        what = "1, 24 (by hour of day) or 168 (by hour of week) numbers, null where nothing is known"
        self.fault(at, key, f"`{key}` is a list of {what}.")
        return None


def _is_number(said: Any) -> bool:
    return said is None or (isinstance(said, (int, float)) and not isinstance(said, bool) and abs(said) < 1e300)


def _plain(said: Any) -> Any:
    from minerlib.rule.text import plain

    return plain(said)
