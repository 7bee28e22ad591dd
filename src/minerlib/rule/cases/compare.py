"""What was said beside what was to be said: which is which, and the difference as people read it."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from minerlib.rule.cases.case import Wanted
from minerlib.rule.cases.tell import shown, tell, tell_wanted
from minerlib.rule.transition import Transition


class Pair(NamedTuple):
    """What was expected beside what happened; None where one of them is not there."""

    wanted: Wanted | None
    found: Transition | None


def align(expected: Sequence[Wanted], found: Sequence[Transition]) -> list[Pair]:
    """Bring both lists together, in order, so that as many as can be agree.

    At one instant the order of different instances does not matter, where what is expected says `at`.
    """
    found = _arranged(expected, found)
    fits = [[not wanted.differs(each) for each in found] for wanted in expected]
    best = [[0] * (len(found) + 1) for _ in range(len(expected) + 1)]  # how many agree from (i, j) on
    for i in reversed(range(len(expected))):
        for j in reversed(range(len(found))):
            best[i][j] = best[i + 1][j + 1] + 1 if fits[i][j] else max(best[i + 1][j], best[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(expected) or j < len(found):
        if i < len(expected) and j < len(found) and fits[i][j]:
            pairs.append(Pair(expected[i], found[j]))
            i, j = i + 1, j + 1
        elif j == len(found) or (i < len(expected) and _first(expected[i], found[j], best[i + 1][j] - best[i][j + 1])):
            pairs.append(Pair(expected[i], None))
            i += 1
        else:
            pairs.append(Pair(None, found[j]))
            j += 1
    return pairs


def difference(pairs: Sequence[Pair], start: int) -> list[str]:
    """The pairs, a line each: `-` was expected and did not happen, `+` happened and was not expected."""
    left = [pair.found for pair in pairs if pair.wanted is None and pair.found]
    lines: list[str] = []
    for wanted, found in pairs:
        if found:
            lines.append(f"{' ' if wanted else '+'} {tell(found, start)}")
        elif wanted:
            lines.append(f"- {tell_wanted(wanted, start)}{_near(wanted, left, start)}")
    return lines


def changes(before: Sequence[Transition], after: Sequence[Transition], start: int) -> list[str]:
    """How two runs differ, a line each: `-` was said only before, `+` only now; empty where they are the same."""
    old, new = list(map(repr, before)), list(map(repr, after))
    lines: list[str] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = [] if what == "equal" else before[i:j], [] if what == "equal" else after[k:m]
        told: Callable[[Transition], str] = lambda each: tell(each, start)  # noqa: E731
        if list(map(told, gone)) == list(map(told, come)):
            lines += [f"~ {told(a)}, but with other {_others(a, b)}" for a, b in zip(gone, come, strict=True)]
        else:
            lines += [f"- {told(each)}" for each in gone] + [f"+ {told(each)}" for each in come]
    return lines


def _first(wanted: Wanted, found: Transition, gain: int) -> bool:
    """Whether what is expected is passed over before what was found: where more agrees then, else by time."""
    return gain > 0 or (gain == 0 and wanted.said.get("at", found.due) <= found.due)


def _arranged(expected: Sequence[Wanted], found: Sequence[Transition]) -> list[Transition]:
    """What was found, with each instant in the order in which it is expected, as far as instances differ."""
    instants: dict[int, list[Transition]] = {}
    for each in found:
        instants.setdefault(each.due, []).append(each)
    arranged: list[Transition] = []
    for due, left in instants.items():
        for wanted in (wanted for wanted in expected if wanted.said.get("at") == due):
            for at, each in enumerate(left):
                first = not any((e.rule, e.instance) == (each.rule, each.instance) for e in left[:at])
                if first and not wanted.differs(each):
                    arranged.append(left.pop(at))
                    break
        arranged += left
    return arranged


def _near(wanted: Wanted, left: list[Transition], start: int) -> str:
    """In which fields the nearest of what was not expected is another, where it is the same of the same instance."""
    by = sorted(left, key=lambda each: len(wanted.differs(each)))
    names = wanted.differs(by[0]) if by else []
    if not names or len(names) > 2 or {"what", "instance"} & set(names):
        return ""
    is_ = {name: getattr(by[0], "due" if name == "at" else name) for name in names}
    return "   <- " + ", ".join(f"{name} is {shown(name, value, start)}" for name, value in is_.items())


def _others(one: Transition, other: Transition) -> str:
    return ", ".join(name for name in one.__struct_fields__ if repr(getattr(one, name)) != repr(getattr(other, name)))
