"""The archiver: every stream of the broker, exactly once, into the archive of the settings."""

from minerlib import settings
from minerlib.nodes.archiver import run_archiver
from minerlib.nodes.program import run

if __name__ == "__main__":
    run(lambda url, stop, told: run_archiver(url, settings.archive_dir(), stop, told))
