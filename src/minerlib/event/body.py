"""Bodies: reading what a message holds, and finding fields in it."""

import re
from typing import Any, NamedTuple

import msgspec

_read = msgspec.json.Decoder().decode
NO_JSON = (ValueError, RecursionError)  # what msgspec raises where bytes are none that can be read
DEPTH = 32
DEEPEST = 256  # objects and lists in one another: few enough that whoever can be called can read them
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKETS = bytes(sorted({*range(256)} - {*b"{}[]"}))


class Part(NamedTuple):
    """One event's worth of a message: its body, or the bytes where nothing could be read from them."""

    body: Any
    raw: bytes | None


def read_parts(data: bytes) -> list[Part]:
    """A JSON value, NDJSON (recognised by its content), or raw bytes. Never raises, loses nothing.

    NDJSON is what is not one JSON value but has a line that is a JSON object; its bad lines are kept raw, and so is
    what is `too_deep`.

    >>> [part.body for part in read_parts(b'{"a":1}\\n{"a":2}')]
    [{'a': 1}, {'a': 2}]
    """
    whole = _read_one(data)
    if whole.raw is None or b"\n" not in data:
        return [whole]
    lines = [_read_one(line) for line in data.splitlines() if line.strip()]
    return lines if any(isinstance(part.body, dict) for part in lines) else [whole]


def _read_one(data: bytes) -> Part:
    try:
        return Part(None, data) if too_deep(data) else Part(_read(data), None)
    except NO_JSON:
        return Part(None, data)


def too_deep(data: bytes) -> bool:
    """Whether JSON has more than DEEPEST objects and lists in one another. Python would read it here and not there,
    depending on how deep its own calls are; every reader has to find the same."""
    if len(data) <= 2 * DEEPEST or data.count(b"{") + data.count(b"[") <= DEEPEST:
        return False
    left = _STRING.sub(b"", data).translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        left = left.replace(b"{}", b"").replace(b"[]", b"")
    return bool(left)


def flatten(body: Any) -> dict[str, Any]:
    """The fields of a body: nested objects as dotted names, lists and what lies deeper than 32 as they are.

    A body that is no object has no fields. A name said twice (`{"a.b": 1, "a": {"b": 2}}`) keeps the plain one.

    >>> flatten({"cpu": {"user": 3}, "host": "web"})
    {'cpu.user': 3, 'host': 'web'}
    """
    out: dict[str, Any] = {}
    if isinstance(body, dict):
        _flatten(body, "", out, 0)
    return out


def _flatten(body: dict[str, Any], prefix: str, out: dict[str, Any], depth: int) -> None:
    for name, value in body.items():
        if isinstance(value, dict) and value and depth < DEPTH:
            _flatten(value, f"{prefix}{name}.", out, depth + 1)
    for name, value in body.items():
        if not (isinstance(value, dict) and value and depth < DEPTH):
            out[prefix + name] = value


def field(body: Any, name: str) -> Any:
    """The value of a field by its dotted name; None where there is none. Plain names win over nested ones."""
    if not isinstance(body, dict):
        return None
    if name in body:
        return body[name]
    head, dot, rest = name.partition(".")
    while dot:
        if isinstance(body.get(head), dict):
            found = field(body[head], rest)
            if found is not None:
                return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None
