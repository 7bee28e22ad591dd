"""The values of a rule document: each read with its check, every fault collected with its line."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from minerlib.errors import RuleError, SettingError
from minerlib.event.moment import DAY, duration
from minerlib.rule.expression import Expression
from minerlib.rule.text import Place, place_of

_KEYS = {
    "": ("rule", "version", "scope", "about", "kind", "where", "by", "measure", "usual", "levels", "clear", "missing",
         "flap", "retire", "instances", "lateness", "ahead", "budget", "notify", "act", "evidence"),
    "measure": ("of", "agg", "over", "every", "to", "ratio"),
    "ratio": ("of", "to"),
    "usual": ("zone", "shared", "of"),
    "shared": ("centre", "spread"),
    "usual.of": ("instance", "centre", "spread"),
    "levels": ("severity", "when", "for"),
    "clear": ("when", "for"),
    "missing": ("after", "then"),
    "flap": ("most", "per"),
    "budget": ("per_day",),
}  # fmt: skip
_LONGEST = 36_525 * DAY


class Values:
    """One reading of one document: collects faults and goes on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[tuple[Place, str]] = []

    def span(self, at: Mapping[str, Any], key: str, default: str, place: str) -> int:
        said = at.get(key, default)
        if isinstance(said, (int, float)) and not isinstance(said, bool) and said != 0:
            self.fault(at, key, f"`{key}: {said}` has no unit: write {said}s, {said}m or {said}h.")
            return 0
        try:
            span = duration(said)
        except (SettingError, OverflowError):
            self.fault(at, key, f"`{key}: {_short(said)}` is no duration: write 90s, 5m, 2h or 1h30m.")
            return 0
        if span > _LONGEST:
            self.fault(at, key, f"`{key}: {_short(said)}` is longer than 100 years.")
        return span

    def whole(self, at: Mapping[str, Any], key: str, default: int, low: int = 1, high: int = 2**53 - 1) -> int:
        said = at.get(key, default)
        if isinstance(said, bool) or not isinstance(said, int) or not low <= said <= high:
            to = f" to {high:,}" if high < 2**53 - 1 else " on"
            self.fault(at, key, f"`{key}` is a whole number from {low}{to}, not {_short(said)}.")
            return default
        return int(said)

    def text(
        self,
        at: Mapping[str, Any],
        key: str,
        place: str,
        needed: bool = False,
        shape: Any = None,
        example: str = "a text",
    ) -> str | None:
        if key not in at:
            if needed:
                self.fault(at, None, f"`{key}` is missing: write `{key}: {example}`.")
            return None
        said = at[key]
        if not isinstance(said, str) or not said.strip():
            self.fault(at, key, f"`{key}` is a text, not {said!r}; for example `{key}: {example}`.")
            return None
        if shape and not shape.fullmatch(said):
            self.fault(at, key, f"`{key}: {said}`: use small letters, digits and hyphens, for example {example}.")
        return str(said)

    def words(self, at: Mapping[str, Any], key: str) -> tuple[str, ...]:
        said: Any = at.get(key, [])
        if isinstance(said, str):
            return (str(said),)
        if not isinstance(said, Sequence) or not all(isinstance(word, str) and word for word in said):
            self.fault(at, key, f"`{key}` is a list of names, for example `{key}: [source]`.")
            return ()
        return tuple(str(word) for word in said)

    def map(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        said = document[key]
        if not isinstance(said, Mapping):
            self.fault(document, key, f"`{key}` is a map of {', '.join(_KEYS[key])}.")
            return None
        self.keys(said, key)
        return said

    def keys(self, at: Mapping[str, Any], place: str) -> None:
        where = f" in `{place}`" if place else ""
        for key in at:
            if key not in _KEYS[place]:
                hint = near(str(key), _KEYS[place]) or f"; there are {', '.join(_KEYS[place])}."
                self.fault(at, key, f"unknown key `{_plain(key)}`{where}{hint}")

    def number(self, at: Mapping[str, Any], key: str) -> float | None:
        said = at[key]
        if isinstance(said, bool) or not isinstance(said, (int, float)) or not abs(said) < 1e300:
            self.fault(at, key, f"`{key}` is a number, not {_short(said)}.")
            return None
        return float(said)

    def expression(self, at: Mapping[str, Any], key: str, place: str) -> Expression | None:
        """An SQL expression over the body's fields."""
        said = self.text(at, key, place, example="used_pct")
        if said is None:
            return None
        try:
            return Expression.read(said)
        except ValueError as error:
            self.fault(at, key, f"`{key}`: {error}")
            return None

    def fault(self, at: Mapping[str, Any], key: Any, said: str) -> None:
        self.faults.append((place_of(at, key), said))

    def end(self) -> None:
        """Raises RuleError where there are faults: all of them, in the order of the text."""
        if self.faults:
            raise RuleError([f"{self.name}:{at.line}:{at.column}: {said}" for at, said in sorted(self.faults)])


def _plain(key: object) -> str:
    return key if isinstance(key, str) else repr(key)


def near(word: str, known: Sequence[str]) -> str:
    """What was perhaps meant, as the end of a sentence."""
    found = difflib.get_close_matches(word, known, 1, 0.6)
    return f": did you mean `{found[0]}`?" if found else ""


def _short(said: object) -> str:
    text = repr(said)
    return text if len(text) <= 60 else f"{text[:60]}..."
