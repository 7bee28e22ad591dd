"""Times of foreign tables: which column, which unit, which zone; nothing is guessed in silence."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import polars as pl
import pytest

from minerlib.archive.given import Frame, Objects
from minerlib.archive.timecolumn import times_of
from minerlib.errors import SettingError
from minerlib.event.moment import DAY, SECOND, from_datetime

AT = from_datetime(datetime(2014, 2, 14, 14, 30, tzinfo=UTC))
MIDNIGHT = AT // DAY * DAY


def moments(*values: Any) -> list[int | None]:
    return times_of(Objects([{"t": value} for value in values], list(range(len(values))), []), "t").moments


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2014-02-14 14:30:00", "moments without a zone, read as UTC"),
        (datetime(2014, 2, 14, 14, 30), "moments without a zone, read as UTC"),
        (" 2014-02-14T15:30:00+01:00 ", "moments with a zone"),
        (datetime(2014, 2, 14, 15, 30, tzinfo=timezone(timedelta(hours=1))), "moments with a zone"),
        (AT // SECOND, "seconds since 1970"),
        (AT / SECOND, "seconds since 1970"),
        (str(AT // SECOND), "seconds since 1970"),
        (f"{AT / SECOND:.3f}", "seconds since 1970"),
        (AT // 1000, "milliseconds since 1970"),
        (AT, "microseconds since 1970"),
        (AT * 1000 + 999, "nanoseconds since 1970"),
    ],
)
def test_one_moment_in_many_ways(value: Any, written: str) -> None:
    """Each of them is the same moment, and how it was understood is said."""
    assert times_of(Objects([{"time": value}], [1], [])) == ("time", [AT], written)


@pytest.mark.parametrize("value", ["2014-02-14", "20140214", 20140214, date(2014, 2, 14)])
def test_days_are_midnights(value: Any) -> None:
    """A day stands for its beginning; eight digits are a day and not seconds in 1970."""
    assert moments(value) == [MIDNIGHT]


@pytest.mark.parametrize(
    "value",
    [None, "", "soon", "14/02/2014", True, 17, "17", -1, [], {}, 20149999, "9" * 400, 10**25, float("nan"),
     float("inf"), "nan", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"],
)  # fmt: skip
def test_no_moment(value: Any) -> None:
    """What is no moment, or counts from somewhere else, is left out, whatever stands beside it."""
    assert moments(value) == [None]
    assert moments(value, AT, AT) == [None, AT, AT]


def test_one_unit_a_column() -> None:
    """The unit is that of most numbers; one of another size is an error in the data, and moves no other row."""
    assert moments(AT // SECOND, AT // SECOND + 60, AT * 1000) == [AT, AT + 60 * SECOND, None]


@pytest.mark.parametrize("name", ["timestamp", "time", "@timestamp", "date", "datetime", "ts", "Timestamp", "DATE"])
def test_the_column_is_found(name: str) -> None:
    """By its name where there is one, whatever its case, though half of it cannot be read."""
    rows = Frame(pl.DataFrame({"value": [1, 2, 3], name: ["2014-02-14 14:30", None, "?"]}))
    assert times_of(rows)[:2] == (name, [AT, None, None])


def test_a_column_that_is_named_is_taken() -> None:
    """Also where another is called like a time, or the values are days beside an hour that cannot be read."""
    frame = pl.DataFrame({"time": [AT], "when": ["2014-02-14 14:30"], "date": ["2014-02-14"], "v": [AT]})
    assert times_of(Frame(frame.select("time", "when")), "when").moments == [AT]
    assert times_of(Frame(frame.select("v", "when"))).column == "when"
    assert times_of(Frame(frame), "date").moments == [MIDNIGHT]


@pytest.mark.parametrize(
    ("columns", "named", "said"),
    [
        ({"a": 1, "b": AT}, None, r"No column holds times; there are a, b\."),
        ({"time": AT, "ts": AT}, None, "The columns time and ts all hold times: say which, with --time"),
        ({"date": "2014-02-14", "time": "half past two"}, None, r"date has only days, and time cannot be read: join"),
        ({"a": 1}, "when", "There is no column 'when'; there are a"),
    ],
)
def test_the_column_is_not_clear(columns: dict[str, Any], named: str | None, said: str) -> None:
    """It is asked for in a sentence that says what there is."""
    with pytest.raises(SettingError, match=said):
        times_of(Frame(pl.DataFrame({name: [value] for name, value in columns.items()})), named)
