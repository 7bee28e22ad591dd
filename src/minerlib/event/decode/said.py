"""What was decoded, as the body of an event on our bus, where the key says source and kind."""

import hashlib
from base64 import b64encode
from codecs import getincrementaldecoder
from typing import Any

from minerlib.event.decode.delivery import Decoded
from minerlib.event.moment import read_time, rfc3339

_BEGINNING = 65_536  # bytes that are kept of what is too large


def body_of(found: Decoded) -> dict[str, Any]:
    """A JSON object with the field `time` where the time is known.

    A value that is no object stands in `value`; bytes nobody could read in `text`, or in `base64` where they are none.
    A field `time` that says it otherwise (or in no way we read) goes on as `time_said`.

    >>> body_of(Decoded("web-1", "load", 1_000_000, {"time": "1970-01-01 00:00:01", "load": 0.4}))
    {'time': '1970-01-01T00:00:01.000000Z', 'load': 0.4, 'time_said': '1970-01-01 00:00:01'}
    """
    body: dict[str, Any] = dict(found.body) if isinstance(found.body, dict) else {}
    if found.raw is not None:
        body |= _shown(found.raw, whole=True)
    elif not isinstance(found.body, dict):
        body["value"] = found.body
    if found.time is None or ("time" in body and read_time(body["time"]) == found.time):
        return body
    said = {"time_said": body["time"]} if "time" in body else {}
    return {"time": rfc3339(found.time), **{name: value for name, value in body.items() if name != "time"}, **said}


def beginning(data: bytes) -> dict[str, Any]:
    """What stands for bytes that are too many for an event: how many, their SHA-256, the first 64 KB.

    >>> beginning(b"all of it")["bytes"], beginning(b"all of it")["text"]
    (9, 'all of it')
    """
    first = _shown(data[:_BEGINNING], whole=len(data) <= _BEGINNING)
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **first}


def _shown(data: bytes, whole: bool) -> dict[str, str]:
    """Bytes as text, or as base64 where they are none; where they are not the `whole`, a character may be cut."""
    try:
        return {"text": getincrementaldecoder("utf-8")().decode(data, whole)}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
