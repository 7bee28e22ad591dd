"""`minerlib query`: the archive asked in SQL."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TimeElapsedColumn

from minerlib.cli.past import archive_option
from minerlib.cli.rows import csv, json_lines, show
from minerlib.cli.shown import CONTROL
from minerlib.cli.waiting import waiting
from minerlib.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

FORMATS = ("table", "csv", "json", "parquet")
_SUFFIXES = {".csv": "csv", ".json": "json", ".ndjson": "json", ".jsonl": "json", ".parquet": "parquet"}


@click.command()
@click.argument("query", required=False)
@click.option("-f", "--file", type=click.File(), help="Read the query from a file.")
@click.option("--schema", "kind", metavar="KIND", help="The fields of a kind, instead of a query.")
@click.option("--since", help="From when: 2h (ago), 2026-11-23, or RFC 3339.")
@click.option("--until", help="Until when, written alike.")
@click.option("--scope", help="company.system.environment; * is any word.")
@archive_option
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: table, or what the name of -o says.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json: one JSON object a line.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file: all rows.")
def query(
    query: str | None,
    file: TextIOWrapper | None,
    kind: str | None,
    since: str | None,
    until: str | None,
    scope: str | None,
    archive: str | None,
    form: str | None,
    as_json: bool,
    output: Path | None,
) -> None:
    """Ask the archive in SQL, as DuckDB speaks it. QUERY may be -, which is what comes on standard input.

    Each kind is a table: disk.usage is disk_usage, or "disk.usage" in quotes, as are fields whose names hold dots. The
    table `events` has all kinds, their fields in its column `body` as JSON. A query only reads.

    \b
    Example:
      minerlib query 'select source, max(used) from disk_usage group by source' --since 2h
      minerlib query 'from cpu_usage' --since 7d -o cpu.parquet
      minerlib query --schema disk.usage
      minerlib query - --json < weekly.sql
    """
    from minerlib.archive import Archive

    form = _format(form, as_json, output)
    if sum(given is not None for given in (query, file, kind)) != 1:
        raise SettingError("Give one of a query, --file FILE and --schema KIND: minerlib query 'from cpu_usage'.")
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise SettingError("Parquet is not for a terminal: name a file with -o, or send it on with a pipe.")
    asked = Archive(archive)
    if kind is not None:
        found = asked.schema(kind, since, until, scope)
    else:
        said = sys.stdin.read() if query == "-" else file.read() if file else query or ""
        with waiting("asking", BarColumn(), TaskProgressColumn(), TimeElapsedColumn()) as told:
            found = asked.sql(said, since, until, scope, lambda percent: told(percent, 100))
    _write(found, form, output)


def _format(form: str | None, as_json: bool, output: Path | None) -> str:
    """The format that is meant."""
    if as_json and form not in (None, "json"):
        raise SettingError(f"--json and --format {form} are two formats: say one.")
    if output is None or form or as_json:
        return "json" if as_json else form or "table"
    if output.suffix.lower() not in _SUFFIXES:
        raise SettingError(f"{output} does not say its format: end it in .csv, .json or .parquet, or say --format.")
    return _SUFFIXES[output.suffix.lower()]


def _write(frame: "pl.DataFrame", form: str, output: Path | None) -> None:
    if output is None:
        if form == "table" and frame.columns == ["explain_key", "explain_value"]:  # a drawing
            click.echo("\n".join(frame["explain_value"]))
        elif form == "table":
            console = Console()
            show(frame, console if console.is_terminal else Console(width=10_000))
        elif form == "parquet":
            frame.write_parquet(sys.stdout.buffer)
        elif form == "csv":
            said = csv(frame)
            if sys.stdout.isatty():
                said = "\n".join(line.translate(CONTROL) for line in said.split("\n"))
            click.echo(said, nl=False, color=True)  # as it is: no colour of an event is ours to take away
        else:
            for line in json_lines(frame):
                click.echo(line)
        return
    try:
        if form == "parquet":
            frame.write_parquet(output)
        else:
            with output.open("w", encoding="utf-8") as out:
                if form == "table":
                    show(frame, Console(file=out, width=10_000), None)
                else:
                    out.writelines([csv(frame)] if form == "csv" else (f"{line}\n" for line in json_lines(frame)))
    except OSError as error:
        raise SettingError(f"{output} cannot be written: {error.strerror or error}.") from None
    click.echo(f"{frame.height:,} row{'s' * (frame.height != 1)} in {output}.", err=True)
