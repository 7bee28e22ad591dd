"""A file that says what a site's own messages are: read strictly, with every fault in a sentence."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from minerlib.errors import SettingError
from minerlib.event.decode import DECODERS
from minerlib.event.decode.mapping import Entry
from minerlib.event.key import check_scope
from minerlib.rule.text import parse


def read_mapping(path: Path) -> list[Entry]:
    """The entries of a YAML file. Raises SettingError, which names the entry, RuleError where it is no YAML."""
    try:
        said = parse(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read: {error}.") from None
    if not isinstance(said, list):
        raise SettingError(f"{path} is no mapping: write a list of entries, each with a - before it.")
    found: list[Entry] = []
    for number, each in enumerate(said, 1):
        try:
            entry = msgspec.convert(msgspec.to_builtins(dict(each)) if isinstance(each, dict) else each, Entry)
            _check(entry)
        except (msgspec.ValidationError, SettingError) as error:
            raise SettingError(f"{path}: entry {number}: {error}") from None
        found.append(entry)
    return found


def read_zone(name: str) -> ZoneInfo:
    """The time zone of a name as in Europe/Berlin. Raises SettingError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(f"{name!r} is no time zone: write one as in Europe/Berlin, or UTC.") from None


def _check(entry: Entry) -> None:
    if entry.zone:
        read_zone(entry.zone)
    if entry.producer and entry.producer not in (*DECODERS, "raw"):
        raise SettingError(f"{entry.producer!r} is no producer: there are {', '.join([*DECODERS, 'raw'])}.")
    if entry.scope and "{" not in entry.scope:
        check_scope(entry.scope)
