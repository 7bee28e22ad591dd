"""`minerlib archive`: the verbs about the archive as a whole."""

import click

from minerlib.cli.verbs import Group

VERBS = {
    "status": ("archive_status", "status", "What is there, how large, how far."),
    "maintain": (
        "archive_maintain",
        "maintain",
        "The upkeep that the archiver does by itself, now.",
    ),
    "verify": ("archive_verify", "verify", "Whether all of it is whole; repair what is not."),
    "copy": ("archive_copy", "copy", "A whole copy, also while it is written."),
}


class Archive(Group):
    """The verbs about the archive."""

    verbs = VERBS


@click.group(cls=Archive)
def archive() -> None:
    """How the archive stands; keep it in order, verify, repair, copy it.

    \b
    Example:
      minerlib archive status
      minerlib archive maintain --keep 'log.#=90d'
      minerlib archive verify --repair
      minerlib archive copy /backup/archive
    """
