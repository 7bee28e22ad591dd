"""The archiver: every stream of the broker, exactly once, into the archive of the settings."""

from minerlib import settings
from minerlib.nodes.archiver import run_archiver
from minerlib.nodes.program import options, run

if __name__ == "__main__":
    options("archive", __doc__).parse_args()
    run(lambda url, stop, told: run_archiver(url, settings.archive_dir(), stop, told))
