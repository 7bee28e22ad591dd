"""Small mistakes in a rule, one at a time: a test that is worth something notices each of them."""

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from minerlib.errors import RuleError
from minerlib.event.moment import MINUTE, duration, words
from minerlib.rule.cases.case import Case
from minerlib.rule.cases.run import notices
from minerlib.rule.rule import Rule

_WHEN = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(.*?)\s*", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.\"])(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w\"])")
_EDGE = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_FLIP = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "!=", "!=": "=="}


class Mutation(NamedTuple):
    """A rule with one mistake in it: where, what it was and is now, and which events would tell them apart."""

    where: str
    was: str
    now: str
    hint: str
    rule: Rule

    def __str__(self) -> str:
        return f"{self.where} {self.was} -> {self.now}" if self.now else f"{self.where} {self.was} removed"


class Mutated(NamedTuple):
    """What became of a mutation: the case that noticed it, if any did."""

    rule: Rule
    mutation: Mutation
    noticed: Case | None


def mutations(rule: Rule) -> list[Mutation]:
    """Every mistake that gives another rule, each once."""
    known, found = {rule.fingerprint}, list[Mutation]()
    for where, was, now, hint, change in _mistakes(rule.to_dict()):
        document = copy.deepcopy(rule.to_dict())
        change(document)
        try:
            mutant = Rule.from_dict(document)
        except RuleError:
            continue
        if mutant.fingerprint not in known:
            known.add(mutant.fingerprint)
            found.append(Mutation(where, was, now, hint, mutant))
    return found


def attempt(rule: Rule, mutation: Mutation, cases: Sequence[Case]) -> Mutated:
    """Let every case look at a mutation, until one notices it."""
    return Mutated(rule, mutation, next((case for case in cases if notices(case, mutation.rule)), None))


_Mistake = tuple[str, str, str, str, Callable[[dict[str, Any]], object]]


def _mistakes(said: dict[str, Any]) -> Iterator[_Mistake]:
    every = said.get("measure", {}).get("every")
    step = duration(every) if every else None
    for number, level in enumerate(said.get("levels", [])):
        place = ("levels", number)
        yield from _conditions(place, level["when"], level["for"])
        yield from _waits(place, level["for"], step)
        if len(said["levels"]) > 1:
            yield _gone(("levels", number), level["severity"], f"events that make it {level['severity']}")
    if "clear" in said:
        yield from _conditions(("clear",), said["clear"]["when"], said["clear"]["for"])
        yield from _waits(("clear",), said["clear"]["for"], step)
        yield _gone(("clear",), said["clear"]["when"], "a value that ends the lowest level, but does not meet `clear`")
    if over := said.get("measure", {}).get("over"):
        for now in (duration(over) // 2, duration(over) * 2):
            hint = f"a single high value among low ones, that leaves a window of {over} but not one of {words(now)}"
            yield _put(("measure", "over"), over, words(now), hint)
    for number, name in enumerate(said["by"]):
        yield _gone(("by", number), name, f"two instances at once that differ in {name} alone")
    if "where" in said:
        yield _gone(("where",), said["where"], "an event beyond the line of which `where` is not true")
    if after := said.get("missing", {}).get("after"):
        yield _put(
            ("missing", "after"), after, words(2 * duration(after)), f"a silence of more than {after}, and its end"
        )
        yield _gone(("missing",), after, f"a silence of more than {after}, and its end")
    if "flap" in said:
        yield _gone(
            ("flap",), str(said["flap"]["most"]), f"more than {said['flap']['most']} changes in {said['flap']['per']}"
        )


def _conditions(place: tuple[str | int, ...], when: str, wait: str) -> Iterator[_Mistake]:
    shape, long = _WHEN.fullmatch(when), "" if wait == "0s" else f", for {wait}"
    if not shape:
        return
    sign, line = shape.groups()
    for now in _lines(line):
        yield _put((*place, "when"), when, f"{sign} {now}", f"a value between {line} and {now}{long}")
    if sign in _EDGE:
        yield _put((*place, "when"), when, f"{_EDGE[sign]} {line}", f"a value of exactly {line}{long}")
    yield _put((*place, "when"), when, f"{_FLIP[sign]} {line}", f"values on both sides of {line}")


def _lines(line: str) -> Iterator[str]:
    """A number 5 % higher and lower; of a longer expression each number in it, 20 %."""
    try:
        number = float(line)
    except ValueError:
        for found in _NUMBER.finditer(line):
            for share in (1.2, 0.8):
                yield f"{line[: found.start()]}{float(found[0]) * share:.15g}{line[found.end() :]}"
        return
    by = abs(number) / 20 or 1.0
    yield from (f"{number + by:.15g}", f"{number - by:.15g}")


def _waits(place: tuple[str | int, ...], wait: str, step: int | None) -> Iterator[_Mistake]:
    """Half as long, and half as long again; at least one step of the windows, between which nothing is observed."""
    span = duration(wait)
    shorter, longer = span // 2, span + (span // 2 or step or MINUTE)
    if step:
        shorter = min(shorter, (-(-span // step) - 1) * step)
        longer = max(longer, (-(-span // step) + 1) * step)
    for now in (shorter, longer):
        if 0 <= now != span:
            least, most = min(span, now), max(span, now)
            hint = f"a spell shorter than {words(most)}" + (f", of {words(least)} or more" if least else "")
            yield _put((*place, "for"), wait, words(now), hint)


def _put(path: tuple[str | int, ...], was: str, now: str, hint: str) -> _Mistake:
    def change(document: dict[str, Any]) -> None:
        _at(document, path)[path[-1]] = now

    return _name(path), was, now, hint, change


def _gone(path: tuple[str | int, ...], was: str, hint: str) -> _Mistake:
    def change(document: dict[str, Any]) -> None:
        del _at(document, path)[path[-1]]

    return _name(path), was, "", hint, change


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


def _name(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")
