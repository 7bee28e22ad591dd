"""Where the generations of a log file went: what lies beside it, under names that begin with its own."""

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from minerlib.nodes.generation import COMPRESSED, Generation, open_log
from minerlib.nodes.places import Place

BROKEN = (OSError, EOFError)  # what a file that is gone, forbidden or cut short raises


def rotated(path: Path) -> list[Path]:
    """The files that may be rotated ones of `path`, the oldest first: `app.log.1`, `app.log-20260101.gz`,
    `app-20260101.log`. One that is being compressed is there under its old name, until it is done."""
    found: list[tuple[int, Path]] = []
    with contextlib.suppress(OSError):
        for each in path.parent.iterdir():
            named = each.name.startswith((f"{path.name}.", f"{path.name}-"))
            dated = each.name.startswith(f"{path.stem}-") and path.suffix in each.suffixes
            done = each.suffix not in COMPRESSED or not each.with_suffix("").exists()
            if each != path and (named or dated) and done:
                with contextlib.suppress(OSError):
                    if each.is_file():
                        found.append((each.stat().st_mtime_ns, each))
    return [each for _, each in sorted(found)]


def leftover(matches: Iterable[str]) -> set[str]:
    """Those of some paths that are rotated ones of others among them, and not followed for themselves."""
    every = set(matches)
    return {path for path in every if any(path != base and path.startswith((f"{base}.", f"{base}-")) for base in every)}


def locate(place: Place, among: Iterable[Path]) -> Generation | None:
    """A generation's rest: the same file under another name, else the oldest with the same content up to the place."""
    files = list(among)
    for same in (True, False):
        for candidate in files:
            with contextlib.suppress(*BROKEN):
                found = Generation(place.path, open_log(candidate), place.number, place)
                moved = found.identity == (place.device, place.inode)
                if moved is same and _holds(found, place.within):
                    found.still = not moved or candidate.suffix in COMPRESSED
                    return found
                found.close()
    return None


def known(candidate: Path, places: Iterable[Place], cut: Place | None) -> bool:
    """Whether a file is one of these generations; of one that was cut short, a copy may be shorter than the place."""
    with contextlib.suppress(*BROKEN), open_log(candidate) as file:
        return any(place.within(file) or (place is cut and place.begins(file)) for place in places)
    return True  # it cannot be read: nothing to follow


def unseen(candidate: Path, path: str, number: int) -> Generation | None:
    """A generation that came and went while nobody looked."""
    with contextlib.suppress(*BROKEN):
        return Generation(path, open_log(candidate), number, None, candidate.suffix in COMPRESSED)
    return None


def _holds(found: Generation, within: Callable[[BinaryIO], bool]) -> bool:
    try:
        return within(found.file)
    except BROKEN:
        return False
