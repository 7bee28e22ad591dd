"""What a case expects, and what is not to change it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args, get_type_hints

from minerlib.rule.cases.case import Kind, Perturbation, Wanted
from minerlib.rule.cases.feed import Feed
from minerlib.rule.cases.reading import place_of, short
from minerlib.rule.rule import Rule
from minerlib.rule.text import plain
from minerlib.rule.transition import Transition
from minerlib.rule.values import near

FIELDS = (
    "at",
    "what",
    "severity",
    "instance",
    "reason",
    "was",
    "now",
    "value",
    "threshold",
    "window",
    "ordinal",
    "rule",
)
_WORDS = {name: get_args(get_type_hints(Transition)[name]) for name in ("what", "was", "now", "reason")}
_EXAMPLE = "{at: 21m, what: raised, severity: warning, instance: {source: web-1}}"
_KINDS: tuple[Kind, ...] = get_args(Kind)
_SAYS: dict[Kind, tuple[str, ...]] = {
    "cut_at": ("at",), "crash_at": ("at",), "shuffle_within": ("within", "seed"), "repeat": (), "skew": ("by",),
}  # fmt: skip
_PERTURB = "[cut_at, crash_at, shuffle_within, repeat, {skew: {by: 2s}}]"


class Wants(Feed):
    """The part of a test file's reading that is about what comes out."""

    def expect(self, case: Mapping[str, Any], rules: Sequence[Rule], start: int) -> tuple[Wanted, ...]:
        if "expect" not in case:
            self.fault(
                case,
                None,
                f"`expect` is missing: list all that the rule is to say, `- {_EXAMPLE}`, or write `expect: []`.",
            )
        found: list[Wanted] = []
        for at, index, said in self.items(case, "expect", f"[{_EXAMPLE}]"):
            if not isinstance(said, Mapping) or not said:
                self.fault(at, index, f"what is expected is a map, for example `{_EXAMPLE}`.")
                continue
            self.keys(said, FIELDS, "`expect`")
            found.append(Wanted(self._fields(said, rules, start), place_of(said, None)[0]))
        return tuple(found)

    def perturb(self, case: Mapping[str, Any], events: int) -> tuple[Perturbation, ...]:
        found: list[Perturbation] = []
        for at, index, said in self.items(case, "perturb", _PERTURB):
            single = isinstance(said, Mapping) and len(said) == 1
            kind = str(next(iter(said))) if single else said
            if kind not in _KINDS:
                hint = near(str(kind), _KINDS) if isinstance(kind, str) else ""
                self.fault(at, index, f"{short(kind)} is no perturbation{hint or f': there are {_PERTURB}.'}")
            else:
                found.append(self._perturbation(kind, said if single else {kind: None}, at, index, events))
        return tuple(found)

    def _fields(self, said: Mapping[str, Any], rules: Sequence[Rule], start: int) -> dict[str, Any]:
        found: dict[str, Any] = {str(key): plain(value) for key, value in said.items() if key in FIELDS}
        if "at" in said:
            found["at"] = self.moment(said, "at", start)
            if said["at"] is None:
                self.fault(said, "at", "`at` is how long after the case's start it is due: `at: 21m`.")
        severities = dict.fromkeys(level.severity for rule in rules for level in rule.levels) or ("critical",)
        names = {**_WORDS, "severity": tuple(severities), "rule": tuple(rule.name for rule in rules)}
        for key, known in names.items():
            if rules and key in said and said[key] not in known:
                hint = near(str(said[key]), known) or f"; there are {', '.join(known)}."
                self.fault(said, key, f"unknown {key} {short(said[key])}{hint}")
        self._instance(said, rules)
        for key in ("value", "threshold"):
            if isinstance(said.get(key, 0.0), bool) or not isinstance(said.get(key, 0.0), (int, float, type(None))):
                self.fault(said, key, f"`{key}` is a number, or ~ where there is none.")
        if "ordinal" in said:
            self.whole(said, "ordinal")
        if said.get("window") is not None:
            found["window"] = self._window(said, start)
        return found

    def _instance(self, said: Mapping[str, Any], rules: Sequence[Rule]) -> None:
        instance: Any = said.get("instance", {})
        by = tuple(dict.fromkeys(name for rule in rules for name in rule.by))
        if not isinstance(instance, Mapping):
            self.fault(
                said, "instance", f"`instance` is a map of {', '.join(by) or 'nothing'}, as the rule's `by` says."
            )
        elif rules:
            self.keys(instance, by, "`instance`") if by else None
            if not by and instance:
                self.fault(said, "instance", "the rule has `by: []`, one instance in all: leave `instance` out.")

    def _window(self, said: Mapping[str, Any], start: int) -> tuple[int, ...] | None:
        ends: Any = said["window"]
        if isinstance(ends, Sequence) and not isinstance(ends, str) and len(cast("Sequence[Any]", ends)) == 2:
            found = [self.moment({"window": end}, "window", start) for end in ends]
            return tuple(end for end in found if end is not None)
        self.fault(said, "window", "`window` is its two ends after the case's start: `window: [16m, 21m]`.")
        return None

    def _perturbation(self, kind: Kind, said: Mapping[str, Any], at: Any, index: Any, events: int) -> Perturbation:
        how: Any = said[kind]
        says = _SAYS[kind]
        if not isinstance(how, Mapping):
            if how is not None and not says:
                self.fault(at, index, f"`{kind}` takes nothing but `{{expect: changed}}`.")
            how = {says[0]: how} if says and how is not None else {}
            said = {kind: how}
        self.keys(how, (*says, "expect"), f"`{kind}`")
        expect = how.get("expect", "same")
        if expect not in ("same", "changed"):
            self.fault(how, "expect", f"`expect` of `{kind}` is same or changed, not {short(expect)}.")
        position = self.whole(how, "at")
        if position is not None and not 1 <= position < max(2, events):
            self.fault(
                at,
                index,
                f"`{kind}: {position}` is a number of events: write 1 to {max(1, events - 1)}, or leave it out.",
            )
        span = self.span(how, "within", None) if kind == "shuffle_within" else self.span(how, "by", None, signed=True)
        return Perturbation(kind, position, span, self.whole(how, "seed"), expect == "changed")
