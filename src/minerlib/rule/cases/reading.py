"""Reading a test file strictly: every fault is collected with its place, and reading goes on."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, cast

from minerlib.errors import SettingError
from minerlib.event.moment import duration, read_time
from minerlib.rule.text import plain
from minerlib.rule.values import near


class Reading:
    """One reading of one file; `faults` are line, column and sentence."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[tuple[int, int, str]] = []

    def fault(self, at: Any, key: Any, said: str) -> None:
        """Remember what is wrong with a key of a map, an item of a list, or (None) the whole of it."""
        self.faults.append((*place_of(at, key), said))

    def told(self) -> list[str]:
        """The faults in order, as `file:line:column: sentence`."""
        return [f"{self.name}:{line}:{column}: {said}" for line, column, said in sorted(set(self.faults))]

    def keys(self, at: Mapping[str, Any], known: Sequence[str], what: str) -> None:
        """Every key that `what` does not have is a fault, with what was perhaps meant."""
        for key in at:
            if key not in known:
                hint = near(str(key), known) or f"; there are {', '.join(known)}."
                self.fault(at, key, f"unknown key `{key}` in {what}{hint}")

    def items(self, at: Mapping[str, Any], key: str, example: str) -> list[tuple[Any, int, Any]]:
        """The items of a list, each with the list and its index; one that is no list is a list of one."""
        said = at.get(key)
        if said is None:
            return []
        if isinstance(said, Sequence) and not isinstance(said, str):
            return [(said, index, item) for index, item in enumerate(cast("Sequence[Any]", said))]
        if isinstance(said, (str, Mapping)):
            return [(at, key, said)]  # type: ignore[list-item]
        self.fault(at, key, f"`{key}` is a list, for example `{example}`.")
        return []

    def text(self, at: Mapping[str, Any], key: str, default: str, example: str) -> str:
        said = at.get(key, default)
        if isinstance(said, str) and said.strip():
            return str(said)
        if key not in at:
            self.fault(at, None, f"`{key}` is missing: write `{key}: {example}`.")
            return default
        self.fault(at, key, f"`{key}` is a text, not {short(said)}; for example `{key}: {example}`.")
        return default

    def whole(self, at: Mapping[str, Any], key: str) -> int | None:
        said = at.get(key)
        if said is None or (isinstance(said, int) and not isinstance(said, bool) and said >= 0):
            return None if said is None else int(said)
        self.fault(at, key, f"`{key}` is a whole number from 0 on, not {short(said)}.")
        return None

    def span(self, at: Mapping[str, Any], key: str, default: int | None, signed: bool = False) -> int | None:
        """A duration in microseconds; the default where it is left out or none."""
        said = at.get(key)
        if said is None:
            return default
        if isinstance(said, (int, float)) and not isinstance(said, bool) and said != 0:
            self.fault(at, key, f"`{key}: {said}` has no unit: write {said}s, {said}m or {said}h.")
            return default
        sign = -1 if signed and isinstance(said, str) and said.startswith("-") else 1
        try:
            return sign * duration(said.lstrip("+-") if signed and isinstance(said, str) else said)
        except (SettingError, OverflowError):
            self.fault(at, key, f"`{key}: {short(said)}` is no duration: write 90s, 5m, 2h or 1h30m.")
            return default

    def moment(self, at: Mapping[str, Any], key: str, start: int, default: int | None = None) -> int | None:
        """A moment: so long after the case's start, or a time of the calendar."""
        said = at.get(key)
        found = calendar(said)
        if found is not None:
            return found
        span = self.span(at, key, None)
        return default if span is None else start + span


def calendar(said: Any) -> int | None:
    """The microseconds since 1970 of a time with a zone, as YAML or a text gives it; None where it is none."""
    if isinstance(said, (str, datetime.datetime)):
        return read_time(str(plain(said)))
    return None


def place_of(at: Any, key: Any) -> tuple[int, int]:
    """Line and column, from 1, of a key or an item, else of the whole; the beginning where nothing is known."""
    marks: Any = getattr(at, "lc", None)
    if marks is None:
        return 1, 1
    try:
        line, column = marks.item(key) if isinstance(key, int) else marks.key(key)
    except (KeyError, TypeError, AttributeError):
        line, column = marks.line, marks.col
    return line + 1, column + 1


def short(said: object) -> str:
    """What was written, for a sentence about it."""
    text = "null" if said is None else repr(plain(said))
    return text if len(text) <= 60 else f"{text[:60]}..."
