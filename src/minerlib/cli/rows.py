"""Rows of a frame as CSV, JSON lines, Parquet, or a table to be read."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from minerlib.cli.shown import CONTROL, json_line

if TYPE_CHECKING:
    import polars as pl

MOST = 50  # rows of a table on a screen
_WIDEST = 60  # letters of a cell there


def json_lines(frame: "pl.DataFrame") -> Iterator[str]:
    """A JSON object for each row: times as RFC 3339, durations as ISO 8601, bytes as Base64, no NaN; nothing steers a
    terminal."""
    for row in frame.iter_rows(named=True):
        yield json_line(row)


def csv(frame: "pl.DataFrame") -> str:
    """A line for each row below one of names; what is neither number, text nor truth is written as in JSON."""
    import polars as pl

    plain = [
        column
        if column.dtype.is_numeric() or isinstance(column.dtype, (pl.String, pl.Boolean))
        else pl.Series(column.name, [_flat(value) for value in column], dtype=pl.String)
        for column in frame
    ]
    return pl.DataFrame(plain).write_csv()


def show(
    frame: "pl.DataFrame", console: Console, most: int | None = MOST, more: str = "--format csv, or -o FILE"
) -> None:
    """The first rows (`most`, None for all) as a table, as many columns as fit, and how much is not there.

    `more` are the options that give all of it.
    """
    some = frame if most is None else frame.head(most)
    cells = {column.name: [_cell(value) for value in column] for column in some}
    widths = {name: max(map(len, (name, *told))) for name, told in cells.items()}
    fit, used = list[str](), 0
    for name, width in widths.items():
        used += width + 2
        if fit and used > console.width + 2:
            break
        fit.append(name)
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in fit:
        right = frame[name].dtype.is_numeric()
        table.add_column(Text(name.translate(CONTROL)), justify="right" if right else "left", no_wrap=True)
    for row in zip(*(cells[name] for name in fit), strict=True):
        table.add_row(*(Text(told, style="dim" if told == "null" else "") for told in row))
    if fit:
        console.print(table)
    left = [name.translate(CONTROL) for name in widths if name not in fit]
    said = [f"{frame.height:,} row{'s' * (frame.height != 1)}"]
    said += ["times are UTC"] * any(frame[name].dtype.is_temporal() for name in fit)
    if some.height < frame.height:
        said.append(f"the first {some.height} are shown (all: {more})")
    if left:
        said.append(f"{len(left)} column{'s' * (len(left) > 1)} did not fit: {', '.join(left)}")
    console.print(Text("; ".join(said) + ".", style="dim"), soft_wrap=True)


def _cell(value: Any) -> str:
    """A value as it stands in a table."""
    if value is None:
        return "null"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        told = str(int(value)) if whole else f"{value:.1f}" if 1e5 <= abs(value) < 1e15 else f"{value:.6g}"
    elif isinstance(value, datetime):
        told = value.replace(tzinfo=None).isoformat(" ")
        told = told.rstrip("0") if value.microsecond else told
    elif isinstance(value, (str, int, timedelta)) and not isinstance(value, bool):
        told = str(value)
    else:
        told = repr(value)[2:-1] if isinstance(value, bytes) else _flat(value) or "null"
    told = told.translate(CONTROL)
    return told if len(told) <= _WIDEST else f"{told[: _WIDEST - 1]}…"


def _flat(value: Any) -> str | None:
    """A value as JSON has it, without the quotes of a text."""
    if value is None:
        return None
    if hasattr(value, "to_list"):  # a list in a column
        value = value.to_list()
    told = msgspec.json.encode(value).decode()
    return json.loads(told) if told.startswith('"') else told
