"""How an archive stands: what each stream has in SQLite, what each kind has in Delta, how large it is."""

from pathlib import Path
from typing import NamedTuple

from minerlib.archive.day import read_from
from minerlib.archive.gaps import lost, noted
from minerlib.archive.places import days, kind_dir, scopes, sealed_kinds, stream_dir
from minerlib.archive.sealed import Sealed, open_table
from minerlib.event.moment import rfc3339


class StreamStatus(NamedTuple):
    """A stream in SQLite: its days, how many of their events are not sealed, where the archiver is, `seen` of the
    newest event (RFC 3339), offsets that are lost, bytes on disk."""

    scope: str
    days: int
    unsealed: int
    epoch: str
    offset: int | None
    seen: str
    gone: int
    bytes: int


class KindStatus(NamedTuple):
    """A kind in Delta: its events (repeats too), files, dates, bytes, and commits of its table."""

    kind: str
    events: int
    files: int
    dates: int
    first: str
    last: str
    bytes: int
    version: int


class Status(NamedTuple):
    """An archive: its streams and kinds."""

    streams: list[StreamStatus]
    kinds: list[KindStatus]


def status(root: Path) -> Status:
    """How an archive stands; only files of SQLite and Delta's logs are read. Raises ArchiveError."""
    kinds = [found for kind in sealed_kinds(root) if (found := _kind(root, kind))]
    return Status([_stream(root, scope) for scope in scopes(root)], kinds)


def _stream(root: Path, scope: str) -> StreamStatus:
    folder = stream_dir(root, scope)
    found = StreamStatus(scope, 0, 0, "", None, "", lost(noted(folder)), 0)
    for path in days(folder):
        size = sum(each.stat().st_size for each in (path, path.with_name(f"{path.name}-wal")) if each.exists())
        found = found._replace(days=found.days + 1, bytes=found.bytes + size)
        with read_from(path) as db:
            if db is None:
                continue
            unsealed = db.execute(
                "select count(*) from events e where offset >"
                " coalesce((select s.offset from sealed s where s.epoch = e.epoch), -1)"
            ).fetchone()[0]
            found = found._replace(unsealed=found.unsealed + unsealed)
            at = db.execute("select epoch, offset from position").fetchone()
            if at:
                seen = db.execute(
                    "select seen from events where epoch = (select number from epochs where name = ?)"
                    " order by offset desc limit 1", at[:1],
                ).fetchone()  # fmt: skip
                found = found._replace(epoch=at[0], offset=at[1], seen=rfc3339(seen[0]) if seen else found.seen)
    return found


def _kind(root: Path, kind: str) -> KindStatus | None:
    table = open_table(root, kind)
    if table is None:
        return None
    files = Sealed(table, kind_dir(root, kind)).files
    dates = files["date"].drop_nulls().unique().sort()
    first, last = (str(dates[at]) if len(dates) else "" for at in (0, -1))
    events, size = int(files["rows"].sum()), int(files["bytes"].sum())
    return KindStatus(kind, events, files.height, len(dates), first, last, size, table.version())
