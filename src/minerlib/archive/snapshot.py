"""The seam: what is sealed and what is not yet, as one, no event twice or missing, whatever is sealed meanwhile.

    1  from each day's file: how far every kind of an epoch is sealed (the floor)
    2  the Delta tables: all that lies up to the floor is in them, and maybe more
    3  from each day's file: what lies above the floor and above the table's own version of that stream

In this order nothing is missed: what is sealed between 1 and 2 is above the floor and not above the version, what is
sealed after 2 is above both. A day's file is removed only a day after it was sealed.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from minerlib.archive.columns import TAIL, Dtype, Types, dtypes, types_of
from minerlib.archive.day import read_from
from minerlib.archive.frames import SELECT, frame_of
from minerlib.archive.places import days, kind_dir, scopes, sealed_kinds, stream_dir
from minerlib.archive.sealed import Sealed, open_table, version
from minerlib.archive.whole import broken, check_sizes
from minerlib.errors import ArchiveError, SettingError
from minerlib.event.pattern import topic_matches

_WORDS = ("company", "system", "environment")
_Rows = dict[tuple[str, str, Path], list[tuple[object, ...]]]


class Snapshot:
    """The archive as it stands: of the streams that match `scope` and `epoch`, the kinds that are `wanted`."""

    def __init__(
        self, root: Path, wanted: Callable[[str], bool], scope: str | None = None, epoch: str | None = None
    ) -> None:
        if scope is not None and "#" not in scope and scope.count(".") != 2:
            raise SettingError(
                f"{scope!r} is no scope: write company.system.environment, for example acme.web.prod or acme.*.prod."
            )
        self._scope, self._epoch = scope, epoch
        self._files = [
            (name, path)
            for name in scopes(root)
            if scope is None or topic_matches(scope, name)
            for path in days(stream_dir(root, name))
        ]
        self._floors: dict[tuple[Path, str], int] = {}
        kinds: set[str] = set()
        for _, path in self._files:
            kinds |= self._look(path)
        self._sealed: dict[str, Sealed] = {}
        self._broken: dict[str, ArchiveError] = {}
        for kind in filter(wanted, sealed_kinds(root)):
            try:
                table = open_table(root, kind)
            except ArchiveError as error:  # said to whoever asks for it: the other kinds can be read
                self._broken[kind] = error
                kinds.add(kind)
                continue
            if table is not None:
                self._sealed[kind] = Sealed(table, kind_dir(root, kind))
                if self._sealed[kind].may(**self.bounds()).height:
                    kinds.add(kind)
        self.kinds = sorted(filter(wanted, kinds))

    def sealed(self, kind: str, **bounds: tuple[Any, Any]) -> pl.LazyFrame | None:
        """A kind's sealed part, within bounds (see Sealed.scan); None where there is no table."""
        self.check(kind)
        if kind not in self._sealed:
            return None
        return self._of_scope(self._sealed[kind].scan(**bounds, **self.bounds()))

    def schema(self, kind: str) -> dict[str, Dtype]:
        """The columns of a kind, as `scan` gives them."""
        self.check(kind)
        sealed = self._sealed[kind].schema if kind in self._sealed else {}
        names = [name for name in (*sealed, *self.today[kind].columns) if name != "date" and name not in TAIL]
        types = {**self.today[kind].schema, **sealed}
        return {name: types[name] for name in dict.fromkeys([*names, *TAIL])}

    def paths(self, kind: str, **bounds: tuple[Any, Any]) -> list[str]:
        """The sealed files of a kind that may hold rows within bounds (see Sealed.scan)."""
        self.check(kind)
        if kind not in self._sealed:
            return []
        files = self._sealed[kind].may(**bounds, **self.bounds())
        check_sizes(files.select("path", "bytes").iter_rows())
        return files["path"].to_list()

    def check(self, kind: str) -> None:
        """Raises ArchiveError where the table of a kind cannot be opened."""
        if kind in self._broken:
            raise self._broken[kind]

    def files(self, kind: str) -> pl.DataFrame:
        """What the log says of a kind's sealed files (see Sealed)."""
        self.check(kind)
        return (
            self._sealed[kind].files
            if kind in self._sealed
            else pl.DataFrame(schema={"date": pl.Date, "rows": pl.Int64})
        )

    def rows(self, kind: str, files: pl.DataFrame) -> pl.LazyFrame:
        """All rows of some sealed files of a kind, whatever the scope."""
        return self._sealed[kind].rows(files)

    @cached_property
    def today(self) -> dict[str, pl.DataFrame]:
        """What SQLite has of each kind above what is sealed, as the same columns; all kinds at one moment."""
        rows: _Rows = {}
        for scope, path in self._files:
            self._read(scope, path, rows)
        return {kind: self._frame(kind, rows) for kind in self.kinds}

    def parts(self, kind: str, since: datetime | None = None, until: datetime | None = None) -> list[pl.LazyFrame]:
        """The two sides of the seam, as frames of the same shape; the sealed one bounded by `time`."""
        bounds = {} if since is None and until is None else {"time": (since, until)}
        sealed, live = self.sealed(kind, **bounds), self.today[kind]
        if sealed is None:
            return [live.lazy()]
        return [sealed, live.lazy()] if live.height else [sealed]

    def pieces(self, kind: str, since: datetime | None = None, until: datetime | None = None) -> list[pl.LazyFrame]:
        """The same in more frames, one a sealed file."""
        found: list[pl.LazyFrame] = []
        if kind in self._sealed:
            pieces = self._sealed[kind].pieces(time=(since, until), **self.bounds())
            found = [self._of_scope(piece) for piece in pieces]
        live = self.today[kind]
        return [*found, live.lazy()] if live.height or not found else found

    def _of_scope(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The rows whose scope matches a pattern with `#`; other patterns are bounds."""
        if self._scope is None or "#" not in self._scope:
            return frame
        return frame.filter(pl.concat_str(_WORDS, separator=".").str.contains(scope_regex(self._scope)))

    def bounds(self) -> dict[str, tuple[Any, Any]]:
        """Scope and epoch as bounds of columns (see Sealed.scan); a pattern with `#` is none."""
        found = {} if self._epoch is None else {"epoch": (self._epoch, self._epoch)}
        if self._scope is not None and "#" not in self._scope:
            words = zip(_WORDS, self._scope.split("."), strict=True)
            found |= {column: (word, word) for column, word in words if word != "*"}
        return found

    def _look(self, path: Path) -> set[str]:
        """Remember how far a file is sealed; the kinds that it has above that."""
        found: set[str] = set()
        with read_from(path) as db:
            if db is None:
                return found
            at = dict(db.execute("select epoch, offset from sealed").fetchall())
            for number, name in db.execute("select number, name from epochs").fetchall():
                floor = self._floors[path, name] = at.get(number, -1)
                kinds = db.execute(
                    "select distinct kind from events where epoch = ? and offset > ?", (number, floor)
                ).fetchall()
                found |= {kind for (kind,) in kinds}
        return found

    def _read(self, scope: str, path: Path, rows: _Rows) -> None:
        with read_from(path) as db:
            if db is None:
                return
            for number, name in db.execute("select number, name from epochs order by number").fetchall():
                if self._epoch is not None and name != self._epoch:
                    continue
                above = {kind: self._version(kind, scope, name) for kind in self.kinds}
                lowest = max(self._floors.get((path, name), -1), min(above.values(), default=-1))
                one = self.kinds if len(self.kinds) == 1 else ()
                for row in db.execute(
                    f"{SELECT} where epoch = ? and offset > ? {'and kind = ?' if one else ''} order by offset, part",
                    (name, number, lowest, *one),
                ):
                    if row[1] > above.get(row[6], 2**63):
                        rows.setdefault((row[6], scope, path), []).append(row)

    def _version(self, kind: str, scope: str, epoch: str) -> int:
        return version(self._sealed[kind].table if kind in self._sealed else None, scope, epoch)

    def _frame(self, kind: str, rows: _Rows) -> pl.DataFrame:
        known: Types = types_of(self._sealed[kind].schema) if kind in self._sealed else {}
        frames = [pl.DataFrame(schema=dtypes({}))]
        for (name, scope, path), some in rows.items():
            if name == kind:  # a field has one type in a kind, whichever stream it is in, as it will when it is sealed
                try:
                    frames.append(frame_of(some, scope, known))
                except ValueError as error:  # a body that is no JSON
                    raise broken(path, error) from None
                known = known | types_of(frames[-1].schema)
        return pl.concat(frames, how="diagonal")


def scope_regex(pattern: str) -> str:
    """A pattern of scopes with `#` as a regular expression over whole scopes."""
    words = [{"*": r"[^.]+", "#": ".*"}.get(word, re.escape(word)) for word in pattern.split(".")]
    return "^" + r"\.".join(words).replace(r"\..*", r"(\..*)?").replace(r".*\.", r"(.*\.)?") + "$"
