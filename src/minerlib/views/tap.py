"""`minerlib.tap`: one line to look at what flows. A live picture in a notebook, an iterable Tap anywhere else."""

import difflib
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minerlib.bus.tap import Tap
from minerlib.bus.topology import EVENTS
from minerlib.errors import SettingError

if TYPE_CHECKING:
    from minerlib.views.tapview import TapView

_ARGUMENTS = ("pattern", "exchange", "url", "keep", "bindings")


def tap(
    pattern: str | Sequence[str] = "#",
    exchange: str = EVENTS,
    url: str | None = None,
    keep: int = 10_000,
    bindings: Mapping[str, Any] | None = None,
    **unknown: Any,
) -> "Tap | TapView":
    """Watch the events that match `pattern` pass, on any exchange of any AMQP 0-9-1 broker.

    In a notebook: a live table and chart, closed by its button, by `.close()`, or by running the cell again.
    Elsewhere: a Tap to iterate over. Both have `.frame()` (what was just seen, as a Polars frame), `.fields()` and
    `.counts`. The arguments are those of Tap: on the exchange `events` a pattern is one of kinds (`disk.#`) or of
    routing keys (`acme.web.#`), on any other exchange a binding key. Looking never slows anybody: what comes too
    fast is dropped, and said to be.

        minerlib.tap("#")
        minerlib.tap("collectd.#", exchange="amq.topic", url="amqp://me:secret@broker/")

    Raises SettingError for an argument there is not, BrokerUnreachable or BrokerRefused where it cannot begin.
    """
    for name in unknown:
        near = difflib.get_close_matches(name, _ARGUMENTS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_ARGUMENTS)}."
        raise SettingError(f"tap has no argument {name!r}: {hint}")
    if not _in_notebook():
        return Tap(pattern, exchange, url, keep, bindings)
    try:
        from minerlib.views.tapview import TapView
    except ImportError:  # a kernel without minerlib[lab]
        return Tap(pattern, exchange, url, keep, bindings)
    return TapView(Tap(pattern, exchange, url, keep, bindings))


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return getattr(ipython.get_ipython() if ipython else None, "kernel", None) is not None
