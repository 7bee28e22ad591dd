"""Which file is broken, where an engine says only that something is."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from minerlib.archive.snapshot import Snapshot
from minerlib.archive.whole import UNREADABLE, broken, page_fault
from minerlib.errors import ArchiveBroken


@contextmanager
def blaming(root: Path, wanted: Callable[[str], bool], scope: str | None = None) -> Generator[None]:
    """Raises ArchiveBroken, which names the file, where Polars fails on sealed files of the kinds that are `wanted`."""
    try:
        yield
    except UNREADABLE:
        snapshot = Snapshot(root, wanted, scope)
        if found := first_broken(path for kind in snapshot.kinds for path in snapshot.paths(kind)):
            raise found from None
        raise


def first_broken(paths: Iterable[str]) -> ArchiveBroken | None:
    """The first file that cannot be read whole."""
    return next((broken(path, fault) for path in paths if (fault := page_fault(path))), None)
