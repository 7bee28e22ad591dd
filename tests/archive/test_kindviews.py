"""The views of a day's file: a kind as a table of its fields, whatever they are called."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlite_utils

from minerlib.archive import seal

from .made import SCOPE, event, write


def rows(root: Path, kind: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(next((root / SCOPE).glob("*.sqlite")))) as db:
        return list(sqlite_utils.Database(db)[kind].rows)


def test_a_kind_is_a_view(tmp_path: Path) -> None:
    """Moment, source, fields, body, offset; a new field is a new column; what was said twice is left out."""
    write(tmp_path, [event(0, {"used": 3}), event(1, {"used": 4}, repeat=True), event(2, {"free": 1}, kind="mem'ory")])
    seal(tmp_path, SCOPE)
    said = {"time": "2026-09-23T12:00:00.000000Z", "source": "web-0", "used": 3, "body": '{"used":3}', "offset": 0}
    assert rows(tmp_path, "cpu.usage") == [said]
    assert [each["free"] for each in rows(tmp_path, "mem'ory")] == [1]
    write(tmp_path, [event(3, {"used": 5, "idle": "x"}), event(4, {"used": "none"})])
    assert [(each["used"]) for each in rows(tmp_path, "cpu.usage")] == [3, 5, "none"]
    seal(tmp_path, SCOPE)
    assert [(each["used"], each["idle"]) for each in rows(tmp_path, "cpu.usage")] == [
        (3, None),
        (5, "x"),
        ("none", None),
    ]


def test_strange_names(tmp_path: Path) -> None:
    """Dots, blanks, quotes, names of ours, kinds that are called like our tables."""
    bodies = [
        {
            "cpu": {"user": 1},
            "a.b": 2,
            "it's": 3,
            "größe x": 4,
            'q"q': 5,
            "time": 6,
            "source": "s",
            "$[0]": 7,
            "body": 8,
        },
        {"cpu.user": 9, "a": {"b": 10}},
    ]
    write(tmp_path, [event(n, body, kind=kind) for n, (body, kind) in enumerate(zip(bodies, "kk", strict=True))])
    write(tmp_path, [event(n, kind=kind) for n, kind in enumerate(("events", "x_readable", 'a"b'), 2)])
    seal(tmp_path, SCOPE)
    one, two = rows(tmp_path, "k")
    wanted = {"cpu.user": 1, "a.b": 2, "it's": 3, "größe x": 4, "body.time": 6, "body.source": "s", "$[0]": 7}
    assert {name: one[name] for name in wanted} == wanted
    assert (two["cpu.user"], two["a.b"]) == (9, 10)
    assert (one["source"], 'q"q' in one) == ("web-0", False)
    assert rows(tmp_path, 'a"b')[0]["value"] == 4
    assert len(rows(tmp_path, "events")) == 5


def test_a_thousand_fields(tmp_path: Path) -> None:
    """The first two hundred; the others stand in the body."""
    write(tmp_path, [event(0, {f"f{n}": n for n in range(3000)})])
    seal(tmp_path, SCOPE)
    (row,) = rows(tmp_path, "cpu.usage")
    assert (row["f0"], row["f199"], "f200" in row) == (0, 199, False)


def test_names_that_sqlite_does_not_take(tmp_path: Path) -> None:
    """Its own, or those of others in another case: such a kind has no view, all is sealed, no other view is harmed."""
    strange = ["sqlite_x", "SQLITE_MASTER", "CPU.usage", "EVENTS", "Events_Readable"]
    for first, kinds in ((0, ["cpu.usage"]), (10, strange), (20, ["cpu.usage", *strange])):
        body = {"Body": first, f"f{first}": 1}
        write(tmp_path, [event(first + n, body, kind=kind) for n, kind in enumerate(kinds)])
        assert seal(tmp_path, SCOPE) == len(kinds)
    assert [row["offset"] for row in rows(tmp_path, "cpu.usage")] == [0, 20]
    assert list(rows(tmp_path, "cpu.usage")[0]) == ["time", "source", "f0", "f20", "body", "offset"]
    assert len(rows(tmp_path, "events_readable")) == len(rows(tmp_path, "events")) == 2 + 2 * len(strange)
