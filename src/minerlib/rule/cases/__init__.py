"""Tests of rules as files next to them: events in, transitions out, what changes nothing, and mistakes to notice."""

from minerlib.rule.cases.case import Case, Perturbation, Suite, Wanted
from minerlib.rule.cases.coverage import Coverage, coverage
from minerlib.rule.cases.document import find, load
from minerlib.rule.cases.junit import junit
from minerlib.rule.cases.mutate import Mutated, Mutation, attempt, mutations
from minerlib.rule.cases.perturb import Disturbed
from minerlib.rule.cases.run import Outcome, run

__all__ = [
    "Case",
    "Coverage",
    "Disturbed",
    "Mutated",
    "Mutation",
    "Outcome",
    "Perturbation",
    "Suite",
    "Wanted",
    "attempt",
    "coverage",
    "find",
    "junit",
    "load",
    "mutations",
    "run",
]
