"""The fields of bodies as a frame: taken at once as far as that goes, the others one by one.

A column has the type of the first value, so the order of the bodies counts. Those taken at once open no column, and
go into columns that bodies before them opened: all comes out as if all had been taken one by one.

    bodies        256   2,048      16,384 ...
    one by one    ====    =    =          ==  =     the first, and what does not fit
    at once            === ==== = =======   == ==   into the columns there are by then
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
SOME = 16_384  # a thread takes at once: as much as stays near to the processor
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
    begin, size, apart = 0, FEW, True
    while begin < len(texts):
        some = texts[begin : begin + size]
        left = np.ones(len(some), np.bool_)
        if met and not apart:
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
        begin, size = begin + len(some), FEW * GROWS if apart else min(size * GROWS, MANY)
        apart = not apart and 2 * len(rows) > len(some) and len(met) == before  # it was hardly worth the trying
    return _joined(pieces)


def _in_threads(texts: Texts, types: Types) -> list[Piece]:
    """What can be taken at once of bodies, by as many threads as Arrow would use."""
    begins = range(0, len(texts), SOME)
    take = partial(_at_once, texts, types)
    if len(begins) == 1:
        return take(0, len(texts))
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        return list(chain.from_iterable(pool.map(take, begins, (begin + SOME for begin in begins))))


def _at_once(texts: Texts, types: Types, begin: int, end: int) -> list[Piece]:
    """What can be taken at once of some of the bodies; many that cannot be read together are halved."""
    some = texts[begin:end]
    if len(some) < FEW:
        return []
    if taken := take_at_once(some, types):
        whole, frame = taken
        return [(begin + np.flatnonzero(whole), frame if whole.all() else frame.filter(whole))]
    if len(some) < FEW * GROWS:
        return []
    half = begin + len(some) // 2
    return _at_once(texts, types, begin, half) + _at_once(texts, types, half, begin + len(some))


def _joined(pieces: Sequence[Piece]) -> pl.DataFrame:
    """Pieces as one frame, each row in its place."""
    if not pieces:
        return Columns({}, 0).frame()
    frame = pl.concat([frame for _, frame in pieces], how="diagonal")
    rows = np.concatenate([rows for rows, _ in pieces])
    frame = frame if (np.diff(rows) > 0).all() else frame[np.argsort(rows)]
    return pl.DataFrame([*(column for column in frame if column.name != "rest"), frame["rest"]])
