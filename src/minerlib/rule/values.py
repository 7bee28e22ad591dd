"""The values of a rule document: each read with its check, every fault collected with its line."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from minerlib.errors import SettingError
from minerlib.event.moment import DAY, duration
from minerlib.rule.condition import Condition, read_condition
from minerlib.rule.text import line_of

_LATER = {
    "": ("where", "usual", "flap", "retire"),
    "measure": ("to", "ratio", "usual"),
}
_KEYS = {
    "": ("rule", "version", "scope", "about", "kind", "by", "measure", "levels", "clear", "missing", "lateness",
         "ahead", "budget", "notify", "act", "evidence"),
    "measure": ("of", "agg", "over", "every"),
    "levels": ("severity", "when", "for"),
    "clear": ("when", "for"),
    "missing": ("after", "then"),
    "budget": ("per_day",),
}  # fmt: skip
_LONGEST = 36_525 * DAY


class Values:
    """One reading of one document: collects faults and goes on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[tuple[int, str]] = []

    def condition(self, at: Mapping[str, Any], place: str) -> Condition | None:
        said = at.get("when")
        found = read_condition(said)
        if found is None and "when" not in at:
            self.fault(at, None, '`when` is missing: write `when: "> 80"`.')
        elif found is None and isinstance(said, str) and "usual" in said:
            self.fault(at, "when", "`usual` is not supported yet; compare with a number.")
        elif found is None:
            self.fault(
                at, "when", f'{said!r} is no condition: write `"> 80"`, with one of > >= < <= == != and a number.'
            )
        return found

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

    def whole(self, at: Mapping[str, Any], key: str, default: int) -> int:
        said = at.get(key, default)
        if isinstance(said, bool) or not isinstance(said, int) or not 1 <= said < 2**53:
            self.fault(at, key, f"`{key}` is a whole number from 1 on, not {_short(said)}.")
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
            if key in _KEYS[place]:
                continue
            if key in _LATER.get(place, ()):
                self.fault(at, key, f"`{key}`{where} is not supported yet.")
            else:
                known = (*_KEYS[place], *_LATER.get(place, ()))
                self.fault(
                    at,
                    key,
                    f"unknown key `{key}`{where}{near(str(key), known) or '; there are ' + ', '.join(_KEYS[place])}.",
                )

    def fault(self, at: Mapping[str, Any], key: Any, said: str) -> None:
        self.faults.append((line_of(at, key), said))


def near(word: str, known: Sequence[str]) -> str:
    """What was perhaps meant, as the end of a sentence."""
    found = difflib.get_close_matches(word, known, 1, 0.6)
    return f": did you mean `{found[0]}`?" if found else ""


def _short(said: object) -> str:
    text = repr(said)
    return text if len(text) <= 60 else f"{text[:60]}..."
