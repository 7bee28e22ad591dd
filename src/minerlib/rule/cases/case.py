"""A test of a rule, as data: events in, the complete list of transitions out, and what must not change that."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from minerlib.event import Event
from minerlib.rule.rule import Rule
from minerlib.rule.transition import Transition

Kind = Literal["cut_at", "crash_at", "shuffle_within", "repeat", "skew"]


@dataclass(frozen=True)
class Wanted:
    """A transition that a case expects, in the fields that it names; `at`, microseconds since 1970, is its `due`."""

    said: Mapping[str, Any]
    line: int = 1

    def differs(self, found: Transition) -> list[str]:
        """The names of the fields in which a transition is another; none where it is the one that is wanted."""
        return [name for name, wanted in self.said.items() if not _same(name, wanted, found)]


@dataclass(frozen=True)
class Perturbation:
    """What is done to the events of a case, and whether that is expected to change what the rule says.

    `at` is a number of events, `span` microseconds (of `skew`, below 0 where the clock is behind), `seed` of a shuffle;
    None means several that suit the case.
    """

    kind: Kind
    at: int | None = None
    span: int | None = None
    seed: int | None = None
    changed: bool = False


@dataclass(frozen=True)
class Case:
    """Events of one stream, in its order, and what the rules are to say of them. Times are microseconds since 1970.

    `start` is the moment that the times of the file count from, `until` where the stream's clock ends.
    """

    name: str
    file: str
    line: int
    rules: tuple[Rule, ...]
    scope: str
    start: int
    until: int
    events: tuple[Event, ...]
    expect: tuple[Wanted, ...]
    perturb: tuple[Perturbation, ...] = ()


@dataclass(frozen=True)
class Suite:
    """A test file: its rules, and its cases in order."""

    file: Path
    rules: tuple[Rule, ...]
    cases: tuple[Case, ...]


def _same(name: str, wanted: Any, found: Transition) -> bool:
    if name == "at":
        return wanted == found.due
    if name == "instance":
        instance = found.instance
        return all(key in instance and instance[key] == value for key, value in wanted.items()) and (
            bool(wanted) or not instance
        )
    is_ = getattr(found, name)
    if name in ("value", "threshold") and is_ is not None and wanted is not None:
        return math.isclose(is_, wanted, rel_tol=1e-9, abs_tol=1e-12)
    return is_ == wanted
