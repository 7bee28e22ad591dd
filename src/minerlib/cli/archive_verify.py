"""`minerlib archive verify`: whether the archive is whole, and its repair."""

import json
import sys
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn

from minerlib.cli.past import archive_option, json_option
from minerlib.cli.shown import CONTROL
from minerlib.cli.waiting import waiting

if TYPE_CHECKING:
    from minerlib.archive.check.finding import Finding
    from minerlib.archive.mend.fill import Fetch
    from minerlib.archive.mend.restore import Outcome


@click.command()
@click.option("--deep", is_flag=True, help="Read every page of every file.")
@click.option("--repair", is_flag=True, help="Put aside what is broken, and have again what it held.")
@archive_option
@json_option("words")
def verify(deep: bool, repair: bool, archive: str | None, as_json: bool) -> None:
    """Look whether files, logs and hashes are as they were written, and each offset of each stream is there once.

    It only reads, also while the archive is written. With --repair, which wants the archiver stopped, broken files go
    to quarantine/ in the archive, and their events come from SQLite, or from the stream where the broker still has
    them; what nobody has any more is said. Ends with 5 where something is broken, and still is.

    \b
    Example:
      minerlib archive verify
      minerlib archive verify --deep --json
      minerlib archive verify --repair
    """
    from minerlib.archive import Archive
    from minerlib.archive.check.verify import verify as verify_archive
    from minerlib.archive.mend.repair import repair as repair_archive
    from minerlib.errors import ArchiveError
    from minerlib.event.moment import now

    path = Archive(archive).path
    done: list[Outcome] = []
    with waiting("looking at the archive", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as told:
        found = verify_archive(path, deep, told)
        if repair and any(each.broken for each in found):
            done = repair_archive(path, found, now(), _fetch(), told)
            first, found = found, verify_archive(path, deep, told)
            _say(first, as_json)
    wrong = [each for each in found if each.broken]
    if as_json:
        sides = {"findings": [each._asdict() for each in found], "repairs": [each._asdict() for each in done]}
        click.echo(json.dumps({"archive": str(path), "whole": not wrong, **sides}))
    else:
        for each in done:
            click.echo(f"{each.where}: {each.what}.".translate(CONTROL))
        _say(found, as_json)
        if not wrong:
            click.echo(f"{path} is whole.")
    sys.exit(ArchiveError.exit_code if wrong else 0)


def _say(found: "list[Finding]", as_json: bool) -> None:
    for each in [] if as_json else found:
        click.echo(f"{each.where}: {each.what}. {each.remedy}.".translate(CONTROL))


def _fetch() -> "Fetch | None":
    """What asks the streams; None where no broker runs and none was named."""
    from minerlib.bus.broker import running_url
    from minerlib.nodes.refill import refill

    url = running_url()
    return refill(url) if url else None
