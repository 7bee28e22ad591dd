"""Disturbing the events of a case: where the input is cut, who crashes, what arrives when, twice, by a wrong clock.

None of it is to change what a rule says, unless the case says so.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from minerlib.event import Event
from minerlib.event.moment import words
from minerlib.rule.cases.case import Case, Perturbation
from minerlib.rule.cases.compare import changes
from minerlib.rule.cases.fold import fold, fresh
from minerlib.rule.evaluate import evaluate
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition

_PLACES = 50  # to cut or crash at, where none is named
_SHUFFLES = 5
_SHOWN = 12  # lines of a difference


@dataclass(frozen=True)
class Disturbed:
    """What a perturbation came to; `said` says what is wrong, and is empty where nothing is."""

    name: str
    said: str = ""

    @property
    def passed(self) -> bool:
        return not self.said


class Run(NamedTuple):
    """A disturbed run: its name, what changed in it, a line each."""

    name: str
    changed: list[str]


def disturb(case: Case, how: Perturbation, said: Mapping[str, list[Transition]]) -> list[Disturbed]:
    """Disturb a case one way; `said` is what each of its rules says of the events as they are."""
    found: list[Disturbed] = []
    name = how.kind if how.at is None else f"{how.kind} {how.at}"
    if how.span is not None:
        name += f" {'-' if how.span < 0 else ''}{words(abs(how.span))}"
    runs = [run for rule in case.rules for run in _RUNS[how.kind](case, rule, how, said[rule.name])]
    changed = next((run for run in runs if run.changed), None)
    if how.changed:
        found.append(
            Disturbed(name, "" if changed else f"{name} was expected to change something, and changed nothing")
        )
    elif changed:
        lines = changed.changed[:_SHOWN] + ["..."] * (len(changed.changed) > _SHOWN)
        found.append(Disturbed(name, "\n".join([f"{changed.name} changed what is said:", *lines])))
    else:
        found.append(Disturbed(name))
    return found


def _cuts(case: Case, rule: Rule, how: Perturbation, said: list[Transition]) -> Iterator[Run]:
    """Each place in turn, then all at once; the state is stored and read again between."""
    places = _places(case, how)
    for cuts in [*([place] for place in places), *([places] if len(places) > 1 else [])]:
        state, found, at = fresh(case), list[Transition](), 0
        for end in cuts:
            state, more = evaluate(rule, state, case.events[at:end])
            state, found, at = State.from_bytes(state.to_bytes()), found + more, end
        found += evaluate(rule, state, case.events[at:], case.until)[1]
        where = f"behind event {cuts[0]}" if len(cuts) == 1 else f"at all of {len(cuts)} places"
        yield Run(f"cut_at ({where})", changes(said, found, case.start))


def _crashes(case: Case, rule: Rule, how: Perturbation, said: list[Transition]) -> Iterator[Run]:
    """Each place in turn: what was said since a state stored half way there is said again, alike, and no more."""
    for place in _places(case, how):
        state, before = evaluate(rule, fresh(case), case.events[: place // 2])
        stored = state.to_bytes()
        lost = evaluate(rule, state, case.events[place // 2 : place])[1]
        again = evaluate(rule, State.from_bytes(stored), case.events[place // 2 :], case.until)[1]
        known = {each.id for each in lost}
        published = before + lost + [each for each in again if each.id not in known]
        name = f"crash_at (behind event {place}, state from behind event {place // 2})"
        yield Run(name, changes(lost, again[: len(lost)], case.start) or changes(said, published, case.start))


def _shuffles(case: Case, rule: Rule, how: Perturbation, said: list[Transition]) -> Iterator[Run]:
    """Events in time arrive up to `lateness` after their time, each by itself; those of one time keep their order."""
    within = rule.lateness if how.span is None else how.span
    seeds = range(_SHUFFLES) if how.seed is None else [how.seed]
    for seed in seeds:
        chance = random.Random(seed)
        delays: dict[int, int] = {}
        arriving: list[Event] = []
        for each in case.events:
            if _punctual(rule, each) and not each.repeat:
                delay = delays.setdefault(each.time, chance.randint(0, within))
                seen = min(each.time + delay, max(case.until, each.seen))
                each = msgspec.structs.replace(each, seen=seen)
            arriving.append(each)
        arriving.sort(key=lambda each: each.seen)
        found, state = list[Transition](), fresh(case)
        for number, each in enumerate(arriving):
            state, more = evaluate(rule, state, [msgspec.structs.replace(each, offset=2 * number)])
            found += more
        found += evaluate(rule, state, [], case.until)[1]
        yield Run(f"shuffle_within {words(within)} (seed {seed})", changes(_apart(said), _apart(found), case.start))


def _repeats(case: Case, rule: Rule, how: Perturbation, said: list[Transition]) -> Iterator[Run]:
    """Each event is said once more by its publisher, right behind."""
    twice = [
        msgspec.structs.replace(each, offset=each.offset + more, repeat=each.repeat or more > 0)
        for each in case.events
        for more in (0, 1)
    ]
    yield Run("repeat", changes(said, fold(rule, case, twice)[1], case.start))


def _skews(case: Case, rule: Rule, how: Perturbation, said: list[Transition]) -> Iterator[Run]:
    """The clocks of all producers are wrong by so much, or by half of what is left until events are late or ahead."""
    spans = [how.span] if how.span is not None else [span for span in _room(case, rule) if span]
    for span in spans:
        shifted = [msgspec.structs.replace(each, time=each.time + span) for each in case.events]
        found = evaluate(rule, fresh(case), shifted, case.until + span)[1]
        name = f"skew {'-' if span < 0 else ''}{words(abs(span))}"
        yield Run(name, [] if _turns(said) == _turns(found) else changes(said, found, case.start))


def _places(case: Case, how: Perturbation) -> list[int]:
    """Numbers of events behind which the input may be parted, evenly spread where they are many."""
    if how.at is not None:
        return [how.at]
    places = range(1, len(case.events))
    return [places[at * len(places) // _PLACES] for at in range(_PLACES)] if len(places) > _PLACES else list(places)


def _punctual(rule: Rule, event: Event) -> bool:
    return event.seen - rule.lateness <= event.time <= event.seen + rule.ahead


def _room(case: Case, rule: Rule) -> tuple[int, int]:
    """How far clocks may be behind, and ahead, so that no event in time becomes late or of the future."""
    here = [each for each in case.events if _punctual(rule, each)]
    behind = min((rule.lateness - (each.seen - each.time) for each in here), default=0)
    ahead = min((rule.ahead - (each.time - each.seen) for each in here), default=0)
    return -(min(behind, rule.lateness) // 2), min(ahead, rule.ahead, rule.lateness or ahead) // 2


def _apart(said: Iterable[Transition]) -> list[Transition]:
    """Without what depends on the order of arrival: positions and numbers; instance by instance."""
    plain = [msgspec.structs.replace(each, positions=[], number=0) for each in said]
    return sorted(plain, key=lambda each: (json.dumps(list(each.instance.values())), each.due, each.ordinal))


def _turns(said: Iterable[Transition]) -> dict[str, list[tuple[str, str]]]:
    """What is said of each instance, one after the other, whenever it is."""
    turns: dict[str, list[tuple[str, str]]] = {}
    for each in said:
        turns.setdefault(json.dumps(each.instance), []).append((each.what, each.severity))
    return turns


_RUNS: dict[str, Callable[[Case, Rule, Perturbation, list[Transition]], Iterator[Run]]] = {
    "cut_at": _cuts, "crash_at": _crashes, "shuffle_within": _shuffles, "repeat": _repeats, "skew": _skews,
}  # fmt: skip
