"""Rows of an archive, or of any frame of its shape, as a rule engine reads them: by column, as far as that goes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from polars import selectors as cs

from minerlib.archive.columns import RESERVED
from minerlib.archive.frames import events_of
from minerlib.event.event import Event
from minerlib.event.key import Key
from minerlib.event.known import Keys
from minerlib.event.read import Column, Floats, Index, Ints, Read

_REST = ("rest", "raw")  # what is left of a body that its columns do not tell


class Rows:
    """Frames of one stream, one a kind, with the columns of `scan`, repeats left out."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], keys: Keys) -> None:
        self.keys = keys
        self._frames = {kind: frame for kind, frame in frames.items() if frame.height}
        self.kinds = set(self._frames)
        seen = [frame["seen"].dt.epoch("us") for frame in self._frames.values()]
        self.clock = max((int(column.max()) for column in seen), default=0)  # pyright: ignore[reportArgumentType]
        self.began = min((int(column.min()) for column in seen), default=0)  # pyright: ignore[reportArgumentType]
        self._plain: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}
        self._read: dict[str, Read] = {}

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(frame.height for frame in self._frames.values())

    def read(self, kind: str) -> Read:
        """The rows of a kind whose columns say all."""
        if kind not in self._read:
            frame = self._split(kind)[0]
            time, seen, offset, part = (_ints(frame[name]) for name in ("time", "seen", "offset", "part"))
            self._read[kind] = Read(time, seen, offset, part, self._codes(kind, frame), _Bodies(frame))
        return self._read[kind]

    def apart(self, kind: str, rows: list[int]) -> list[Event]:
        """The events of the other rows of a kind, and of some of those that `read` gave."""
        frame, others = self._split(kind)
        return events_of(others) + (events_of(frame[rows]) if rows else [])

    def all(self, kind: str) -> list[Event]:
        """The events of a kind."""
        return events_of(self._frames[kind])

    def _split(self, kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        if kind not in self._plain:
            frame = self._frames[kind]
            odd = frame.select(pl.any_horizontal(pl.col(*_REST).is_not_null())).to_series()
            self._plain[kind] = (frame.filter(~odd), frame.filter(odd)) if odd.any() else (frame, frame.clear())
        return self._plain[kind]

    def _codes(self, kind: str, frame: pl.DataFrame) -> Ints:
        """The number of each row's scope, source and kind."""
        if not frame.height:
            return np.empty(0, np.int64)
        scope = ".".join(str(frame[name][0]) for name in ("company", "system", "environment"))
        sources = frame["source"].cast(pl.Categorical)
        codes = sources.to_physical()
        present = frame.select(pl.col("source"), code=codes).unique("code")
        numbers = np.zeros(int(codes.max()) + 1, np.int64)  # pyright: ignore[reportArgumentType]
        for source, code in present.rows():
            numbers[code] = self.keys.number(Key(scope, source, kind))
        return numbers[codes.to_numpy()]


class _Bodies:
    """The fields of rows."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._lists: dict[str, Column] = {}
        self._indexes: dict[str, Index] = {}

    def column(self, name: str) -> Column:
        """The values of a field; None where a row has none."""
        if name not in self._lists:
            column = self._of(name)
            self._lists[name] = [None] * self._frame.height if column is None else column.to_list()
        return self._lists[name]

    def numbers(self, name: str) -> Floats | None:
        """The same where the column holds numbers."""
        column = self._of(name)
        return column.to_numpy() if column is not None and column.dtype == pl.Float64 else None

    def objects(self, name: str) -> list[int]:
        """The places of rows in which a field is an object, which has columns of its own."""
        inside = [column for column in self._frame.columns if column.removeprefix("body.").startswith(f"{name}.")]
        if not inside:
            return []
        return self._frame.select(pl.any_horizontal(cs.by_name(*inside).is_not_null()).arg_true()).to_series().to_list()

    def index(self, name: str) -> Index:
        """Where which values of a field are."""
        if name not in self._indexes:
            self._indexes[name] = Index(self.column(name))
        return self._indexes[name]

    def _of(self, name: str) -> pl.Series | None:
        column = f"body.{name}" if name in RESERVED else name
        return self._frame[column] if column in self._frame.columns else None


def _ints(column: pl.Series) -> npt.NDArray[Any]:
    """A column of moments or whole numbers, in microseconds."""
    return column.to_physical().cast(pl.Int64).to_numpy()
