"""Running a case: what its rules say beside what was expected, and what disturbs that."""

from collections import Counter
from dataclasses import dataclass, field

from minerlib.rule.cases.case import Case, Wanted
from minerlib.rule.cases.compare import align, difference
from minerlib.rule.cases.fold import fold, together
from minerlib.rule.cases.perturb import Disturbed, disturb
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition


@dataclass
class Outcome:
    """What a case came to.

    `missing` was expected and did not happen, `unexpected` happened and was not expected; `diff` has a line for each
    and for what agrees; `selected` is how many events the rules evaluated, `notes` say what became of others.
    `seconds` is 0 where nobody measured.
    """

    case: Case
    transitions: list[Transition] = field(default_factory=list[Transition])
    missing: list[Wanted] = field(default_factory=list[Wanted])
    unexpected: list[Transition] = field(default_factory=list[Transition])
    diff: list[str] = field(default_factory=list[str])
    selected: int = 0
    notes: list[str] = field(default_factory=list[str])
    disturbed: list[Disturbed] = field(default_factory=list[Disturbed])
    seconds: float = 0.0

    @property
    def expected(self) -> bool:
        """Whether what was said is what was expected, perturbations aside."""
        return not self.missing and not self.unexpected

    @property
    def passed(self) -> bool:
        return self.expected and all(each.passed for each in self.disturbed)


def run(case: Case) -> Outcome:
    """Fold the rules of a case over its events, compare, then disturb the events as it says."""
    folded = {rule.name: fold(rule, case) for rule in case.rules}
    transitions = together([said for _, said in folded.values()])
    pairs = align(case.expect, transitions)
    outcome = Outcome(
        case,
        transitions,
        [wanted for wanted, found in pairs if wanted and not found],
        [found for wanted, found in pairs if found and not wanted],
        difference(pairs, case.start),
        sum(state.counts["selected"] for state, _ in folded.values()),
        [note for rule in case.rules for note in _notes(rule, folded[rule.name][0], len(case.events))],
    )
    for how in case.perturb:
        outcome.disturbed += disturb(case, how, {name: said for name, (_, said) in folded.items()})
    return outcome


def notices(case: Case, instead: Rule) -> bool:
    """Whether a case fails with another rule in the place of the one of its name."""
    rules = [instead if rule.name == instead.name else rule for rule in case.rules]
    pairs = align(case.expect, together([fold(rule, case)[1] for rule in rules]))
    return any(wanted is None or found is None for wanted, found in pairs)


def _notes(rule: Rule, state: State, events: int) -> list[str]:
    """What became of events that did not count as they stand."""
    counts = Counter(state.counts)
    if not any(counts[name] for name in ("selected", "late", "fault")):
        return [f"{rule.name} selected none of the {events} events: is the kind {rule.kind!r} right?"]
    said = {
        "late": "came more than `lateness` after their time, and were not evaluated",
        "future": "were more than `ahead` before the clock, and taken for what happened then",
        "null": "had no number to observe",
        "repeat": "were repeats",
    }
    notes = [f"{rule.name}: {counts[name]} of {events} events {words}" for name, words in said.items() if counts[name]]
    faults = state.take_faults()
    if faults:
        fault = faults[0]
        notes.append(f"{rule.name}: {counts['fault']} of {events} events were faults: `{fault.field}`: {fault.said}")
    return notes
