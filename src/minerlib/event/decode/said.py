"""What was decoded, as the body of an event on our bus, where the key says source and kind."""

from base64 import b64encode
from typing import Any

from minerlib.event.decode.delivery import Decoded
from minerlib.event.moment import read_time, rfc3339


def body_of(found: Decoded) -> dict[str, Any]:
    """A JSON object with the field `time` where the time is known.

    A value that is no object stands in `value`; bytes nobody could read in `text`, or in `base64` where they are none.
    A field `time` that says it otherwise (or in no way we read) goes on as `time_said`.

    >>> body_of(Decoded("web-1", "load", 1_000_000, {"time": "1970-01-01 00:00:01", "load": 0.4}))
    {'time': '1970-01-01T00:00:01.000000Z', 'load': 0.4, 'time_said': '1970-01-01 00:00:01'}
    """
    body: dict[str, Any] = dict(found.body) if isinstance(found.body, dict) else {}
    if found.raw is not None:
        try:
            body["text"] = found.raw.decode()
        except UnicodeDecodeError:
            body["base64"] = b64encode(found.raw).decode()
    elif not isinstance(found.body, dict):
        body["value"] = found.body
    if found.time is None or ("time" in body and read_time(body["time"]) == found.time):
        return body
    said = {"time_said": body["time"]} if "time" in body else {}
    return {"time": rfc3339(found.time), **{name: value for name, value in body.items() if name != "time"}, **said}
