"""A Delta table without its broken files, and a log made anew from files.

A new log takes whole files, the largest first, as long as none of their events is there yet; of a file of which some
are, the others are written to a new one. So what was merged counts once, whichever of both is left.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from minerlib.archive.columns import EVENT, Dtype
from minerlib.archive.compact import KEY
from minerlib.archive.files import add_action, write_file
from minerlib.archive.mend.log import Log, read_log
from minerlib.archive.mend.quarantine import Quarantine
from minerlib.archive.places import kind_dir, on_this_disk
from minerlib.archive.runs import file_of, new_run
from minerlib.archive.sealed import create, open_table, read
from minerlib.archive.whole import page_fault
from minerlib.errors import ArchiveError
from minerlib.event.moment import now

_TRIES = 20
_KEYS = {name: EVENT[name] for name in KEY}


def drop_files(root: Path, kind: str, paths: Sequence[str], aside: Quarantine) -> None:
    """Take files out of a table's log, in one commit, and put them aside. Raises ArchiveError."""
    place = on_this_disk(kind_dir(root, kind))
    for _ in range(_TRIES):
        table = open_table(root, kind)
        if table is None:
            return
        said = pl.DataFrame(table.get_add_actions(flatten=True)).select("path", "size_bytes", "partition.date")
        old = [
            RemoveAction(path, True, now() // 1000, size=size, partition_values={"date": str(day)})
            for path, size, day in said.rows()
            if f"{place.absolute()}/{unquote(path)}" in paths
        ]
        try:
            if old:
                table.create_write_transaction(
                    list(old), "append", table.schema(), partition_by=["date"],
                    commit_properties=CommitProperties(max_commit_retries=0),
                )  # fmt: skip
        except CommitFailedError:  # somebody else committed
            continue
        for path in paths:
            aside.put(Path(path))
        return
    raise ArchiveError(f"{place} is written by others all the time: stop them and repair again.")


def make_log(root: Path, kind: str, aside: Quarantine) -> int:
    """Make the log of a kind's table anew, the old one put aside; how many events the table has then.

    It is made aside and moved into its place, so that no reader sees half of it. Keys of one date are in memory.
    """
    place = on_this_disk(kind_dir(root, kind))
    known = read_log(place / "_delta_log")
    for path in sorted(place.glob("date=*/*.parquet")):
        if page_fault(str(path)):
            aside.put(path)
    paths = [path.relative_to(place) for path in sorted(place.glob("date=*/*.parquet"))]
    paths = [path for path in paths if str(path) not in known.removed]
    schema = _schema([place / path for path in paths])
    adds: list[AddAction] = []
    tops = dict(known.versions)
    count = 0
    for folder, files in groupby(paths, key=lambda path: path.parts[0]):
        day = date.fromisoformat(folder.removeprefix("date="))
        keys, some = _take(place, day, [str(path) for path in files], known, schema)
        adds += some
        count += keys.height
        name = pl.concat_str(pl.concat_str(KEY[:3], separator="."), pl.col("epoch"), separator="/")
        for stream, top in keys.group_by(name=name).agg(pl.col("offset").max()).rows():
            tops[stream] = max(top, tops.get(stream, -1))
    made = aside.place(place / "new")
    table = create(made, kind, schema)
    versions = [Transaction(name, version) for name, version in sorted(tops.items())]
    table.create_write_transaction(
        list(adds), "append", table.schema(), partition_by=["date"],
        commit_properties=CommitProperties(app_transactions=versions),
    )  # fmt: skip
    aside.put(place / "_delta_log")
    (made / "_delta_log").rename(place / "_delta_log")
    return count


def _take(
    place: Path, day: date, paths: list[str], known: Log, schema: Mapping[str, Dtype]
) -> tuple[pl.DataFrame, list[AddAction]]:
    """The keys of a date, and the files that hold each of them once."""
    keys = {path: read([str(place / path)], _KEYS).collect() for path in paths}
    taken, adds = pl.DataFrame(schema=_KEYS), list[AddAction]()
    for path in sorted(paths, key=lambda path: (path not in known.added, -keys[path].height)):
        new = keys[path].join(taken, on=KEY, how="anti").unique()
        rows = read([str(place / path)], schema)
        if new.height == keys[path].height:
            adds.append(add_action(place, path, day, rows, new=True))
        elif new.height:
            left = rows.collect().unique(KEY).join(new, on=KEY, how="semi")
            adds.append(write_file(place, day, file_of(new_run(), 0), left, new=True))
        taken = pl.concat([taken, new])
    return taken, adds


def _schema(paths: Sequence[Path]) -> dict[str, pl.DataType]:
    """All columns of some files with their types."""
    found: dict[str, pl.DataType] = {}
    for path in paths:
        found |= dict(pl.read_parquet_schema(path))
    return {name: found[name] for name in found if name != "date"}
