"""The cell magic `%%archive`: SQL over the archive, in a notebook or in IPython.

%load_ext minerlib

%%archive --since 2h busy
select source, max(used_pct) as most from cpu_usage group by source
"""

import sys
import time
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from minerlib.archive import Archive
from minerlib.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

_PATIENCE = 2.0  # seconds of silence that need no explanation


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext minerlib` calls: the shell knows `%%archive` from then on."""
    shell.register_magics(ArchiveMagics)


@magics_class
class ArchiveMagics(Magics):
    """SQL in a cell."""

    @magic_arguments()
    @argument("name", nargs="?", help="A variable that is to hold the frame.")
    @argument("--since", help="From when: 2h (ago), 2026-11-23, or RFC 3339.")
    @argument("--until", help="Until when, written alike.")
    @argument("--scope", help="company.system.environment; * is any word.")
    @argument("--archive", help="The archive; default MINERLIB_ARCHIVE, else ./archive.")  # pyright: ignore[reportUntypedFunctionDecorator]
    @cell_magic
    def archive(self, line: str, cell: str) -> "pl.DataFrame":
        """Ask the archive in SQL (see Archive.sql): a Polars frame, which `name` holds from then on."""
        asked = parse_argstring(self.archive, line)
        if asked.name is not None and not asked.name.isidentifier():
            raise SettingError(f"{asked.name!r} is no name of a variable: write it like %%archive --since 2h busy.")
        told = _Told()
        try:
            found = Archive(asked.archive).sql(cell, asked.since, asked.until, asked.scope, told)
        finally:
            told.end()
        if asked.name is not None and self.shell is not None:
            self.shell.user_ns[asked.name] = found
        return found


class _Told:
    """How far a query is, on one line below the cell, where it takes longer than one waits without asking."""

    def __init__(self) -> None:
        self._begun, self._written = time.monotonic(), ""

    def __call__(self, percent: float) -> None:
        said = f"asking: {percent:.0f} %"
        if time.monotonic() - self._begun > _PATIENCE and said != self._written:
            print(f"\r{said:<{len(self._written)}}", end="", file=sys.stderr, flush=True)
            self._written = said

    def end(self) -> None:
        """Take the line away."""
        if self._written:
            print(f"\r{' ' * len(self._written)}\r", end="", file=sys.stderr, flush=True)
