"""Rules that watch the alerts of rules: no chain of them may come back to where it began, or it would feed itself."""

from collections.abc import Sequence

from minerlib.event.pattern import kind_matches
from minerlib.rule import Rule


def find_cycle(rule: Rule, running: Sequence[Rule]) -> list[str]:
    """The names of a cycle that `rule` closes beside those running (the one it replaces aside), each watching the
    alerts of the next, ending where it began; empty where there is none."""
    others = [each for each in running if (each.name, each.scope) != (rule.name, rule.scope)]
    todo: list[list[Rule]] = [[rule]]
    seen: set[tuple[str, str]] = set()
    while todo:
        path = todo.pop()
        for each in [rule, *others]:
            if not _watches(path[-1], each):
                continue
            if each is rule:
                return [*(one.name for one in path), rule.name]
            if (each.name, each.scope) not in seen:
                seen.add((each.name, each.scope))
                todo.append([*path, each])
    return []


def _watches(rule: Rule, other: Rule) -> bool:
    """Whether a rule selects the alerts of another; never its own."""
    alert = f"alert.{other.name}"
    return rule.name != other.name and kind_matches(rule.kind, alert) and _overlap(rule.scope, other.scope)


def _overlap(one: str, other: str) -> bool:
    """Whether two patterns of scopes have a stream in common."""
    return all(a == b or "*" in (a, b) for a, b in zip(one.split("."), other.split("."), strict=True))
