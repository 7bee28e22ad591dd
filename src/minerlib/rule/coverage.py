"""Which of a rule's transitions happened, and which it could have made but never did."""

from collections.abc import Callable, Sequence

from minerlib.rule.rule import Rule
from minerlib.rule.transition import Transition

_Is = Callable[[Transition], bool]


def coverage(rule: Rule, transitions: Sequence[Transition]) -> dict[str, int]:
    """How often each thing happened that the rule can say: its levels first, by severity, then what ends them, silence,
    flapping and being forgotten."""
    return {name: sum(map(is_it, transitions)) for name, is_it in _possible(rule).items()}


def _possible(rule: Rule) -> dict[str, _Is]:
    found: dict[str, _Is] = {level.severity: _fires(level.severity) for level in rule.levels}
    if rule.levels:
        found["cleared"] = _is("cleared", "value")
    then = rule.missing.then if rule.missing else None
    whole = not rule.by  # its one instance is the stream
    if then == "hold":
        found |= {"unknown": _is("unknown", "missing", whole), "returned": _is("returned", "returned", whole)}
    elif then == "clear" and rule.levels:
        found["cleared for missing"] = _is("cleared", "missing")
    elif then == "alert":
        found["raised for missing"] = _is("raised", "missing", whole)
        found["cleared on return"] = _is("cleared", "returned", whole)
    if then in ("hold", "alert") and not whole:
        found["silence of a stream"] = lambda each: each.reason == "missing" and not each.instance
    if rule.flap:
        found |= {"flapping": lambda each: each.what == "flapping", "settled": lambda each: each.reason == "settled"}
    return {**found, "retired": lambda each: each.what == "retired"}


def _is(what: str, reason: str, whole: bool = True) -> _Is:
    return lambda each: each.what == what and each.reason == reason and (whole or bool(each.instance))


def _fires(severity: str) -> _Is:
    whats = ("raised", "escalated", "flapping")
    return lambda each: each.what in whats and each.reason != "missing" and each.severity == severity
