"""What DuckDB complains of, as a sentence that points at the place."""

import difflib
import re
from collections.abc import Iterable, Sequence

import duckdb

from minerlib.archive.blame import first_broken
from minerlib.archive.whole import broken
from minerlib.errors import ArchiveBroken, ArchiveError, MinerlibError, SettingError

_COLUMN = re.compile(r'(?:Referenced column|does not have a column named|column named) "([^"]+)"')
_OF_THE_QUERY = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException,
    duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.PermissionException, duckdb.OutOfMemoryException,
    duckdb.InterruptException, duckdb.InvalidTypeException,
)  # fmt: skip
_TABLE = re.compile(r'Referenced table "([^"]+)" not found')


def complaint(error: duckdb.Error, columns: Sequence[str]) -> MinerlibError:
    """The error to raise for one of DuckDB's; `columns` are those that could have been meant."""
    said, _, place = str(error).partition("\n\nLINE ")
    said = said.partition(": ")[2].strip() or said
    line = f"\n\nLINE {place}" if place else ""
    if isinstance(error, duckdb.OutOfMemoryException):
        return ArchiveError(f"The query needs more memory than there is ({_first(said)}): ask for less at once.")
    if isinstance(error, duckdb.PermissionException):
        return SettingError(f"A query reads the kinds of the archive, and no other file ({_first(said)}).{line}")
    if isinstance(error, (duckdb.IOException, duckdb.HTTPException)):
        return ArchiveError(f"The archive cannot be read ({_first(said)}): ask again.")
    return SettingError((_no_column(said, columns) or f"The query cannot be answered: {_sentence(said)}") + line)


def blamed(error: duckdb.Error, paths: Iterable[str]) -> ArchiveBroken | None:
    """What to raise instead of DuckDB's error, where it comes from one of these files."""
    paths = list(paths)
    said = str(error)
    named = next((path for path in paths if path in said), None)
    if named is not None:
        return broken(named, said.replace(named, "the file"))
    return None if isinstance(error, _OF_THE_QUERY) else first_broken(paths)


def _no_column(said: str, columns: Sequence[str]) -> str | None:
    """What to say where a column is not there; a field `cpu.user` without quotes looks like a table `cpu`."""
    if found := _TABLE.search(said):
        inside = [name for name in dict.fromkeys(columns) if name.startswith(f"{found[1]}.")]
        if inside:
            some = ", ".join(f'"{name}"' for name in inside[:4])
            return f"There is no table {found[1]}: names with dots stand in quotes, as {some}."
    if not (found := _COLUMN.search(said)):
        return None
    near = difflib.get_close_matches(found[1], list(dict.fromkeys(columns)), 1)
    there = ", ".join(dict.fromkeys(columns))
    hint = f"did you mean {_written(near[0])}?" if near else f"there are {there[:200]}."
    return f"There is no column {found[1]}: {hint}" if columns else None


def _written(name: str) -> str:
    """A name as it stands in SQL."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name, re.IGNORECASE) else '"' + name.replace('"', '""') + '"'


def _first(said: str) -> str:
    return said.partition("\n")[0]


def _sentence(said: str) -> str:
    said = said.rstrip()
    return said if said.endswith((".", "!", "?")) else f"{said}."
