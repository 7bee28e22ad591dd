"""`minerlib rules check`: what is wrong with a rule file, before anybody exports it."""

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from minerlib.cli.past import archive_option, json_option
from minerlib.errors import RuleError
from minerlib.event import kind_matches
from minerlib.rule import Rule, State, evaluate
from minerlib.rule.fields import unknown_fields

if TYPE_CHECKING:
    from minerlib.archive import Archive


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@archive_option
@json_option("lines")
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], archive: str | None, as_json: bool) -> None:
    """Read the rules in FILES and say every fault of each, with file, line and what to write instead.

    With --archive there are warnings, too: fields that no event has, rules that select no event. The exit code is 1
    where a file has a fault.

    \b
    Example:
      minerlib rules check rules/*.yaml
      minerlib rules check disk-filling.yaml --archive archive
    """
    past = _open(archive)
    found = [_checked(file, past) for file in files]
    if as_json:
        click.echo(json.dumps({"files": found}))
    else:
        for each in found:
            for said in [*each["faults"], *each["warnings"]]:
                click.echo(said)
        _sum_up(found)
    context.exit(int(any(each["faults"] for each in found)))


def _open(archive: str | None) -> "Archive | None":
    if archive is None:
        return None
    from minerlib.archive import Archive

    return Archive(archive)


def _checked(file: Path, past: "Archive | None") -> dict[str, Any]:
    try:
        rule = Rule.load(file)
    except RuleError as error:
        return {"file": str(file), "rule": None, "fingerprint": None, "faults": error.faults, "warnings": []}
    warnings = [f"{file}: warning: {said}" for said in _warnings(rule, past)] if past else []
    return {
        "file": str(file), "rule": rule.name, "fingerprint": rule.fingerprint, "faults": list[str](),
        "warnings": warnings,
    }  # fmt: skip


def _warnings(rule: Rule, past: "Archive") -> list[str]:
    """What looks wrong beside the archive."""
    streams = past.streams(rule.scope)
    if not streams:
        there = ", ".join(sorted({stream.scope for stream in past.streams("*.*.*")})[:8]) or "nothing"
        return [f"{past.path} has nothing of {rule.scope}; it has {there}."]
    kinds = [kind for kind in past.kinds()["kind"] if kind_matches(rule.kind, kind)]
    if not kinds:
        return [f"it selects no event of {past.path}: no kind there is {rule.kind!r}{_near(rule, past)}"]
    return [*_fields(rule, past), *_selects(rule, past)]


def _near(rule: Rule, past: "Archive") -> str:
    kinds = [str(kind) for kind in past.kinds()["kind"]]
    near = difflib.get_close_matches(rule.kind, kinds, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(kinds[:8])}."


def _fields(rule: Rule, past: "Archive") -> list[str]:
    """The fields that the rule reads and no event has."""
    unknown = unknown_fields(rule, past.schema(rule.kind)["field"])
    return [
        f"it reads the field {name!r}, which no event of {rule.kind} has{f'; did you mean {near}?' if near else '.'}"
        for name, near in unknown.items()
    ]


def _selects(rule: Rule, past: "Archive") -> list[str]:
    """Whether it is about anything at all: read up to the first event that it selects."""
    for stream in past.streams(rule.scope):
        state = State.fresh(*stream)
        for events in past.events(stream, rule.kind):
            state, _ = evaluate(rule, state, events)
            if state.counts["selected"] or state.counts["late"]:
                return []
    where = f": its where {str(rule.where)!r} is true of none of them." if rule.where else "; none of it can be read."
    return [f"it selects no event of {past.path}, which has {rule.kind}{where}"]


def _sum_up(found: list[dict[str, Any]]) -> None:
    faults = sum(len(each["faults"]) for each in found)
    warnings = sum(len(each["warnings"]) for each in found)
    rules = sum(not each["faults"] for each in found)
    said = (
        f"{rules} of {len(found)} files are rules" if len(found) > 1 else "It is a rule" if rules else "It is no rule"
    )
    more = [
        f"{number} {thing}{'s' * (number > 1)}"
        for number, thing in ((faults, "fault"), (warnings, "warning"))
        if number
    ]
    click.echo(f"{said}{': ' if more else ''}{', '.join(more)}.")
