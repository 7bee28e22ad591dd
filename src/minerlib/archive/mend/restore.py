"""Events that broken files held, had again: from SQLite, from the stream, from what could be read of a broken day.

What nobody has any more is noted as a gap, and so is what was never an event: the broker's own offsets.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from minerlib.archive.check.finding import Finding, Ranges, inside, merged, size, told_ranges, without
from minerlib.archive.check.marks import marks
from minerlib.archive.check.offsets import Offsets, look
from minerlib.archive.day import transaction, write_to
from minerlib.archive.gaps import BROKEN, BROKER
from minerlib.archive.mend.fill import Fetch, Row, fill, lead_to, rows_of, rows_of_days
from minerlib.archive.places import LOADED, days, kind_dir, sealed_kinds, stream_dir
from minerlib.archive.sealed import Sealed, open_table
from minerlib.archive.today import newest
from minerlib.errors import BrokerError
from minerlib.event.moment import now
from minerlib.rule.history import Stream

_LATER = "minerlib broker start, or MINERLIB_BROKER_URL, then minerlib archive verify --repair"


class Outcome(NamedTuple):
    """What a repair did, in a sentence; events that are there again, and events that nobody has any more."""

    where: str
    what: str
    restored: int = 0
    gone: int = 0


def offsets_of(root: Path) -> Offsets:
    """Holes and doubles as they are now."""
    begin = marks(root)
    tables = {kind: table for kind in sealed_kinds(root) if (table := open_table(root, kind))}
    return look(root, begin, {kind: Sealed(table, kind_dir(root, kind)) for kind, table in tables.items()})


def restore(
    root: Path, files: Sequence[Finding], doubted: Mapping[Stream, Sequence[Row]], fetch: Fetch | None
) -> Iterator[Outcome]:
    """Fill the holes of all streams, and bring back what the broken `files` held; `doubted` are rows to take where
    nobody has better ones. `fetch` is None where no broker can be asked."""
    holes = offsets_of(root).holes
    for stream, missing in holes.items():
        if stream.epoch.startswith(LOADED):
            continue
        held = [each for each in files if _may_hold(each, stream)]
        if missing or held:
            yield from _restore(root, stream, missing, held, doubted.get(stream, ()), fetch)


def _may_hold(file: Finding, stream: Stream) -> bool:
    return file.scope in ("", stream.scope) and file.epoch in ("", stream.epoch) and file.first is not None


def _restore(
    root: Path, stream: Stream, missing: Ranges, files: Sequence[Finding], doubted: Sequence[Row], fetch: Fetch | None
) -> Iterator[Outcome]:
    folder, place = stream_dir(root, stream.scope), f"{stream.scope}/{stream.epoch}"
    there = days(folder)
    if there and newest(folder) != there[-1]:
        yield Outcome(place, "the archiver goes on before what is missing, and reads it again as soon as it runs")
        return
    ranges = merged([*missing, *((each.first or 0, each.last or 0) for each in files)])
    found: Counter[str] = Counter()

    def wanted(rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            if inside(missing, row[1]) or any(
                each.kind == row[6] and (each.first or 0) <= row[1] <= (each.last or 0) for each in files
            ):
                yield row

    found["SQLite"] = fill(root, stream, wanted(rows_of_days(root, stream, ranges)))
    own: list[tuple[int, int]] = []
    why, asked = "", False
    left = _left(root, stream, missing, files)
    if left and fetch:
        try:
            lead = lead_to(root, stream, left[0][0])
            for some in fetch(stream, left, lead):
                found["the stream"] += fill(root, stream, wanted(rows_of(some.events)))
                own += some.own
            asked = True
        except BrokerError as error:
            why = str(error)
    still = _left(root, stream, missing, files) if doubted else ()  # the key of a row may be what is wrong with it
    unsure = (row for row in wanted(iter(doubted)) if inside(still, row[1]))
    found["the broken file, of which some may not be as they were written"] = fill(root, stream, unsure)
    if restored := sum(found.values()):
        sources = " and ".join(f"{count:,} from {source}" for source, count in found.items() if count)
        yield Outcome(place, f"{restored:,} events are there again: {sources}", restored)
    holes = offsets_of(root).holes.get(stream, ())
    if holes and asked:
        gone = without(holes, merged(own))
        if there:
            _note(there[-1], stream.epoch, without(holes, gone), gone)
        if gone:
            count, several = size(gone), size(gone) > 1
            what = f"{count:,} offset{'s are' if several else ' is'} gone, the stream has no more of them"
            yield Outcome(place, f"{what}: {told_ranges(gone)}; noted as such", 0, count)
    elif holes:
        why = why or "no broker runs here"
        yield Outcome(place, f"what the stream still has was not read: {why.rstrip('.')}. Later: {_LATER}")


def _left(root: Path, stream: Stream, missing: Ranges, files: Sequence[Finding]) -> Ranges:
    """What is still to be had: the holes there are now, and all of a broken file in whose days holes cannot be seen."""
    spans = [(each.first or 0, each.last or 0) for each in files]
    hidden = [span for span in spans if without([span], missing) == [span]]
    return merged([*offsets_of(root).holes.get(stream, ()), *hidden])


def _note(path: Path, epoch: str, own: Ranges, gone: Ranges) -> None:
    """Note offsets that there is no event of, in the newest file of their stream, whose lease is held."""
    db = write_to(path)
    try:
        with transaction(db):
            for ranges, why in ((own, BROKER), (gone, BROKEN)):
                rows = [(epoch, first, last, now(), why) for first, last in ranges]
                db.executemany("insert or ignore into gaps values (?, ?, ?, ?, ?)", rows)
    finally:
        db.close()
