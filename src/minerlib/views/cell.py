"""The notebook cell a view was made in: running it again replaces the view."""

import sys
from collections.abc import Callable
from typing import Any


def when_cell_runs_again(replaced: Callable[[], None]) -> None:
    """Call `replaced` once, before the cell that is running now is run the next time.

    Nothing happens outside IPython, or where the front end does not say which cell it runs.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    here = _cell_id(shell)
    if here is None:
        return

    def before(info: Any) -> None:
        if (getattr(info, "cell_id", None) or _cell_id(shell)) == here:
            shell.events.unregister("pre_run_cell", before)
            replaced()

    # The event is just being told for this very run; what is registered now hears of the next one.
    shell.events.register("pre_run_cell", before)


def _cell_id(shell: Any) -> str | None:
    try:
        return shell.get_parent()["metadata"]["cellId"]
    except (AttributeError, KeyError, TypeError):
        return None
