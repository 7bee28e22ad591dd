"""Repair: what is broken is put aside, tables and days are made whole without it, and what it held is had again.

    1  days      made anew from what can be read of them
    2  logs      made anew from the files
    3  files     taken out of the log
    4  sealing   what SQLite has goes into the tables
    5  events    what is missing comes from SQLite, from the stream; else it is noted as gone

Whoever archives a stream concerned must be stopped; the upkeep is waited for. Nothing is deleted.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from minerlib.archive.check.finding import Finding, Told, quiet
from minerlib.archive.columns import EVENT
from minerlib.archive.compact import KEY, logged, merge
from minerlib.archive.lease import Lease
from minerlib.archive.mend.day import mend_day
from minerlib.archive.mend.fill import Fetch, Row
from minerlib.archive.mend.quarantine import Quarantine
from minerlib.archive.mend.restore import Outcome, offsets_of, restore
from minerlib.archive.mend.table import drop_files, make_log
from minerlib.archive.places import kind_dir, scopes, sealed_kinds, stream_dir
from minerlib.archive.runs import Files
from minerlib.archive.seal import seal
from minerlib.archive.sealed import open_table, read
from minerlib.rule.history import Stream


def repair(
    root: Path, findings: Sequence[Finding], at: int, fetch: Fetch | None = None, told: Told = quiet
) -> list[Outcome]:
    """Repair what `verify` found, at the moment `at` (microseconds); what was done, and what nobody has any more.

    `fetch` reads what streams still have, None where no broker can be asked: then what only they may have stays
    missing, and can be had later. Raises ArchiveError where a stream concerned is being archived, ArchiveFull.
    """
    wrong = [each for each in findings if each.broken and each.fault != "format"]
    if not wrong:
        return []
    with ExitStack() as held:
        streams = _concerned(root, wrong)
        for scope in streams:
            held.enter_context(Lease(stream_dir(root, scope), scope))
        upkeep = Lease(root)
        upkeep.take(waiting=lambda holder: told(0, 0, f"waiting for {holder}"))
        held.callback(upkeep.release)
        return list(_repair(root, wrong, streams, Quarantine(root, at), fetch, told))


def _concerned(root: Path, findings: Sequence[Finding]) -> list[str]:
    """The streams of which something may be written: all, where a finding does not say which."""
    if any(not each.scope for each in findings):
        return scopes(root)
    return sorted({each.scope for each in findings} & set(scopes(root)))


def _repair(
    root: Path, findings: Sequence[Finding], streams: Sequence[str], aside: Quarantine, fetch: Fetch | None, told: Told
) -> Iterator[Outcome]:
    doubted: dict[Stream, list[Row]] = {}
    for path, scope in dict.fromkeys((each.where, each.scope) for each in findings if each.fault in ("day", "hash")):
        told(0, 0, f"reading what can be read of {path}")
        mended = mend_day(Path(path), aside)
        for epoch, rows in mended.doubted.items():
            doubted.setdefault(Stream(scope, epoch), []).extend((epoch, *row[1:]) for row in rows)
        lost = "" if mended.position else ", and where the archiver was could not be read"
        yield Outcome(path, f"made anew with the {mended.kept:,} events that are sound in it{lost}; it was put aside")
    for each in findings:
        if each.fault == "log":
            told(0, 0, f"making the log of {each.kind} anew")
            count = make_log(root, each.kind, aside)
            yield Outcome(each.where, f"its log was made anew over {count:,} events; the old one was put aside")
    files = [each for each in findings if each.fault == "file"]
    for kind in sorted({each.kind for each in files}):
        paths = [each.where for each in files if each.kind == kind]
        drop_files(root, kind, paths, aside)
        yield from (Outcome(path, "taken out of the table, and put aside") for path in paths)
    for scope in streams:
        told(0, 0, f"sealing {scope}")
        seal(root, scope)
    if any(offsets_of(root).doubles.values()):
        yield from _once(root)
    told(0, 0, "looking for what is missing")
    yield from restore(root, files, doubted, fetch)


def _once(root: Path) -> Iterator[Outcome]:
    """Each event once, in tables that have some twice."""
    for kind in sealed_kinds(root):
        table = open_table(root, kind)
        if table is None:
            continue
        for (day, _), log in logged(table).group_by("date", "loaded", maintain_order=True):
            assert isinstance(day, date)
            place = kind_dir(root, kind)
            paths = [f"{place.absolute()}/{path}" for path in log["path"]]
            keys = read(paths, {name: EVENT[name] for name in KEY}).collect()
            twice = keys.height - keys.n_unique()
            if twice and merge(root, kind, table, Files(day, log), once=True):
                yield Outcome(str(place), f"{twice:,} events of {day} that were there twice are there once")
