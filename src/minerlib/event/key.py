"""Routing keys: `company.system.environment.source.kind`, at most 255 bytes."""

import hashlib
from typing import NamedTuple

from minerlib.errors import EventError, SettingError

LOCAL = "local.lab.dev"
UNREADABLE = "unreadable"
_LIMIT = 255


class Key(NamedTuple):
    scope: str
    source: str
    kind: str


def check_scope(scope: str) -> str:
    """The scope itself, where it is three plain words; SettingError otherwise."""
    words = scope.split(".")
    if len(words) != 3 or not all(words) or any(c in scope for c in "*# \n/"):
        raise SettingError(f"{scope!r} is not a scope: write company.system.environment, for example acme.web.prod.")
    if len(scope.encode()) > 120:
        raise SettingError(f"The scope {scope[:40]}... is longer than 120 bytes; a routing key has 255 in all.")
    return scope


def make_key(scope: str, source: str, kind: str) -> tuple[str, bool]:
    """The routing key of an event, and whether its source had to be cut to fit.

    Dots inside a source become `/`. A source that is too long is cut and ends in `~` and 12 hex digits of
    its SHA-256; the caller then puts the whole of it into the body's field `source`.

    >>> make_key("acme.web.prod", "web-17.acme.com", "disk.usage")[0]
    'acme.web.prod.web-17/acme/com.disk.usage'
    """
    if not source or not kind or "" in kind.split("."):
        raise EventError(f"An event needs a source and a kind; got source {source[:60]!r} and kind {kind[:60]!r}.")
    word = source.replace(".", "/")
    key = f"{scope}.{word}.{kind}"
    if len(key.encode()) <= _LIMIT:
        return key, False
    room = _LIMIT - len(f"{scope}..{kind}".encode()) - 13
    if room < 8:
        raise EventError(f"The kind {kind[:60]}... is too long: a routing key has {_LIMIT} bytes in all.")
    return f"{scope}.{word.encode()[:room].decode(errors='ignore')}~{fingerprint(source)}.{kind}", True


def split_key(key: str) -> Key | None:
    """Scope, source and kind of a routing key; None where it has fewer than five words or an empty one."""
    words = key.split(".", 4)
    if len(words) < 5 or "" in words or "" in words[4].split("."):
        return None
    return Key(".".join(words[:3]), words[3], words[4])


def whole_source(word: str, body: object) -> str:
    """The source of a key, or the long one out of the body that the key's `~hash` vouches for."""
    if "~" in word and isinstance(body, dict):
        said = body.get("source")
        if isinstance(said, str) and word.endswith("~" + fingerprint(said)):
            return said
    return word


def fingerprint(source: str) -> str:
    """Twelve hex digits that stand for a source too long for a key."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]
