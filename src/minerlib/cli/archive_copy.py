"""`minerlib archive copy`: a whole copy of the archive."""

import json
from pathlib import Path

import click
from rich import filesize
from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn

from minerlib.cli.past import archive_option, json_option
from minerlib.cli.waiting import waiting


@click.command()
@click.argument("to", type=click.Path(path_type=Path))
@archive_option
@json_option("words")
def copy(to: Path, archive: str | None, as_json: bool) -> None:
    """Copy the archive into the folder TO, which is new or empty; also while it is written.

    The copy is an archive like any other: read it with --archive TO, or let an archiver go on with it.

    \b
    Example:
      minerlib archive copy /backup/archive-2026-11-23
    """
    from minerlib.archive import Archive
    from minerlib.archive.copy import copy as copy_archive

    path = Archive(archive).path
    with waiting("copying", BarColumn(), DownloadColumn(), TimeRemainingColumn()) as told:
        size = copy_archive(path, to, told)
    if as_json:
        click.echo(json.dumps({"archive": str(path), "to": str(to), "bytes": size}))
    else:
        click.echo(f"Copied {path} to {to}: {filesize.decimal(size)}.")
