"""Where things are in an archive, and how names become names of files."""

from pathlib import Path
from urllib.parse import quote, unquote

SEALED = "sealed"
_PLAIN = "_.-"


def stream_dir(root: Path, scope: str) -> Path:
    """The folder of a stream's SQLite files."""
    return root / on_disk(scope)


def kind_dir(root: Path, kind: str) -> Path:
    """The Delta table of a kind."""
    return root / SEALED / on_disk(kind)


def on_disk(name: str) -> str:
    """A name as a file's: outside `[A-Za-z0-9_.-]` percent-encoded, never one that begins with a dot."""
    safe = quote(name, safe=_PLAIN).replace("~", "%7E")
    return "%2E" + safe[1:] if safe.startswith(".") else safe


def days(folder: Path) -> list[Path]:
    """The SQLite files of a stream, oldest first."""
    return sorted(folder.glob("????-??-??.sqlite"))


def scopes(root: Path) -> list[str]:
    """The streams that have SQLite files."""
    return sorted(unquote(path.name) for path in root.glob("*/") if path.name != SEALED and days(path))


def sealed_kinds(root: Path) -> list[str]:
    """The kinds that have a Delta table."""
    return sorted(unquote(path.parent.name) for path in (root / SEALED).glob("*/_delta_log"))
