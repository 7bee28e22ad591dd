"""What a date of a kind holds, as rows of the catalog."""

import hashlib
from typing import Any

import msgspec
import polars as pl

from minerlib.archive.describe import describe
from minerlib.archive.frames import events_of
from minerlib.event.body import field
from minerlib.event.event import Event
from minerlib.event.moment import from_datetime, rfc3339

BEGAN, ALERT = "node.began", "alert."
_SAID = ("id", "rule", "what", "severity", "value", "due", "fingerprint")


def look(kind: str, day: str, rows: pl.LazyFrame) -> dict[str, list[dict[str, Any]]]:
    """The rows of each of the catalog's tables for the events of a kind on a date; what was said twice counts once."""
    rows = rows.filter(~pl.col("repeat"))
    time = pl.col("time")
    scope = pl.concat_str("company", "system", "environment", separator=".")
    spans = rows.group_by("source", scope=scope).agg(pl.len(), first=time.min(), last=time.max()).collect()
    about = {"kind": kind, "date": day}
    names = msgspec.json.encode(spans["source"].unique().sort().to_list())
    among = hashlib.sha256(names).hexdigest()[:32]  # dates mostly have the sources of the date before
    events = int(spans["len"].sum())
    dates = {**about, "events": events, "first": _text(spans["first"].min()), "last": _text(spans["last"].max())}
    dates["sources"] = among
    found = {
        "dates": [dates],
        "source_sets": [{"id": among, "names": names.decode()}],
        "date_fields": [
            {
                **about,
                "field": name,
                "types": msgspec.json.encode(types.split(", ")).decode(),
                "events": round(share * events),
                "first": _text(first),
                "last": _text(last),
                "example": example,
            }
            for name, types, share, first, last, example in describe(rows).rows()
        ],
        "sources": [
            {"scope": scope, "source": source, "kind": kind, "first": _text(first), "last": _text(last)}
            for scope, source, first, last in spans.select("scope", "source", "first", "last").rows()
        ],
    }
    if kind == BEGAN:
        found["rules"] = [_rule(event) for event in _named(rows, "fingerprint")]
    elif kind.startswith(ALERT):
        found["alerts"] = [_alert(event) for event in _named(rows, "id")]
    return found


def _named(rows: pl.LazyFrame, name: str) -> list[Event]:
    """The events that have a text by which they are known; anybody may have published others."""
    events = events_of(rows.collect())
    return [event for event in events if (said := field(event.body, name)) and isinstance(said, str)]


def _rule(event: Event) -> dict[str, Any]:
    said = {name: _plain(field(event.body, name)) for name in ("fingerprint", "rule", "document")}
    return {**said, "scope": event.scope, "began": rfc3339(event.time)}


def _alert(event: Event) -> dict[str, Any]:
    said = {name: field(event.body, name) for name in _SAID}
    instance = msgspec.json.encode(field(event.body, "instance")).decode()
    return {**{name: _plain(value) for name, value in said.items()}, "scope": event.scope, "instance": instance}


def _plain(value: Any) -> Any:
    """A value that SQLite takes: not a list, an object, or an integer of more than 64 bits."""
    fits = isinstance(value, str | float | None) or (isinstance(value, int) and -(2**63) <= value < 2**63)
    return value if fits else msgspec.json.encode(value).decode()


def _text(moment: Any) -> str | None:
    return None if moment is None else rfc3339(from_datetime(moment))
