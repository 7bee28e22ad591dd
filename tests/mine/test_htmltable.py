"""Frames in a notebook: for reading."""

import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import polars as pl

from minerlib.mine.htmltable import table


def cells(text: str) -> list[str]:
    return re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", text)


def test_values_stand_as_people_write_them() -> None:
    """Moments to the second, few digits, lists and structs in words, a dash for what is not known."""
    frame = pl.DataFrame(
        {
            "time": [datetime(2026, 1, 5, 0, 1, 6, 980223, tzinfo=UTC)], "share": [1 / 3], "many": [1234567],
            "big": [4.5e9 + 0.25], "none": [None], "yes": [True], "who": [["a", "b"]], "at": [{"mount": "/", "n": 2}],
            "took": [timedelta(hours=2, microseconds=5)], "port": [3389.0], "nan": [float("nan")],
            "rate": [26228.4],
        }
    )  # fmt: skip
    assert cells(table(frame))[12:] == [
        "2026-01-05 00:01:06", "0.3333", "1,234,567", "4,500,000,000.2", "–", "yes", "a, b", "mount /, n 2", "2:00:00",
        "3389", "nan", "26228",
    ]  # fmt: skip


def test_text_of_events_is_text() -> None:
    """Nothing in a cell or a name is markup, and one long line does not push the rest away."""
    told = table(pl.DataFrame({"<b>": ["<script>alert(1)</script>", "x" * 500]}))
    assert "<script>" not in told
    assert "<b>" not in told
    assert cells(told)[2] == "x" * 99 + "…"


def test_a_long_table_says_what_is_not_there() -> None:
    """The first rows, and how many more."""
    told = table(pl.DataFrame({"n": range(1030)}))
    assert len(cells(told)) == 21
    assert "<p>1,010 more rows.</p>" in told
    assert "more rows" not in table(pl.DataFrame({"n": range(20)}))


def test_pandas_is_left_to_pandas() -> None:
    """Whoever brings pandas knows its tables."""
    frame = pd.DataFrame({"n": [1]})
    assert table(frame) == frame._repr_html_()
