"""Where broken files are put aside: `quarantine/<when>/`, under the path that they had. Nothing is deleted there."""

from pathlib import Path

from minerlib.archive.places import QUARANTINE
from minerlib.event.moment import rfc3339


class Quarantine:
    """The folder of one repair, begun at the moment `at` (microseconds); made when something is put there."""

    def __init__(self, root: Path, at: int) -> None:
        self._root = root.absolute()
        self.folder = self._root / QUARANTINE / rfc3339(at)[:19].replace(":", "-")

    def place(self, path: Path) -> Path:
        """Where a file of the archive, or a folder, goes; its folder is there then."""
        to = self.folder / path.absolute().relative_to(self._root)
        while to.exists():
            to = to.with_name(f"{to.name}.more")
        to.parent.mkdir(parents=True, exist_ok=True)
        return to

    def put(self, path: Path) -> Path | None:
        """Move something there; where it is now, None where it was gone already."""
        if not path.exists():
            return None
        return path.rename(self.place(path))
