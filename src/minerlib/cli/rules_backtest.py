"""`minerlib rules backtest`: what a rule would have said of the past."""

import csv
import json
from pathlib import Path
from typing import Any

import click

from minerlib.cli.past import (
    archive_option,
    file_type,
    following,
    json_option,
    open_archive,
    since_option,
    until_option,
)
from minerlib.errors import SettingError
from minerlib.rule import Rule
from minerlib.rule import backtest as fold


@click.command()
@click.argument("file", type=file_type)
@since_option
@until_option
@click.option("--labels", type=file_type, help="Incidents as CSV: begin, end, and fields that the rule is by.")
@archive_option
@json_option("text")
def backtest(
    file: Path, since: str | None, until: str | None, labels: Path | None, archive: str | None, as_json: bool
) -> None:
    """Fold the rule in FILE over the archive: its alerts, when, how many a day, what never happened.

    With --labels it says which incidents it would have caught, how soon, which it would have missed, and how many
    alerts were false. A row without a value in a field is about every instance.

    \b
    Example:
      minerlib rules backtest disk-filling.yaml --since 30d
      minerlib rules backtest disk-filling.yaml --since 2026-10-01 --labels incidents.csv --json
    """
    rule = Rule.load(file)
    incidents = None if labels is None else _read(labels)
    history = open_archive(archive, rule)
    with following(rule.name) as progress:
        found = fold(rule, history, since, until, incidents, progress)
    click.echo(json.dumps(found.to_dict()) if as_json else str(found))


def _read(file: Path) -> list[dict[str, Any]]:
    with file.open(newline="", encoding="utf-8-sig") as text:
        try:
            rows = list(csv.DictReader(text, strict=True))
        except (csv.Error, UnicodeDecodeError) as reason:
            raise SettingError(f"{file} is no CSV of incidents: {reason}.") from None
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise SettingError(f"{file}:{number}: a row has as many values as the first line has names.")
    if rows and not {"begin", "end"} <= set(rows[0]):
        raise SettingError(f"{file}:1: the columns begin and end are needed; it has {', '.join(rows[0])}.")
    return rows
