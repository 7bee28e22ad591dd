"""Which transitions a rule can make, and which of them no case has shown."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from minerlib.rule.rule import Rule
from minerlib.rule.transition import Transition

_RETIRE = "30d"  # the default, which nobody tests


class Coverage(NamedTuple):
    """What happened in any case, and what never did."""

    rule: Rule
    happened: list[str]
    never: list[str]

    def __str__(self) -> str:
        said = f"{self.rule.name}: {len(self.happened)} of {len(self.happened) + len(self.never)} transitions happened"
        return said + (f"; never: {', '.join(self.never)}" if self.never else "")


def coverage(rule: Rule, said: Iterable[Transition]) -> Coverage:
    """Hold what was said in all cases against what the rule can say."""
    said = list(said)
    can = _possible(rule.to_dict())
    happened = [name for name, is_it in can.items() if any(map(is_it, said))]
    return Coverage(rule, happened, [name for name in can if name not in happened])


def _possible(document: dict[str, Any]) -> dict[str, Callable[[Transition], bool]]:
    """Each transition that a document can make, by a name, with how to know it."""
    found: dict[str, Callable[[Transition], bool]] = {}
    levels = [level["severity"] for level in document.get("levels", [])]
    for number, severity in enumerate(levels):
        what = ("raised", "escalated", "flapping") if number else ("raised", "flapping")
        found[f"{severity} raised"] = _is(*what, severity=severity, reason="value")
    if len(levels) > 1:
        found["escalated"] = _is("escalated")
    if levels:
        found["cleared"] = _is("cleared", reason="value")
    then = document.get("missing", {}).get("then")
    if then == "alert":
        found["raised (missing)"] = _is("raised", reason="missing")
        found["cleared (returned)"] = _is("cleared", reason="returned")
    elif then == "clear":
        found["cleared (missing)"] = _is("cleared", reason="missing")
    elif then == "hold":
        found["unknown"], found["returned"] = _is("unknown"), _is("returned", reason="returned")
    if "flap" in document:
        found["flapping"], found["settled"] = _is("flapping"), _is("returned", "cleared", reason="settled")
    if document.get("retire", _RETIRE) != _RETIRE:
        found["retired"] = _is("retired")
    return found


def _is(*what: str, **fields: str) -> Callable[[Transition], bool]:
    return lambda each: each.what in what and all(getattr(each, name) == value for name, value in fields.items())
