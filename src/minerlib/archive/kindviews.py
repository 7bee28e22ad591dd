"""A view for each kind in a day's SQLite file, for people who look with Datasette, sqlite-utils or sqlite3.

    select time, source, used from "disk.usage" where used > 90

It has the moment, the source, a column for each field that became a column when the day was sealed, the whole body, and
the offset; what was said twice is left out. It is made anew whenever a field is new. A kind whose name SQLite does not
take, or takes for another's, has none: a view is a convenience, and no reason not to seal.
"""

import sqlite3
from collections.abc import Collection, Mapping

from minerlib.archive.columns import field_of
from minerlib.archive.day import iso, transaction

MOST = 200  # fields of a view
_OURS = ("time", "source", "body", "offset")


def show_kinds(db: sqlite3.Connection, columns: Mapping[str, Collection[str]]) -> None:
    """Make or renew the views of kinds with these columns (see columns.py). The connection writes."""
    names_there = db.execute("select name, type = 'view' from sqlite_master where type != 'index'").fetchall()
    taken = {name.casefold(): name if view else None for name, view in names_there}
    for kind, names in columns.items():
        folded = kind.casefold()
        if "\0" in kind or folded.endswith("_readable") or taken.setdefault(folded, kind) != kind:
            continue
        there = [row[1] for row in db.execute(f"pragma table_info({_quoted(kind)})")]
        known = [name for name in there if name not in _OURS]
        fields = dict.fromkeys([*known, *(name for name in names if '"' not in name and name.casefold() not in _OURS)])
        wanted = list(fields)[:MOST]
        if not there or wanted != known:
            try:
                with transaction(db):
                    db.execute(f"drop view if exists {_quoted(kind)}")
                    db.execute(_view(kind, wanted))
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # there is no room, or the file is broken
                    raise


def _view(kind: str, columns: Collection[str]) -> str:
    fields = [f"{_value(field_of(name))} as {_quoted(name)}" for name in columns]
    selected = ", ".join([f"{iso('time')} as time", "source", *fields, "body", "offset"])
    return f"create view {_quoted(kind)} as select {selected} from events where kind = {_text(kind)} and not repeat"


def _value(field: str) -> str:
    """SQL: a field of the body, by its path or, where its name holds dots, by its name."""
    said = f"body ->> {_text(_path(field))}"
    if "." not in field:
        return said
    return f"coalesce(body ->> {_text(_path(*field.split('.')))}, {said})"


def _path(*words: str) -> str:
    return "$" + "".join(f'."{word}"' for word in words)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(said: str) -> str:
    return "'" + said.replace("'", "''") + "'"
