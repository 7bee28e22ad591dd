"""Where the collectors are: in the wheel as `minerlib/collectors`, in a checkout beside pyproject.toml."""

import ast
from pathlib import Path

from minerlib.errors import SettingError

_PACKAGE = Path(__file__).parent.parent


def collectors_dir() -> Path:
    """The folder of the collectors. Raises SettingError where an installation has none."""
    for place in (_PACKAGE / "collectors", _PACKAGE.parent.parent / "collectors"):
        if (place / "host.py").is_file():
            return place
    raise SettingError("This installation of minerlib has no collectors: install it again.")


def collectors() -> dict[str, str]:
    """Every collector's name and the first line of what it says of itself."""
    found: dict[str, str] = {}
    for path in sorted(collectors_dir().glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text())) or ""
        found[path.stem] = text.partition("\n")[0]
    return found


def find_collector(name: str) -> Path:
    """The program of a collector. Raises SettingError that names the ones there are."""
    path = collectors_dir() / f"{name}.py"
    if name not in collectors():
        raise SettingError(f"There is no collector {name!r}; there are {', '.join(collectors())}.")
    return path
