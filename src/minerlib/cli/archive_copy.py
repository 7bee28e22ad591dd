"""`minerlib archive copy`: a whole copy of the archive."""

import json
import time
from pathlib import Path

import click
from rich import filesize
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from minerlib.cli.past import archive_option, json_option

_PATIENCE = 2.0  # seconds of silence that need no explanation


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

    begun = time.monotonic()
    bar = Progress(
        TextColumn("copying"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = bar.add_task("", total=None)

    def told(done: int, size: int) -> None:
        bar.update(task, completed=done, total=size)
        if done < size and time.monotonic() - begun > _PATIENCE:
            bar.start()

    path = Archive(archive).path
    try:
        size = copy_archive(path, to, told)
    finally:
        if bar.live.is_started:
            bar.stop()
    if as_json:
        click.echo(json.dumps({"archive": str(path), "to": str(to), "bytes": size}))
    else:
        click.echo(f"Copied {path} to {to}: {filesize.decimal(size)}.")
