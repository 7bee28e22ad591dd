"""The fields of bodies as a frame: taken at once as far as that goes, the others one by one.

A column has the type of the first value, so the order of the bodies counts. Those taken at once open no column, and
go into columns that bodies before them opened: all comes out as if all had been taken one by one.

    bodies        256   2,048      16,384 ...
    one by one    ====    =    =          ==  =     the first, and what does not fit
    at once            === ==== = =======   == ==   into the columns there are by then
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from minerlib.archive.atonce import take_at_once
from minerlib.archive.columns import ABSENT, Types
from minerlib.archive.onebyone import Columns

FEW = 256  # fewer are as quick one by one
SOME = 16_384  # a thread takes at once
MANY = 131_072
GROWS = 8
_decode = msgspec.json.Decoder().decode

Texts = Sequence[str | None]
Piece = tuple[npt.NDArray[np.int64], pl.DataFrame]  # places of bodies, and their fields


def fields_of(texts: Texts, known: Types) -> pl.DataFrame:
    """Bodies of one kind, as JSON, or None of a raw event: a column a field that occurs, and `rest`.

    Columns that are `known` have the type they have there. Raises ValueError where a text is no JSON.
    """
    pieces: list[Piece] = []
    types, met = known, dict[str, type]()
    begin, size, hopeless = 0, FEW, True
    while begin < len(texts):
        some = texts[begin : begin + size]
        left = np.ones(len(some), np.bool_)
        if met and not hopeless:
            for rows, frame in _in_threads(some, met):
                left[rows] = False
                pieces.append((begin + rows, frame))
        rows, before = np.flatnonzero(left), len(met)
        if len(rows):
            columns = Columns(types, len(rows))
            for place, row in enumerate(rows.tolist()):
                text = some[row]
                columns.take(place, ABSENT if text is None else _decode(text))
            pieces.append((begin + rows, columns.frame()))
            types = columns.types
            met |= {name: types[name] for name in columns.columns}
        hopeless = not hopeless and 2 * len(rows) > len(some) and len(met) == before  # next time without trying
        begin, size = begin + len(some), min(size * GROWS, MANY)
    return _joined(pieces)


def _in_threads(texts: Texts, types: Types) -> list[Piece]:
    """What can be taken at once of bodies, in all threads that there are for that."""
    begins = range(0, len(texts), SOME)
    if len(begins) == 1:
        return list(_at_once(texts, 0, types))

    def take(begin: int) -> list[Piece]:
        return list(_at_once(texts[begin : begin + SOME], begin, types))

    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        return list(chain.from_iterable(pool.map(take, begins)))


def _at_once(texts: Texts, begin: int, types: Types) -> Iterator[Piece]:
    """What can be taken at once of bodies that are from `begin` on; which cannot be read is found by halving."""
    if len(texts) < FEW:
        return
    taken = take_at_once(texts, types)
    if taken is None:
        half = len(texts) // 2
        yield from _at_once(texts[:half], begin, types)
        yield from _at_once(texts[half:], begin + half, types)
        return
    whole, frame = taken
    yield begin + np.flatnonzero(whole), frame if whole.all() else frame.filter(whole)


def _joined(pieces: Sequence[Piece]) -> pl.DataFrame:
    """Pieces as one frame, each row in its place."""
    if not pieces:
        return Columns({}, 0).frame()
    frame = pl.concat([frame for _, frame in pieces], how="diagonal")
    rows = np.concatenate([rows for rows, _ in pieces])
    frame = frame if (np.diff(rows) > 0).all() else frame[np.argsort(rows)]
    return pl.DataFrame([*(column for column in frame if column.name != "rest"), frame["rest"]])
