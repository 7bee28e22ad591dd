"""What somebody gives to be loaded: CSV, NDJSON or Parquet, or a frame, as rows with names."""

import csv
import gzip
import io
import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import msgspec
import polars as pl

from minerlib.errors import ArchiveError, SettingError
from minerlib.event.body import DEEPEST, NO_JSON, flatten, read_parts, too_deep
from minerlib.event.cells import DELIMITERS, NO_NUMBER, REAL, TRUTH, WHOLE, names_of
from minerlib.event.moment import SECOND, from_datetime, rfc3339

_EXACT = 2**53


class Rows(Protocol):
    """Rows of a file or frame. `lines` says where each stands in it, `bad` where something stands that is no row."""

    names: list[str]
    lines: Sequence[int]
    bad: list[int]
    place: str

    def column(self, name: str) -> list[Any]:
        """The values of a column or field, None where a row has none."""
        ...

    def bodies(self, rows: list[int], without: set[str]) -> list[dict[str, Any]]:
        """Some rows as bodies, without some of the columns; what is null or NaN is not in them."""
        ...


class Frame:
    """The rows of a table."""

    def __init__(self, frame: pl.DataFrame, lines: Sequence[int] | None = None, place: str = "row") -> None:
        self.frame, self.names, self.place = frame, frame.columns, place
        self.lines: Sequence[int] = range(1, frame.height + 1) if lines is None else lines
        self.bad: list[int] = []

    def column(self, name: str) -> list[Any]:
        return self.frame[name].to_list()

    def bodies(self, rows: list[int], without: set[str]) -> list[dict[str, Any]]:
        some = self.frame.drop(without)[rows]
        columns = [_values(some[name]) for name in some.columns]
        if not columns:
            return [{} for _ in rows]
        names = some.columns
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in zip(*columns, strict=True)
        ]


class Objects:
    """The rows of NDJSON: bodies as they are."""

    def __init__(self, objects: list[dict[str, Any]], lines: Sequence[int], bad: list[int]) -> None:
        self._objects, self.bad, self.place = objects, bad, "line"
        self.lines: Sequence[int] = lines
        found: dict[str, None] = {}
        for each in objects[:1000]:
            found.update(dict.fromkeys(flatten(each)))
        self.names = list(found)

    def column(self, name: str) -> list[Any]:
        return [flatten(each).get(name) for each in self._objects]

    def bodies(self, rows: list[int], without: set[str]) -> list[dict[str, Any]]:
        """As they were said, null and all; only a field at the top is left out."""
        return [{k: v for k, v in self._objects[row].items() if k not in without} for row in rows]


def read_given(data: Any) -> Rows:
    """A file by its content, or a frame. Raises SettingError where it is not there, ArchiveError if it is neither."""
    if isinstance(data, (str, Path)):
        return _read_file(Path(data))
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if not isinstance(data, pl.DataFrame):
        if not hasattr(data, "index") or not hasattr(data, "columns"):
            raise SettingError(f"A {type(data).__name__} cannot be loaded: give a file, or a Polars or pandas frame.")
        if data.index.name is not None or type(data.index).__name__ == "DatetimeIndex":
            data = data.rename_axis(data.index.name or "time").reset_index()
        try:
            data = pl.from_pandas(data)
        except (TypeError, ValueError, pl.exceptions.PolarsError) as error:  # columns of mixed types
            raise ArchiveError(f"The pandas frame cannot be read ({str(error)[:200]}).") from None
    return Frame(data)


def _read_file(path: Path) -> Rows:
    try:
        said = path.read_bytes()
        said = gzip.decompress(said) if said.startswith(b"\x1f\x8b") else said
    except FileNotFoundError:
        raise SettingError(f"{path} is not there: name a CSV, NDJSON or Parquet file.") from None
    except (OSError, EOFError) as error:
        raise ArchiveError(f"{path} cannot be read: {error}.") from None
    try:
        if said.startswith(b"PAR1"):
            return Frame(pl.read_parquet(io.BytesIO(said)))
        if said.lstrip()[:1] in (b"{", b"["):
            return _read_objects(said)
        return _read_csv(said, path)
    except (pl.exceptions.PolarsError, csv.Error, *NO_JSON) as error:
        raise ArchiveError(f"{path} is no CSV, NDJSON or Parquet that can be read: {error}.") from None


def _read_objects(said: bytes) -> Objects:
    if said.lstrip().startswith(b"["):
        if too_deep(said):
            raise ValueError(f"it has more than {DEEPEST} lists and objects in one another")
        numbered = list(enumerate(msgspec.json.decode(said), 1))
    else:
        numbered = [(n, read_parts(line)[0].body) for n, line in enumerate(said.split(b"\n"), 1) if line.strip()]
    good = [(number, each) for number, each in numbered if isinstance(each, dict)]
    bad = [number for number, each in numbered if not isinstance(each, dict)]
    return Objects([each for _, each in good], [number for number, _ in good], bad)


def _read_csv(said: bytes, path: Path) -> Frame:
    try:
        text = said.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = said.decode("latin-1")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    head = names_of(next(reader, []))
    if head is None:
        raise ArchiveError(
            f"The first line of {path} must name its columns, each once; it says {first.strip()[:80]!r}."
        )
    rows: list[list[str]] = []
    lines: list[int] = []
    bad: list[int] = []
    for row in reader:
        if len(row) == len(head):
            rows.append(row)
            lines.append(reader.line_num)
        elif row:
            bad.append(reader.line_num)
    columns = zip(*rows, strict=True) if rows else ([] for _ in head)
    frame = pl.DataFrame([_typed(name, values) for name, values in zip(head, columns, strict=True)])
    found = Frame(frame, lines, "line")
    found.bad = bad
    return found


def _typed(name: str, values: Sequence[str]) -> pl.Series:
    """A column of text as numbers or truth where all of it is, exactly; an empty cell is null."""
    text = pl.Series(name, values, dtype=pl.String).str.strip_chars()
    text = text.set(text == "", None)
    there = text.drop_nulls()
    if there.is_empty():
        return text
    if there.str.to_lowercase().is_in(list(TRUTH)).all():
        return text.str.to_lowercase() == "true"
    whole = there.str.contains(f"^{WHOLE}$")
    if whole.all():
        numbers = text.cast(pl.Int64, strict=False)
        return numbers if numbers.null_count() == text.null_count() else text
    if (there.str.contains(f"^{REAL}$") | _no_number(there)).all():
        numbers = text.cast(pl.Float64, strict=False)
        numbers = numbers.set(numbers.is_nan() | numbers.is_infinite(), None)
        if numbers.null_count() == text.null_count() + int(_no_number(there).sum()):
            return numbers
    return text


def _no_number(text: pl.Series) -> pl.Series:
    return text.str.to_lowercase().is_in(NO_NUMBER)


def _values(column: pl.Series) -> list[Any]:
    """The values of a column as JSON has them, None for null and NaN."""
    if column.dtype.is_float():
        return column.set(~column.is_finite(), None).to_list()
    if column.dtype.is_integer() or isinstance(column.dtype, (pl.String, pl.Boolean)):
        return column.to_list()
    return [_plain(value) for value in column.to_list()]


def _cleaned(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a frame as a body: JSON values, and nothing for null and NaN."""
    return {name: _plain(value) for name, value in row.items() if value is not None and not _nan(value)}


def _plain(value: Any) -> Any:
    """A value of a frame as JSON has it."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return None if _nan(value) else value
    if isinstance(value, dict):
        return _cleaned(value)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return rfc3339(from_datetime(value)) if value.tzinfo else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return (value // timedelta(microseconds=1)) / SECOND
    if isinstance(value, Decimal):
        return float(value) if Decimal(float(value)) == value else str(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def _nan(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
