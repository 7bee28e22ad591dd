"""The text of a rule: YAML read with its lines, and written."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from minerlib.errors import RuleError

_DEPTH = 32


def parse(text: str, name: str) -> Any:
    """What a text says, as maps and lists that know their lines; `name` stands before a fault's. Raises RuleError."""
    yaml = YAML()
    try:
        _refuse(text, name)
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise RuleError([f"{name}:{place}: not YAML: {error.problem or error.context}."]) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise RuleError(
            [f"{name}:1:1: not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}."]
        ) from None


def write(document: dict[str, Any]) -> str:
    """YAML of a document, short lists and maps on a line."""
    yaml, out = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    yaml.representer.ignore_aliases = lambda _: True  # type: ignore[method-assign]
    yaml.dump(document, out)
    return out.getvalue()


def _refuse(text: str, name: str) -> None:
    """Refuse what could grow without end while it is read: aliases, and nesting that no rule needs."""
    depth = 0
    for event in YAML().parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent):
            said = f"`*{event.anchor}` repeats another place; write it out."
        elif depth > _DEPTH:
            said = f"nested deeper than {_DEPTH}."
        else:
            continue
        raise RuleError([f"{name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}: {said}"])


class Place(NamedTuple):
    """Where something stands in a text, both from 1."""

    line: int = 1
    column: int = 1


def place_of(at: Any, key: Any) -> Place:
    """Where a key stands, or its map; the beginning where the data came from no text."""
    place: Callable[[Any], tuple[int, int]] | None = getattr(getattr(at, "lc", None), "key", None)
    if place is None:
        return Place()
    try:
        line, column = place(key)
    except (KeyError, TypeError):
        line, column = at.lc.line, at.lc.col
    return Place(line + 1, column + 1)


def plain(said: Any) -> Any:
    """Plain data out of what YAML gives."""
    if isinstance(said, Mapping):
        return {str(key): plain(value) for key, value in said.items()}
    if isinstance(said, Sequence) and not isinstance(said, str):
        return [plain(value) for value in said]
    if isinstance(said, bool) or said is None:
        return said
    if isinstance(said, int):
        return int(said)
    return float(said) if isinstance(said, float) else str(said)
