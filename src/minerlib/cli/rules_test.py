"""`minerlib rules test`: the test files of rules."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn

from minerlib.cli.waiting import waiting
from minerlib.errors import RuleError
from minerlib.event.moment import rfc3339
from minerlib.rule import Rule
from minerlib.rule.cases import Coverage, Mutated, Outcome, Suite, attempt, coverage, find, junit, load, mutations, run

_BAR = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
_path = click.Path(exists=True, path_type=Path)


@click.command("test")
@click.argument("paths", nargs=-1, type=_path)
@click.option("--junit", "xml", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML to this file.")
@click.option("--mutate", is_flag=True, help="Make small mistakes in the rules, and say which no test notices.")
@click.option("--strict", is_flag=True, help="With --mutate: fail where a mistake is not noticed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def rules_test(paths: tuple[Path, ...], xml: Path | None, mutate: bool, strict: bool, as_json: bool) -> None:
    """Run test files: events in, the complete list of what the rule says out.

    PATHS are test files (disk-filling.test.yaml, beside disk-filling.yaml), or folders to look for them in; default
    is the current folder. Ends with 1 where a case fails, with 6 where a file has a fault.

    \b
    Example:
      minerlib rules test
      minerlib rules test rules/ --mutate --junit rules.xml
    """
    if strict and not mutate:
        raise click.UsageError("--strict is about what --mutate finds: give both.")
    try:
        suites = _load(paths or (Path(),))
    except RuleError as error:
        _write(xml, junit({}, error.faults))
        raise
    cases = [(suite, case) for suite in suites for case in suite.cases]
    outcomes: dict[Path, list[Outcome]] = {suite.file: [] for suite in suites}
    with waiting("cases", *_BAR) as told:
        for done, (suite, case) in enumerate(cases, 1):
            begun = time.perf_counter()
            outcome = replace(run(case), seconds=time.perf_counter() - begun)
            outcomes[suite.file].append(outcome)
            if not as_json:
                _tell(outcome)
            told(done, len(cases))
    every = [outcome for found in outcomes.values() for outcome in found]
    passed = all(outcome.passed for outcome in every)
    covered = _covered(suites, every)
    mutated = _mutate(suites) if mutate and passed else None
    _write(xml, junit(outcomes))
    if as_json:
        click.echo(json.dumps(_json(passed, every, covered, mutated)))
    else:
        _summary(every, covered, mutated, mutate)
    if not passed or (strict and any(not each.noticed for each in mutated or [])):
        raise click.exceptions.Exit(1)


def _load(paths: Sequence[Path]) -> list[Suite]:
    """All test files, each once; the faults of all of them together."""
    suites: list[Suite] = []
    faults: list[str] = []
    for file in dict.fromkeys(file for path in paths for file in find(path)):
        try:
            suites.append(load(file))
        except RuleError as error:
            faults += error.faults
    if faults:
        raise RuleError(list(dict.fromkeys(faults)))
    return suites


def _write(file: Path | None, xml: bytes) -> None:
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(xml)


def _covered(suites: Sequence[Suite], every: Sequence[Outcome]) -> list[Coverage]:
    rules = {rule.fingerprint: rule for suite in suites for rule in suite.rules}
    said = [each for outcome in every for each in outcome.transitions]
    return [coverage(rule, [each for each in said if each.fingerprint == key]) for key, rule in rules.items()]


def _mutate(suites: Sequence[Suite]) -> list[Mutated]:
    """Every mistake in every rule, before all cases of all files that are about it."""
    rules: dict[str, Rule] = {rule.fingerprint: rule for suite in suites for rule in suite.rules}
    tries = [(rule, mutation) for rule in rules.values() for mutation in mutations(rule)]
    found: list[Mutated] = []
    with waiting("mutations", *_BAR) as told:
        for done, (rule, mutation) in enumerate(tries, 1):
            about = [c for s in suites for c in s.cases if any(r.fingerprint == rule.fingerprint for r in s.rules)]
            found.append(attempt(rule, mutation, about))
            told(done, len(tries))
    return found


def _tell(outcome: Outcome) -> None:
    """A line for a case, and below it what is wrong."""
    case = outcome.case
    name = f"{case.file}:{case.line} {case.name}"
    if outcome.passed:
        more = [each.name for each in outcome.disturbed] + ["no event selected"] * (not outcome.selected)
        said = click.style(f"  ({', '.join(more)})", dim=True) if more else ""
        click.echo(click.style("ok   ", fg="green") + name + said)
        return
    click.echo(click.style("FAIL ", fg="red", bold=True) + name)
    if not outcome.expected:
        colours = {"-": "red", "+": "green"}
        for line in outcome.diff:
            click.echo("       " + click.style(line, fg=colours.get(line[0])))
        for note in outcome.notes:
            click.echo(f"       ({note})")
    for each in outcome.disturbed:
        for number, line in enumerate(each.said.splitlines()):
            click.echo(("       " if number == 0 else "         ") + line)


def _summary(
    every: Sequence[Outcome], covered: Sequence[Coverage], mutated: Sequence[Mutated] | None, mutate: bool
) -> None:
    failed = sum(not outcome.passed for outcome in every)
    click.echo()
    for each in covered:
        click.echo(str(each))
    for rule in dict.fromkeys(each.rule.fingerprint for each in mutated or []):
        tried = [each for each in mutated or [] if each.rule.fingerprint == rule]
        noticed = sum(each.noticed is not None for each in tried)
        click.echo(f"{tried[0].rule.name}: {noticed} of {len(tried)} mutations noticed ({noticed / len(tried):.0%})")
        for each in tried:
            if not each.noticed:
                click.echo(click.style(f"  no test noticed: {each.mutation}", fg="yellow"))
                click.echo(click.style(f"    would show it: {each.mutation.hint}", dim=True))
    if mutate and mutated is None:
        click.echo("Nothing was mutated: a mistake can only be noticed by cases that pass.")
    count = f"{len(every)} case" + "s" * (len(every) != 1)
    click.echo(f"{count}: " + (click.style(f"{failed} failed", fg="red", bold=True) if failed else "all pass"))


def _json(
    passed: bool, every: Sequence[Outcome], covered: Sequence[Coverage], mutated: Sequence[Mutated] | None
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "passed": passed,
        "cases": [
            {
                "file": outcome.case.file, "line": outcome.case.line, "case": outcome.case.name,
                "passed": outcome.passed, "seconds": outcome.seconds, "events": len(outcome.case.events),
                "start": rfc3339(outcome.case.start), "until": rfc3339(outcome.case.until),
                "missing": [wanted.line for wanted in outcome.missing],
                "unexpected": [each.body() for each in outcome.unexpected],
                "diff": outcome.diff, "notes": outcome.notes,
                "perturbations": [
                    {"perturbation": each.name, "passed": each.passed, "said": each.said} for each in outcome.disturbed
                ],
            }
            for outcome in every
        ],
        "coverage": [{"rule": rule.name, "happened": happened, "never": never} for rule, happened, never in covered],
    }  # fmt: skip
    if mutated is not None:
        found["mutations"] = [
            {
                "rule": rule.name, "where": mutation.where, "was": mutation.was, "now": mutation.now or None,
                "hint": mutation.hint, "noticed": noticed and f"{noticed.file}:{noticed.line} {noticed.name}",
            }
            for rule, mutation, noticed in mutated
        ]  # fmt: skip
    return found
