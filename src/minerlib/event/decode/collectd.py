"""collectd, in the three formats its amqp plugin writes: PUTVAL lines, JSON, and Graphite lines.

The source is the host as collectd says it, the kind `plugin`, or `plugin.type` where the type is another word. The body
holds the values by the names `types.db` has for them, the instances where there are any, and the interval in seconds:

    PUTVAL web1.example.net/interface-eth0/if_octets interval=2.000 1795334315.542:779230134:1125012
    source web1.example.net, kind interface.if_octets,
    body {"rx": 779230134, "tx": 1125012, "plugin_instance": "eth0", "interval": 2.0}

A value that is not known (`U`, `nan`, null) is null. JSON's `dstypes` are left out: a type always has the same.
Graphite lines of one type make one event, as in the other formats; they say no interval, and dots of the host are `_`.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from minerlib.event.decode import graphite
from minerlib.event.decode.defaults import clean_kind, raw
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.numbers import number, real
from minerlib.event.decode.times import in_unit
from minerlib.event.decode.types_db import is_name, names_of

_PUTVAL = re.compile(r'PUTVAL (?:"([^"\\]++)"|([^\s"]++))(?: interval=(\S++))?+((?: [^\s:=]++(?::[^\s:]++)++)++)\s*+')
_UNKNOWN = ("U", "nan", "-nan", "NaN")


class _List(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A value list of the JSON format."""

    values: list[int | float | None]
    dsnames: list[str]
    time: float
    host: str
    plugin: str
    type: str
    plugin_instance: str = ""
    type_instance: str = ""
    interval: float | None = None
    dstypes: list[str] = []
    meta: dict[str, Any] | None = None


_lists = msgspec.json.Decoder(list[_List]).decode
_list = msgspec.json.Decoder(_List).decode
_parts = msgspec.json.Decoder(list[msgspec.Raw]).decode
_BAD = (ValueError, RecursionError)  # msgspec's own are ValueErrors


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event a value list; None where there is no PUTVAL, no JSON with `dsnames`, no Graphite of the app collectd."""
    body = delivery.body
    if body.startswith(b"PUTVAL ") or b"\nPUTVAL " in body:
        found = [each for line in body.split(b"\n") if line.strip() for each in _putval(line, delivery)]
        return found if any(each.raw is None for each in found) else None
    if b'"dsnames"' in body:
        return _json(delivery)
    return _graphite(delivery) if delivery.app_id == "collectd" else None


def _putval(line: bytes, delivery: Delivery) -> list[Decoded]:
    try:
        match = _PUTVAL.fullmatch(line.decode())
        if match is None:
            return [raw(delivery, line.rstrip(b"\r"))]
        quoted, plain, interval, lists = match.groups()
        host, plugin, type_ = (quoted or plain).split("/", 2)
        every = None if interval is None else real(interval)
        plugin, _, plugin_instance = plugin.partition("-")
        type_, _, type_instance = type_.partition("-")
        found: list[Decoded] = []
        for each in lists.split():
            said, *texts = each.split(":")
            values = [None if text in _UNKNOWN else number(text) for text in texts]
            time = None if said == "N" else in_unit(real(said), "s")
            body: dict[str, Any] = dict(zip(names_of(type_, len(values)), values, strict=True))
            found.append(_event(host, plugin, plugin_instance, type_, type_instance, body, time, every))
    except ValueError:
        return [raw(delivery, line.rstrip(b"\r"))]
    return found


def _json(delivery: Delivery) -> list[Decoded] | None:
    try:
        return [_said(each) for each in _lists(delivery.body)]
    except _BAD:
        pass
    try:
        parts = _parts(delivery.body)
    except _BAD:
        return None
    found: list[Decoded] = []
    for part in parts:
        try:
            found.append(_said(_list(part)))
        except _BAD:
            found.append(raw(delivery, bytes(part)))
    return found if any(each.raw is None for each in found) else None


def _said(said: _List) -> Decoded:
    body: dict[str, Any] = dict(zip(said.dsnames, said.values, strict=True))
    if len(body) != len(said.values) or not body.keys().isdisjoint(("plugin_instance", "type_instance", "interval")):
        raise ValueError("a name said twice")
    if said.meta is not None and body.setdefault("meta", said.meta) is not said.meta:
        raise ValueError("a name said twice")
    return _event(
        said.host, said.plugin, said.plugin_instance, said.type, said.type_instance, body, in_unit(said.time, "s"),
        said.interval,
    )  # fmt: skip


def _event(
    host: str, plugin: str, plugin_instance: str, type_: str, type_instance: str, body: dict[str, Any],
    time: int | None, interval: float | None,
) -> Decoded:  # fmt: skip
    """A value list as an event; `body` holds its values. ValueError where it has no host, plugin, type or value."""
    kind = _word(plugin) if plugin == type_ else f"{_word(plugin)}.{_word(type_)}"
    if not host or not body or kind.startswith(".") or kind.endswith(".") or not kind:
        raise ValueError(kind)
    if plugin_instance:
        body["plugin_instance"] = plugin_instance
    if type_instance:
        body["type_instance"] = type_instance
    if interval is not None:
        body["interval"] = interval
    return Decoded(host, kind, time, body)


def _word(text: str) -> str:
    return text if text.isidentifier() else clean_kind(text)


def _graphite(delivery: Delivery) -> list[Decoded] | None:
    points = graphite.points_of(delivery)
    if points is None:
        return None
    found: list[Decoded] = []
    before: Sequence[Any] = ()
    for point in points:
        if isinstance(point, bytes):
            found.append(raw(delivery, point))
            before = ()
            continue
        words = point.path.split(".")
        named = len(words) > 3 and is_name(words[-2].partition("-")[0], words[-1])
        name = words.pop() if named else "value"
        same = (*words, point.time)
        if same == before and not point.tags and name not in found[-1].body:
            found[-1].body[name] = point.value
            continue
        listed = _listed(words, name, point)
        before = same if listed else ()
        found.append(listed or graphite.event(point, delivery))
    return found


def _listed(words: list[str], name: str, point: graphite.Point) -> Decoded | None:
    """The event that `prefix.host.plugin-instance.type-instance` begins; None where the path has no such words."""
    if len(words) < 3 or point.tags:
        return None
    *prefix, host, plugin, type_ = words
    plugin, _, plugin_instance = plugin.partition("-")
    type_, _, type_instance = type_.partition("-")
    body: dict[str, Any] = {name: point.value}
    if prefix:
        body["prefix"] = ".".join(prefix)
    try:
        return _event(host, plugin, plugin_instance, type_, type_instance, body, point.time, None)
    except ValueError:
        return None
