"""What the commands about the past have in common: the archive, the range, a bar while a long one is folded."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import SpinnerColumn, TimeElapsedColumn

from minerlib.cli.waiting import waiting
from minerlib.errors import ArchiveError
from minerlib.event.moment import rfc3339

if TYPE_CHECKING:
    from minerlib.archive import Archive
    from minerlib.rule import Rule
    from minerlib.rule.fold import Progress

archive_option = click.option("--archive", help="The archive; default MINERLIB_ARCHIVE, else ./archive.")
since_option = click.option("--since", help="From when: 30d (before the newest event), 2026-11-23, or RFC 3339.")
until_option = click.option("--until", help="Until when, written alike.")
file_type = click.Path(exists=True, dir_okay=False, path_type=Path)


def json_option(what: str) -> Callable[[Any], Any]:
    return click.option("--json", "as_json", is_flag=True, help=f"JSON instead of {what}.")


def open_archive(path: str | None, *rules: "Rule") -> "Archive":
    """The archive. Raises ArchiveError where it has no stream that a rule is about."""
    from minerlib.archive import Archive

    archive = Archive(path)
    there = archive.streams("*.*.*")
    if not there:
        raise ArchiveError(
            f"No event is in {archive.path} yet: minerlib up archives what happens, minerlib load takes files."
        )
    for rule in rules:
        if not archive.streams(rule.scope):
            known = ", ".join(sorted({stream.scope for stream in there})[:8])
            raise ArchiveError(
                f"{rule.name} is about {rule.scope}, of which {archive.path} has nothing: it has {known}."
            )
    return archive


@contextmanager
def following(what: str) -> "Generator[Progress]":
    """A line on stderr where it takes longer than one waits without asking: events folded, the moment reached."""
    with waiting(what, SpinnerColumn(), TimeElapsedColumn()) as told:
        yield lambda folded, clock: told(
            said=f"{what}: {folded:,} events, up to {rfc3339(clock)[:16].replace('T', ' ')}"
        )
