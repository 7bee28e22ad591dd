"""An archive in want of everything that upkeep does, and what does it: also as a process that may be killed.

keeper.py ROOT
"""

import sys
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

from minerlib.archive import Archive, seal
from minerlib.archive.retention import read_keep
from minerlib.archive.upkeep import maintain
from minerlib.errors import ArchiveError
from minerlib.event.moment import DAY, SECOND

from .made import event, write

SCOPE, KINDS, DAYS, BATCHES, SIZE = "acme.web.prod", ("cpu.usage", "old.load"), 3, 3, 40
EVENTS = DAYS * BATCHES * SIZE
NOON = 1_790_164_800 * SECOND
AT = NOON + (DAYS + 1) * DAY  # `old.load` of the first two days is too old then


def make(root: Path) -> None:
    """Three days of two kinds in many small commits; the last is not sealed yet."""
    for batch in range(DAYS * BATCHES):
        day, first = batch // BATCHES, batch * SIZE
        times = [NOON + day * DAY + (first + n) * SECOND for n in range(SIZE)]
        write(root, [event(first + n, kind=KINDS[n % 2], time=time) for n, time in enumerate(times)])
        if batch < DAYS * BATCHES - 1:
            seal(root, SCOPE)


def keep(root: Path) -> list[str]:
    """Seal and maintain; what failed."""
    failed: list[str] = []
    try:
        seal(root, SCOPE)
    except ArchiveError as error:
        failed.append(str(error))
    return failed + [each.failed for each in maintain(root, read_keep("old.#=2d"), AT) if each.failed]


def check(root: Path, done: bool) -> None:
    """No event is there twice, none is missing but those that were to expire, which may be there until it is `done`."""
    archive = Archive(root)
    found = {kind: archive.scan(kind).collect()["offset"].sort().to_list() for kind in KINDS}
    assert found["cpu.usage"] == list(range(0, EVENTS, 2))
    late = list(range(2 * BATCHES * SIZE + 1, EVENTS, 2))
    assert found["old.load"] in ([late] if done else [late, list(range(1, EVENTS, 2))]), found["old.load"]
    sealed = [DeltaTable(root / "sealed" / kind) for kind in KINDS if (root / "sealed" / kind).exists()]
    for table in sealed:
        rows = pl.scan_parquet(table.file_uris(), extra_columns="ignore").select("epoch", "offset", "part").collect()
        assert rows.n_unique() == rows.height
    if done:
        files = pl.DataFrame(sealed[0].get_add_actions(flatten=True))
        assert files["partition.date"].value_counts()["count"].to_list() == [1] * DAYS


if __name__ == "__main__":
    said = keep(Path(sys.argv[1]))
    print("\n".join(said))
    sys.exit(5 if said else 0)
