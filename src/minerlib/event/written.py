"""Lines that somebody has, as bodies, each as it comes: NDJSON, CSV below a line of names, or plain text."""

import base64
import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from minerlib.errors import SettingError
from minerlib.event.body import read_parts
from minerlib.event.cells import DELIMITERS, Cells, names_of

FORMS = ("ndjson", "csv", "text")
LONGEST = 1_000_000  # bytes of a line


class Written(NamedTuple):
    """What stands at a line, counted from 1: a body, or in words why it is none."""

    line: int
    body: dict[str, Any] | None
    fault: str = ""


def read_lines(lines: Iterable[bytes], form: str | None = None, called: str = "the input") -> Iterator[Written]:
    """The bodies of lines in one of FORMS; without it NDJSON where the first line is an object, else text. Each line is
    read before the next is asked for. A line that cannot be read, or is longer than LONGEST, costs itself; empty ones
    are none.

    >>> [each.body for each in read_lines([b'{"used": 3}', b'{"used": 4}'])], next(read_lines([b"a line"])).body
    ([{'used': 3}, {'used': 4}], {'message': 'a line'})

    Raises SettingError where the first line of a CSV does not name its columns.
    """
    if form == "csv":
        yield from _rows(lines, called)
        return
    for number, line in enumerate(lines, 1):
        line = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n") if number == 1 else line.rstrip(b"\r\n")
        if not line.strip():
            continue
        form = form or ("ndjson" if line.lstrip().startswith(b"{") else "text")
        if len(line) > LONGEST:
            yield _too_long(number)
        elif form == "text":
            yield Written(number, message_of(line))
        else:
            body = read_parts(line)[0].body
            yield Written(number, body) if isinstance(body, dict) else Written(number, None, "is no JSON object")


def message_of(line: bytes) -> dict[str, Any]:
    """A line of text as a body: its `message`, and in `base64` its bytes where they are no UTF-8."""
    try:
        return {"message": line.decode()}
    except UnicodeDecodeError:
        return {"message": line.decode(errors="replace"), "base64": base64.b64encode(line).decode()}


def readable(text: str) -> str:
    """What the system calls something, whose bytes need not be UTF-8, as text that can be sent: `�` for those that are
    not. All other text is as it was."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _rows(lines: Iterable[bytes], called: str) -> Iterator[Written]:
    """The rows of a CSV, whose cells may hold ends of lines."""
    faults: list[Written] = []
    told = iter(_texts(lines, faults))
    first = next(told, "")
    reader = csv.reader(chain([first], told), delimiter=max(DELIMITERS, key=first.count))
    head = names_of(next(reader, []))
    if head is None:
        if not first:
            return
        raise SettingError(
            f"The first line of {called} must name its columns, each once; it says {first.strip()[:80]!r}."
        )
    cells = Cells(head)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Written(reader.line_num, None, f"is no row of a CSV ({error})")
            continue
        yield from faults
        faults.clear()
        if row is None:
            return
        if len(row) == len(head):
            yield Written(reader.line_num, cells.body(row))
        elif row:
            size = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            yield Written(reader.line_num, None, f"has {size}, where {len(head)} are named")


def _texts(lines: Iterable[bytes], faults: list[Written]) -> Iterator[str]:
    """Lines as text; an empty one where one is too long."""
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            faults.append(_too_long(number))
            yield "\n"
            continue
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield line.decode("latin-1")


def _too_long(number: int) -> Written:
    return Written(number, None, f"is longer than {LONGEST:,} bytes")
