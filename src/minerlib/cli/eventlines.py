"""An event as a line: for a terminal, for a file, for a program. Nothing in it steers a terminal."""

import base64
from typing import Any

import msgspec
from rich.text import Text

from minerlib.cli.shown import CONTROL, json_line
from minerlib.event.body import flatten
from minerlib.event.event import Event
from minerlib.event.moment import rfc3339

_COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "bright_red")


def plain(event: Event) -> str:
    """Time, scope, source, kind and the body as JSON."""
    text = f"{rfc3339(event.time)} {event.scope} {event.source} {event.kind} {_said(event)}"
    return text.translate(CONTROL)


def coloured(event: Event) -> Text:
    """Time of day, source, kind and fields."""
    text = Text()
    text.append(rfc3339(event.time)[11:23] + "  ", "dim")
    text.append(event.source.translate(CONTROL) + "  ")
    text.append(event.kind.translate(CONTROL), _COLOURS[sum(event.kind.encode()) % len(_COLOURS)])
    if event.raw is not None or not isinstance(event.body, dict):
        text.append("  " + _said(event).translate(CONTROL), "red" if event.raw is not None else "")
        return text
    for name, value in flatten(event.body).items():
        if name != "time":
            text.append(f"  {name.translate(CONTROL)} ", "dim")
            shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            text.append(shown.translate(CONTROL))
    return text


def as_json(event: Event) -> str:
    """One JSON object; bytes that nobody could read are its `raw`, in base64."""
    found: dict[str, Any] = {"time": rfc3339(event.time)}
    found |= {name: getattr(event, name) for name in ("company", "system", "environment", "source", "kind")}
    found["body"] = event.body
    if event.raw is not None:
        found["raw"] = base64.b64encode(event.raw).decode()
    return json_line(found)


def _said(event: Event) -> str:
    if event.raw is not None:
        return repr(event.raw)[2:-1]
    return msgspec.json.encode(event.body).decode()
