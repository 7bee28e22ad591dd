"""What the cells of a CSV file say: what is a number, what is none, what its first line has to be."""

import re
from collections.abc import Sequence
from typing import Any

DELIMITERS = ",;\t|"
WHOLE = r"[+-]?(0|[1-9]\d*)"  # 007 is text
REAL = r"[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?"
NO_NUMBER = ("nan", "inf", "-inf", "null", "na", "n/a")  # in a column of numbers: nothing
TRUTH = {"true": True, "false": False}

_whole, _real = re.compile(WHOLE), re.compile(REAL)


def names_of(cells: Sequence[str]) -> list[str] | None:
    """The columns' names, where a first line has them: each once, none empty, none a number."""
    names = [name.strip() for name in cells]
    fine = names and "" not in names and len(set(names)) == len(names) and not any(map(_number, names))
    return names if fine else None


class Cells:
    """Rows as bodies, each when it comes: a number, truth, or text as the cell alone says; an empty one is left out.

    What is no number in words (`nan`, `n/a`) is left out of a column that had one before.

    >>> Cells(["host", "used", "full"]).body(["web-7", "91.5", "true"])
    {'host': 'web-7', 'used': 91.5, 'full': True}
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._numbers: set[str] = set()

    def body(self, cells: Sequence[str]) -> dict[str, Any]:
        """The body that a row is."""
        read = ((name, self._read(name, cell.strip())) for name, cell in zip(self.names, cells, strict=True))
        return {name: value for name, value in read if value is not None}

    def _read(self, name: str, text: str) -> Any:
        if not text:
            return None
        value = typed(text)
        if isinstance(value, str):
            return None if name in self._numbers and value.lower() in NO_NUMBER else value
        if not isinstance(value, bool):
            self._numbers.add(name)
        return value


def typed(text: str) -> int | float | bool | str:
    """A cell as a number, exactly, or truth; else the text.

    >>> typed("12"), typed("1e3"), typed("007"), typed("TRUE"), typed("1.2.3")
    (12, 1000.0, '007', True, '1.2.3')
    """
    if text.lower() in TRUTH:
        return TRUTH[text.lower()]
    if _whole.fullmatch(text):
        return int(text) if len(text) < 20 and -(2**63) <= int(text) < 2**63 else text
    if _real.fullmatch(text):
        try:
            value = float(text)
        except ValueError:  # a sign or a dot alone
            return text
        return value if value - value == 0 else text  # 1e999 is infinite
    return text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.lower() not in ("nan", "inf", "infinity")
