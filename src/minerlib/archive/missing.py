"""What is said of a kind that is not in an archive."""

import difflib
from collections.abc import Callable
from pathlib import Path

from minerlib.archive.snapshot import Snapshot
from minerlib.archive.streams import streams
from minerlib.event.pattern import topic_matches


def no_kind(root: Path, kind: str, scope: str | None, name: Callable[[str], str] = str) -> str:
    """Why nothing of a kind (or of a pattern) is found, and what is there; kinds are told by their `name`."""
    kinds = Snapshot(root, lambda _: True).kinds
    if not kinds:
        return f"No event is in {root} yet: minerlib up archives what happens, minerlib load takes files."
    if scope is not None and any(kind in (each, name(each)) or topic_matches(kind, each) for each in kinds):
        there = sorted({stream.scope for stream in streams(root)})
        return f"No event of kind {kind!r} and scope {scope} is in {root}: there are {', '.join(there[:8])}."
    names = list(map(name, kinds))
    near = difflib.get_close_matches(kind, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names[:8])}."
    return f"No event of kind {kind!r} is in {root}: {hint}"
