"""A frame as a notebook shows it: for reading, not for looking up types."""

import html
from datetime import datetime, timedelta
from typing import Any

import polars as pl

ROWS = 20  # of a frame that are shown
_WIDEST = 100  # letters of a cell
_STYLE = "padding: 2px 12px 2px 0; white-space: nowrap; text-align: "


def table(frame: Any, most: int = ROWS) -> str:
    """The first rows as HTML: numbers to the right with four digits, moments in UTC to the second, text escaped.

    A pandas frame is left to pandas.
    """
    if not isinstance(frame, pl.DataFrame):
        return str(frame._repr_html_())
    sides = {name: "right" if dtype.is_numeric() else "left" for name, dtype in frame.schema.items()}
    head = "".join(f'<th style="{_STYLE}{side}">{html.escape(name)}</th>' for name, side in sides.items())
    lines = [f"<tr>{head}</tr>"]
    for row in frame.head(most).iter_rows():
        cells = zip(row, sides.values(), strict=True)
        told = "".join(f'<td style="{_STYLE}{side}">{_cell(value)}</td>' for value, side in cells)
        lines.append(f"<tr>{told}</tr>")
    said = f"<p>{frame.height - most:,} more rows.</p>" if frame.height > most else ""
    return f'<table style="border-collapse: collapse">{"".join(lines)}</table>{said}'


def _cell(value: Any) -> str:
    told = _told(value)
    return html.escape(told if len(told) <= _WIDEST else f"{told[: _WIDEST - 1]}…")


def _told(value: Any) -> str:
    """A value as a person writes it; what is not known is a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        if abs(value) < 1e5:  # no commas in ports and years
            return str(int(value)) if whole else f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        return f"{int(value):,}" if whole else f"{value:,.1f}" if abs(value) < 1e15 else f"{value:.4g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, timedelta):
        return str(value - timedelta(microseconds=value.microseconds) if value > timedelta(minutes=1) else value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple, pl.Series)):
        return ", ".join(map(_told, value))
    return str(value)
