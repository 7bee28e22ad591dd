"""Lines as bodies: whatever they are, and each before the next is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from minerlib.archive.given import read_given
from minerlib.errors import SettingError
from minerlib.event.written import LONGEST, read_lines

LONG = b"x" * (LONGEST + 1)


def read(text: bytes, form: str | None = None) -> list[object]:
    """The bodies, and of what is none the line."""
    return [each.body or each.line for each in read_lines(text.splitlines(keepends=True), form)]


@pytest.mark.parametrize(
    ("form", "text", "out"),
    [
        (None, b'{"a": 1}\n\n{"a": 2}\r\n', [{"a": 1}, {"a": 2}]),
        (None, b'\xef\xbb\xbf{"a": 1}\n[1]\n{"a":\nnull\n{"b": {"c": 2}}', [{"a": 1}, 2, 3, 4, {"b": {"c": 2}}]),
        (None, b"[error] it broke\n{not json}\n", [{"message": "[error] it broke"}, {"message": "{not json}"}]),
        (None, b"caf\xe9\r\n", [{"message": "caf\ufffd", "base64": "Y2Fm6Q=="}]),
        ("text", b'{"a": 1}\n', [{"message": '{"a": 1}'}]),
        (None, b"a\n" + LONG + b"\nb\n", [{"message": "a"}, 2, {"message": "b"}]),
        ("csv", b"h;n\nweb;1\ndb\ndb;2.5\n", [{"h": "web", "n": 1}, 3, {"h": "db", "n": 2.5}]),
        ("csv", b'a,b\n"x, y",1\n"two\nlines",2\n', [{"a": "x, y", "b": 1}, {"a": "two\nlines", "b": 2}]),
        ("csv", b"a,b\n1,caf\xe9\n" + LONG + b"\n,nan\n", [{"a": 1, "b": "caf\xe9"}, 3, {"b": "nan"}]),
        ("csv", b"", []),
        ("csv", b"a,b\n", []),
    ],
)
def test_forms(form: str | None, text: bytes, out: list[object]) -> None:
    """What is read of lines; a number is that of a line that cannot be."""
    assert read(text, form) == out


def test_a_csv_needs_names() -> None:
    """Without them nobody knows what its cells are; said with the line."""
    with pytest.raises(SettingError, match=r"first line of x\.csv must name its columns, each once; it says '1,2'"):
        list(read_lines([b"1,2\n"], "csv", "x.csv"))


@pytest.mark.parametrize("form", ["ndjson", "csv", "text"])
def test_each_line_is_read_before_the_next(form: str) -> None:
    """So that what comes from `tail -f` goes on at once."""
    asked = list[int]()

    def lines() -> Iterator[bytes]:
        for number, line in enumerate([b'{"a": 1}\n', b'{"a": 2}\n', b'{"a": 3}\n']):
            asked.append(number)
            yield line

    first = next(read_lines(lines(), form))
    assert first.body
    assert len(asked) == first.line


def test_cells_are_typed_as_load_types_columns(tmp_path: Path) -> None:
    """A column of which all cells are alike gives what `minerlib load` makes of it."""
    cells = {
        "whole": ["1", "-7", "+3", "0"], "real": ["1.5", "2", "1e3", "-.5"], "text": ["007", "x", "1.2.3", "."],
        "truth": ["true", "FALSE", "True", "false"], "large": ["9223372036854775807", "1", "2", "3"],
        "holes": ["1", "nan", "", "N/A"], "words": ["none", "nan", "na", "x"], "huge": ["18446744073709551616"] * 4,
    }  # fmt: skip
    rows = [",".join(row) for row in zip(*cells.values(), strict=True)]
    text = "\n".join([",".join(cells), *rows]).encode()
    (tmp_path / "all.csv").write_bytes(text)
    loaded = read_given(tmp_path / "all.csv")
    assert [each.body for each in read_lines(text.splitlines(), "csv")] == loaded.bodies([0, 1, 2, 3], set())
