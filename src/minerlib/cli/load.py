"""`minerlib load`: old files into the archive."""

import json
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn

from minerlib.cli.waiting import waiting
from minerlib.event.moment import rfc3339

if TYPE_CHECKING:
    from minerlib.archive.load import Loaded


@click.command()
@click.argument("file", type=click.Path())
@click.option("--kind", required=True, help="The kind of the events, for example cpu.usage.")
@click.option("--source", help="What they are about, for example web-1.")
@click.option("--source-column", help="The column that says what each row is about, instead.")
@click.option("--scope", default="local.lab.dev", show_default=True, help="company.system.environment.")
@click.option("--time", "column", help="The column of times, where several might be it.")
@click.option("--archive", help="The archive; default MINERLIB_ARCHIVE, else ./archive.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of words.")
def load(
    file: str,
    kind: str,
    source: str | None,
    source_column: str | None,
    scope: str,
    column: str | None,
    archive: str | None,
    as_json: bool,
) -> None:
    """Take a CSV, NDJSON or Parquet FILE with old times into the archive.

    Each row becomes an event, each column a field. Times may be written like 2026-11-23T04:00:00Z (without a zone they
    are UTC), or as seconds, milli-, micro- or nanoseconds since 1970. Loading a file twice does no harm.

    \b
    Example:
      minerlib load cpu.csv --kind cpu.usage --source web-1 --scope acme.web.prod
      minerlib load disks.ndjson --kind disk.usage --source-column host --time '@timestamp'
    """
    from minerlib.archive import load as load_rows

    with waiting(f"loading {file}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as told:
        done = load_rows(file, kind, source, scope, column, archive, told, source_column)
    if as_json:
        click.echo(json.dumps(_fields(done)))
        return
    words = f"{done.events:,} events of {kind} in {scope}, {_short(done.first)} to {_short(done.last)}"
    if done.added == 0:
        click.echo(f"Already there: {words}. 0 added.")
    else:
        click.echo(f"Loaded {words}; {done.added:,} added.")
    click.echo(f"Times are the column {done.column}: {done.written}.")
    if done.unread:
        which = ", ".join(map(str, done.lines)) + (", ..." if done.unread > len(done.lines) else "")
        said = "has no time that can be read, or is no row" if done.unread == 1 else "have no time, or are no rows"
        click.echo(f"Left out: {done.unread:,} {done.place}{'s' * (done.unread > 1)} that {said}: {which}.", err=True)


def _fields(done: "Loaded") -> dict[str, object]:
    found: dict[str, object] = done._asdict()
    return {
        **found,
        "stream": done.stream._asdict(),
        "first": rfc3339(done.first),
        "last": rfc3339(done.last),
    }


def _short(moment: int) -> str:
    return rfc3339(moment).replace(".000000", "")
