"""The test file: YAML next to a rule, read strictly, every fault told at once with its place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minerlib.errors import RuleError, SettingError
from minerlib.event.moment import MINUTE, SECOND, duration
from minerlib.rule.cases.case import Case, Suite
from minerlib.rule.cases.feed import Ground
from minerlib.rule.cases.reading import calendar, place_of, short
from minerlib.rule.cases.wanted import Wants
from minerlib.rule.rule import Rule
from minerlib.rule.text import parse

ENDINGS = (".test.yaml", ".test.yml")
_FILE = ("rule", "rules", "scope", "start", "every", "until", "perturb", "cases")
_CASE = ("name", "about", "scope", "start", "every", "series", "events", "until", "expect", "perturb")
_SHARED = ("scope", "start", "every", "until", "perturb")  # said once for all cases, or by a case for itself
_MONDAY = 1_704_067_200 * SECOND  # 2024-01-01T00:00:00Z


def find(path: Path) -> list[Path]:
    """A test file itself, or all below a folder, hidden folders aside. Raises SettingError where there is none."""
    if path.is_file():
        return [path]
    found = [
        file
        for file in sorted(path.rglob("*.test.y*ml"))
        if file.name.endswith(ENDINGS) and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    if not found:
        raise SettingError(
            f"No test file in {path}: write one beside a rule, disk-filling.test.yaml for disk-filling.yaml."
        )
    return found


def load(path: Path) -> Suite:
    """The cases of a test file, with the rules they are about. Raises RuleError with the faults of all of them."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError([f"{path}: cannot be read ({error})."]) from None
    return _Reading(str(path)).suite(parse(text, str(path)), path)


def settled(rule: Rule) -> int:
    """Microseconds after the last event within which all that follows from it is said; forgetting aside."""
    said = rule.to_dict()
    measure, missing = said.get("measure", {}), said.get("missing", {})
    waits = [duration(level["for"]) for level in said.get("levels", [])]
    spans = [measure.get("over", 0), measure.get("every", 0), said.get("clear", {}).get("for", 0)]
    spans += [missing.get("after", 0), said.get("flap", {}).get("per", 0)]
    return sum(map(duration, spans)) + max(waits, default=0) + rule.lateness + SECOND


class _Reading(Wants):
    """One reading of one file, case by case."""

    def suite(self, document: Any, path: Path) -> Suite:
        if not isinstance(document, Mapping):
            raise RuleError([f"{self.name}:1:1: a test file is a map with `cases`, a list of them."])
        self.keys(document, _FILE, "a test file")
        rules, others = self.rules(document, path)
        cases: list[Case] = []
        names: dict[str, int] = {}
        for at, index, said in self.items(document, "cases", "[{name: fills, series: {...}, expect: [...]}]"):
            if not isinstance(said, Mapping):
                self.fault(at, index, "a case is a map: begin with `- name: what it shows`.")
                continue
            case = self.case(said, document, rules)
            if case.name in names:
                self.fault(said, "name", f"another case, in line {names[case.name]}, is called {case.name!r} too.")
            names.setdefault(case.name, case.line)
            cases.append(case)
        if not cases and not self.faults:
            self.fault(document, "cases", "a test file needs `cases`: `- {name: fills, series: {...}, expect: [...]}`.")
        if self.faults or others:
            raise RuleError([*self.told(), *others])
        return Suite(path, rules, tuple(cases))

    def rules(self, document: Mapping[str, Any], path: Path) -> tuple[tuple[Rule, ...], list[str]]:
        """The rules, and the faults of their own documents."""
        if "rule" in document and "rules" in document:
            self.fault(document, "rules", "write either `rule` or `rules`.")
        key = "rules" if "rules" in document else "rule"
        names = [(at, index, said) for at, index, said in self.items(document, key, "disk-filling.yaml")]
        if not names:
            names = [(document, None, _sibling(path))]
        found: list[Rule] = []
        faults: list[str] = []
        for at, index, said in names:
            if not isinstance(said, str):
                self.fault(at, index, f"a rule is the path of its file from here, not {short(said)}.")
                continue
            file = path.parent / said
            if not file.is_file():
                self.fault(
                    at, index, f"there is no rule {file}: write its path, from where this file is, as `rule: ...`."
                )
                continue
            try:
                rule = Rule.load(file)
            except RuleError as error:
                faults += error.faults
                continue
            if any(rule.name == other.name for other in found):
                self.fault(at, index, f"two of the rules are called {rule.name}.")
            found.append(rule)
        return tuple(found), faults

    def case(self, said: Mapping[str, Any], document: Mapping[str, Any], rules: tuple[Rule, ...]) -> Case:
        self.keys(said, _CASE, "a case")
        shared = {key: said if key in said else document for key in _SHARED}
        name = self.text(said, "name", "", "fills and is cleaned")
        start = self.start(shared["start"])
        every = self.span(shared["every"], "every", MINUTE)
        if every == 0:
            self.fault(shared["every"], "every", "`every`, the step of a series, is longer than nothing.")
        ground = Ground(start, every or MINUTE, _kind(rules), self.scope(shared["scope"], rules))
        self.series(said, ground)
        self.literals(said, ground)
        if not said.get("series") and not said.get("events"):
            self.fault(said, None, "a case needs `series` or `events`: without any, every rule is silent.")
        events = ground.events()
        last = max([ground.end, *(max(event.time, event.seen) for event in events)], default=start)
        until = self.moment(shared["until"], "until", start, last + max(map(settled, rules), default=0)) or last
        return Case(
            name, self.name, place_of(said, None)[0], rules, ground.scope, start, until, events,
            self.expect(said, rules, start), self.perturb(shared["perturb"], len(events)),
        )  # fmt: skip

    def start(self, at: Mapping[str, Any]) -> int:
        said = at.get("start")
        found = calendar(said)
        if said is not None and found is None:
            self.fault(at, "start", f"`start: {short(said)}` is no time with a zone: write 2024-01-01T00:00:00Z.")
        return _MONDAY if found is None else found

    def scope(self, at: Mapping[str, Any], rules: tuple[Rule, ...]) -> str:
        own = rules[0].scope.replace("*", "any") if rules else "local.lab.dev"
        scope = self.text(at, "scope", own, "acme.web.prod")
        if len(scope.split(".")) == 3 and all(scope.split(".")) and not set(scope) & set("*# \n"):
            return scope
        self.fault(at, "scope", f"scope {scope!r}: write one company.system.environment, for example acme.web.prod.")
        return own


def _sibling(path: Path) -> str:
    """The rule beside a test file: the same name without `.test`."""
    ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), "")
    return path.name.removesuffix(ending) + "." + ending.rpartition(".")[2] if ending else path.name


def _kind(rules: tuple[Rule, ...]) -> str | None:
    """The one kind that all rules are about, where it is no pattern."""
    kinds = {rule.kind for rule in rules}
    plain = len(kinds) == 1 and not {"*", "#"} & set(next(iter(kinds)).split("."))
    return next(iter(kinds)) if plain else None if rules else "unknown"
