"""`catalog.db`: what the sealed archive has, for people and programs that would not read all of it.

It is made from the tables, a date of a kind at a time, and only where the files of that date changed; so it is right
whatever was broken off, and may be removed at any time. It lags behind by what was sealed since the last upkeep.

    kinds      kind, events, bytes, first, last                         a view over `dates`
    fields     kind, field, types, share, first, last, example          a view over `date_fields`
    sources    scope, source, kind, first, last
    dates      kind, date, which files, events, bytes, first, last, which of source_sets
    rules      fingerprint, scope, rule, began, document                each rule that ran
    alerts     id, rule, scope, instance, what, severity, value, due    each thing that a rule said
"""

import hashlib
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from minerlib.archive.blame import blaming
from minerlib.archive.catalogued import look
from minerlib.archive.places import CATALOG, kind_dir, make_dir
from minerlib.archive.sealed import Sealed, open_table
from minerlib.archive.whole import COMPLAINTS, damaged, unwritable
from minerlib.errors import ArchiveError

_TABLES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {  # primary key, columns
    "dates": (
        ("kind", "date"),
        {"kind": str, "date": str, "files": str, "events": int, "bytes": int, "first": str, "last": str,
         "sources": str},
    ),
    "source_sets": (("id",), {"id": str, "names": str}),
    "date_fields": (
        ("kind", "date", "field"),
        {"kind": str, "date": str, "field": str, "types": str, "events": int, "first": str, "last": str,
         "example": str},
    ),
    "sources": (("scope", "source", "kind"), {"scope": str, "source": str, "kind": str, "first": str, "last": str}),
    "rules": (
        ("fingerprint", "scope"),
        {"fingerprint": str, "scope": str, "rule": str, "began": str, "document": str},
    ),
    "alerts": (
        ("id",),
        {"id": str, "scope": str, "rule": str, "instance": str, "what": str, "severity": str, "value": float,
         "due": str, "fingerprint": str},
    ),
}  # fmt: skip
_VIEWS = {
    "kinds": "select kind, sum(events) as events, sum(bytes) as bytes, min(first) as first, max(last) as last"
    " from dates group by kind",
    "fields": "select f.kind, field, (select group_concat(value, ', ') from (select distinct value from date_fields g,"
    " json_each(g.types) where g.kind = f.kind and g.field = f.field order by value)) as types,"
    " round(1.0 * sum(f.events) / (select sum(d.events) from dates d where d.kind = f.kind), 4) as share,"
    " min(first) as first, max(last) as last, max(example) as example from date_fields f group by f.kind, field",
}
_UNUSED = "delete from source_sets where id not in (select sources from dates where sources is not null)"
_SPAN = "insert into sources values (:scope, :source, :kind, :first, :last) on conflict do update set" \
    " first = min(first, excluded.first), last = max(last, excluded.last)"  # fmt: skip


def catalogue(root: Path, kind: str) -> int:
    """Bring a kind up to date in the catalog; how many of its dates had changed.

    Raises ArchiveFull, ArchiveError, ArchiveBroken where a file of the kind is broken.
    """
    table = open_table(root, kind)
    if table is None:
        return 0
    sealed = Sealed(table, kind_dir(root, kind))
    there = {str(day): files for (day,), files in sealed.files.group_by("date", maintain_order=True)}
    with _told(root / CATALOG), closing(open_catalog(root)) as db:
        known = dict(db.execute("select date, files from dates where kind = ?", [kind]).fetchall())
        changed = [day for day, files in there.items() if known.get(day) != digest(files["path"])]
        for day in changed:
            files = there[day]
            with blaming(root, kind.__eq__):
                found = look(kind, day, sealed.rows(files))
            found["dates"][0] |= {"files": digest(files["path"]), "bytes": int(files["bytes"].sum())}
            _store(db, kind, day, found)
        gone = known.keys() - there.keys()
        for day in gone:
            _store(db, kind, day, {})
        with db.conn:
            db.conn.execute(_UNUSED)
    return len(changed) + len(gone)


@contextmanager
def _told(place: Path) -> Generator[None]:
    """What SQLite says of the catalog, as a sentence."""
    try:
        yield
    except (*COMPLAINTS, OSError) as error:
        if isinstance(error, OSError) or not damaged(error):
            raise unwritable(place, error) from None
        raise ArchiveError(f"{place} is no catalog any more ({error}): remove it, and it is made anew.") from None


def open_catalog(root: Path) -> Database:
    """The catalog of an archive, made where there is none."""
    make_dir(root, "")
    db = Database(root / CATALOG)
    for name, (key, columns) in _TABLES.items():
        db.table(name).create(columns, pk=key, if_not_exists=True)
    for name, query in _VIEWS.items():
        db.create_view(name, query, ignore=True)
    return db


def _store(db: Database, kind: str, day: str, found: dict[str, list[dict[str, Any]]]) -> None:
    """What a date of a kind has, instead of what was known of it. Sources, rules and alerts are not forgotten."""
    with db.conn:
        for name in ("dates", "date_fields"):
            db.conn.execute(f"delete from {name} where kind = ? and date = ?", (kind, day))
            db.table(name).insert_all(found.get(name, []))
        db.conn.executemany(_SPAN, found.get("sources", []))
        for name in ("rules", "alerts", "source_sets"):
            db.table(name).upsert_all(found.get(name, []), pk=_TABLES[name][0])


def digest(paths: Iterable[str]) -> str:
    """Which files a date has."""
    names = sorted(path.rpartition("/")[2] for path in paths)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]
