"""Kinds as the views of a query: what a view gives is what `scan` gives of the kind."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl
from duckdb.func import FunctionNullHandling

from minerlib.archive.bodies import body_of
from minerlib.archive.bucket import SCHEME
from minerlib.archive.columns import EVENT, RESERVED, TAIL, Dtype
from minerlib.archive.dataset import files_of
from minerlib.archive.missing import no_kind
from minerlib.archive.places import sealed_dir
from minerlib.archive.snapshot import Snapshot, scope_regex
from minerlib.archive.statement import Named
from minerlib.errors import ArchiveError, SettingError
from minerlib.event.moment import to_datetime
from minerlib.event.pattern import kind_matches

ALL = "events"  # the view of all kinds, their bodies as JSON


class Tables:
    """The views of one query over one snapshot of an archive, bounded as `scan` is; `columns` are those of all, `paths`
    the sealed files."""

    def __init__(self, root: Path, since: int | None, until: int | None, scope: str | None) -> None:
        self._root, self._since, self._until, self._scope = root, since, until, scope
        self._made: set[str] = set()
        self.columns: list[str] = []
        self.paths: list[str] = []

    def make(self, connection: duckdb.DuckDBPyConnection, names: Sequence[Named]) -> None:
        """Make the views that a query names. Raises ArchiveError for a kind that is not there, SettingError where
        a name is that of several kinds."""
        if not names:
            return
        asked = {name.lower() for name, _ in names}
        snapshot = Snapshot(
            self._root,
            lambda kind: bool(asked & {kind.lower(), identifier(kind)}) or (ALL in asked and kind_matches("#", kind)),
            self._scope,
        )
        found: dict[str, str | None] = {}
        for name in names:
            kind = self._kind(name, snapshot.kinds)
            if found.setdefault(name.name.lower(), kind) != kind:
                raise SettingError(
                    f'"{kind}" and "{found[name.name.lower()]}" differ in case alone, which SQL cannot tell apart: ask'
                    " one at a time."
                )
            make = f"create or replace view {quoted(name.name)} as "
            if kind is None:
                connection.execute(make + self._all(connection, snapshot))
                continue
            try:
                connection.execute(make + self._view(connection, snapshot, kind, snapshot.today[kind].height > 0))
            except duckdb.BinderException:  # a column that is in none of the files
                connection.execute(make + self._view(connection, snapshot, kind))

    def _kind(self, name: Named, kinds: Sequence[str]) -> str | None:
        """The kind that a name stands for; None for all of them."""
        same = [kind for kind in kinds if identifier(kind) == name.name.lower()]
        if name.name in kinds and (name.quoted or same in ([], [name.name])):
            return name.name
        same = same or [kind for kind in kinds if kind.lower() == name.name.lower()]
        if len(same) > 1:
            exact = " or ".join(f'"{kind}"' for kind in same)
            raise SettingError(f"{name.name} may be the kind {exact}: write which, in quotes.")
        if same:
            return same[0]
        if name.name.lower() == ALL and kinds:
            return None
        raise ArchiveError(no_kind(self._root, "#" if name.name.lower() == ALL else name.name, self._scope, identifier))

    def _view(self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, kind: str, live: bool = True) -> str:
        """The events of a kind, as SQL: the files that the log names and may hold some, and today's rows if `live`."""
        schema = snapshot.schema(kind)
        self.columns += schema
        source = f"minerlib live {kind}"
        if kind not in self._made:
            rows_of_today = pl.concat([pl.DataFrame(schema=schema), snapshot.today[kind]], how="diagonal")
            connection.register(source, rows_of_today.to_arrow())
            self._made.add(kind)
        rows = f"select * from {quoted(source)}"
        since, until = (None if moment is None else to_datetime(moment) for moment in (self._since, self._until))
        if paths := snapshot.paths(kind, time=(since, until)):
            self.paths += paths
            sealed = self._files(connection, kind, paths, schema)
            rows = f"select * from {sealed}" + (f" union all by name {rows}" if live else "")
        columns = ", ".join(quoted(name) for name in schema)
        return f"select {columns} from ({rows}) where {' and '.join(self._conditions(snapshot))}"

    def _files(
        self, connection: duckdb.DuckDBPyConnection, kind: str, paths: list[str], schema: Mapping[str, Dtype]
    ) -> str:
        """Sealed files as SQL. Those in an object store are read through Arrow, because DuckDB would want an extension
        for it; columns and conditions are handed down to either."""
        if not paths[0].startswith(SCHEME):
            return f"read_parquet([{', '.join(map(text, paths))}], union_by_name = true, hive_partitioning = false)"
        name = f"minerlib sealed {kind}"
        connection.register(name, files_of(str(sealed_dir(self._root)), paths, schema))
        return quoted(name)

    def _conditions(self, snapshot: Snapshot) -> list[str]:
        found = ["not repeat"]
        found += [f"time >= make_timestamptz({self._since})"] if self._since is not None else []
        found += [f"time < make_timestamptz({self._until})"] if self._until is not None else []
        found += [f"{quoted(name)} = {text(least)}" for name, (least, _) in snapshot.bounds().items()]
        if self._scope is not None and "#" in self._scope:
            words = "company || '.' || system || '.' || environment"
            found.append(f"regexp_matches({words}, {text(scope_regex(self._scope))})")
        return found

    def _all(self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> str:
        """The events of all kinds but the workbench's own, as SQL: body in place of columns."""
        connection.create_function("minerlib_body", body_of, null_handling=FunctionNullHandling.SPECIAL)
        head, views = ", ".join(map(quoted, EVENT)), list[str]()
        for kind in snapshot.kinds:
            if kind_matches("#", kind):
                fields = [name for name in snapshot.schema(kind) if name not in RESERVED]
                packed = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in fields)
                flat = f"to_json(struct_pack({packed}))" if fields else "'{}'"
                body = f"case when raw is null then minerlib_body({flat}, rest) end as body"
                views.append(f"select {head}, {body}, raw, repeat from ({self._view(connection, snapshot, kind)})")
        self.columns += [*EVENT, "body", *TAIL]
        return " union all ".join(views)


def identifier(kind: str) -> str:
    """The name by which SQL knows a kind without quotes.

    >>> identifier("disk.usage"), identifier("9p-mount")
    ('disk_usage', '_9p_mount')
    """
    name = re.sub(r"\W", "_", kind).lower()
    return f"_{name}" if name[:1].isdecimal() else name


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"
