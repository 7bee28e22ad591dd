"""`minerlib archive maintain`: the upkeep that the archiver does by itself, now."""

import json
import sys

import click
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn

from minerlib.cli.past import archive_option, json_option
from minerlib.cli.waiting import waiting


@click.command()
@click.option("--keep", help="How long which kinds are kept, as in 'tick=7d log.#=90d'; default MINERLIB_KEEP.")
@archive_option
@json_option("words")
def maintain(keep: str | None, archive: str | None, as_json: bool) -> None:
    """Bring catalog.db up to date, let go what is older than its kind is kept, merge small files, remove old ones.

    It does no harm at any time, also while the archiver runs, which does it every ten minutes. Ends with 5 where
    something of it failed.

    \b
    Example:
      minerlib archive maintain
      minerlib archive maintain --keep 'tick=7d log.#=90d'
    """
    from minerlib import settings
    from minerlib.archive import Archive
    from minerlib.archive.retention import read_keep
    from minerlib.archive.upkeep import maintain as maintain_archive
    from minerlib.errors import ArchiveError
    from minerlib.event.moment import now

    keeps = read_keep(settings.keep() if keep is None else keep)
    path = Archive(archive).path
    with waiting("looking at the archive", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as told:
        found = maintain_archive(path, keeps, now(), lambda what, done, rows: told(done, rows, what))
    if as_json:
        click.echo(json.dumps([each._asdict() for each in found]))
    else:
        for each in found:
            done = [
                f"{each.expired:,} events were old enough to go" if each.expired else "",
                f"{each.merged:,} files merged" if each.merged else "",
                f"{each.removed:,} old files removed" if each.removed else "",
            ]
            if any(done):
                click.echo(f"{each.kind}: {', '.join(filter(None, done))}")
        if not any(each.expired or each.merged or each.removed or each.failed for each in found):
            click.echo("All is in order: nothing to merge, nothing to let go.")
    for each in found:
        if each.failed:
            click.echo(each.failed, err=True)
    sys.exit(ArchiveError.exit_code if any(each.failed for each in found) else 0)
