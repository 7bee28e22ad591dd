"""Bodies out of their columns and their `rest` (see columns.py)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from minerlib.archive.columns import field_of

_decode = msgspec.json.Decoder().decode


def bodies_of(columns: Mapping[str, Sequence[Any]], rests: Sequence[str | None]) -> list[Any]:
    """The bodies that columns and `rest` came from; an integer that stood in a column comes back as a float.

    >>> bodies_of({"cpu.user": [3.0], "body.time": ["now"]}, ['{"tags":["a"]}'])
    [{'tags': ['a'], 'time': 'now', 'cpu': {'user': 3.0}}]
    """
    flat = [(field_of(name), values) for name, values in columns.items()]
    plain = [(name, values) for name, values in flat if "." not in name]
    nested = [(name, name.split("."), values) for name, values in flat if "." in name]
    bodies: list[Any] = []
    for row, rest in enumerate(rests):
        left: Any = _decode(rest) if rest is not None else {}
        if not isinstance(left, dict):
            bodies.append(left)
            continue
        odd = left.pop("", ())
        if isinstance(odd, dict):
            bodies.append(odd)
            continue
        paths = {".".join(path): path for path in odd}
        body: dict[str, Any] = {}
        for name, value in left.items():
            _set(body, paths.get(name) or name.split("."), value)
        for name, values in plain:
            if values[row] is not None:
                body[name] = values[row]
        for name, path, values in nested:
            if values[row] is not None:
                _set(body, paths.get(name) or path if paths else path, values[row])
        bodies.append(body)
    return bodies


def body_of(flat: str, rest: str | None) -> str:
    """The body of a row as JSON text: `flat` are its columns as a JSON object, null where it has none.

    >>> body_of('{"cpu.user": 3.0, "idle": null}', '{"tags":["a"]}')
    '{"tags":["a"],"cpu":{"user":3.0}}'
    """
    columns = {name: [value] for name, value in msgspec.json.decode(flat).items() if value is not None}
    return msgspec.json.encode(bodies_of(columns, [rest])[0]).decode()


def _set(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    at = body
    for name in path[:-1]:
        at = at.setdefault(name, {})
    at[path[-1]] = value
