"""The live picture of a tap in a notebook: a widget that redraws as events arrive.

    Tap's own thread --> ring --> flusher thread: fold, at most one frame every 100 ms --> browser: newest frame only

A frame stands alone, so that any may be lost. The flusher is the only one that sends.
"""

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import anywidget
import traitlets

from minerlib.bus.fields import Field
from minerlib.bus.ring import Counts
from minerlib.bus.tap import Tap
from minerlib.errors import MinerlibError
from minerlib.event.moment import now
from minerlib.views.cell import when_cell_runs_again
from minerlib.views.picture import Picture

if TYPE_CHECKING:
    import polars as pl

FRAME = 0.1  # seconds between frames at least
IDLE = 1.0  # seconds between frames when nothing happens: the picture still moves with time


class TapView(anywidget.AnyWidget):
    """What a Tap sees, live. `close()` lets go of the broker and leaves the last picture standing."""

    _esm = Path(__file__).with_name("tap.js").read_text()
    _css = Path(__file__).with_name("tap.css").read_text()
    picture = traitlets.Dict().tag(sync=True)

    def __init__(self, tap: Tap) -> None:
        super().__init__()
        self._tap = tap
        self._fold = Picture()
        self._number = 0
        self.on_msg(self._asked)
        when_cell_runs_again(self._replaced)
        self._show()
        self._flusher = threading.Thread(target=self._flush, name="minerlib tap view", daemon=True)
        self._flusher.start()

    @property
    def counts(self) -> Counts:
        """How many events were received and dropped. `shown` counts those that had a row in the table."""
        return self._tap.counts._replace(shown=self._fold.tabled)

    def fields(self) -> dict[str, Field]:
        """The fields of what was just seen, by dotted name."""
        return self._tap.fields()

    def frame(self) -> "pl.DataFrame":
        """What was just seen as a Polars frame: a row an event, a column a field."""
        return self._tap.frame()

    def wait(self, events: int = 1, within: float = 30) -> Self:
        """Wait until so many events were received, at most `within` seconds. Raises BrokerError where they were not."""
        self._tap.wait(events, within)
        return self

    def close(self) -> None:
        """Stop looking. The last picture stays."""
        self._tap.close()
        if threading.current_thread() is not self._flusher:
            self._flusher.join(timeout=5)

    def __repr__(self) -> str:
        return repr(self._tap)

    def _replaced(self) -> None:
        self.close()
        super().close()  # its output is gone: so may the widget

    def _asked(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("what") == "close":
            self._tap.close()

    def _flush(self) -> None:
        while self._tap.state not in ("closed", "refused"):
            began = time.monotonic()
            try:
                events = self._tap.take(timeout=IDLE)
            except MinerlibError:
                break
            self._fold.add(events)
            self._show()
            self._tap.pause(began + FRAME - time.monotonic())
        self._show()

    def _show(self) -> None:
        tap, clock = self._tap, now()
        self._fold.count(tap.totals(), clock)
        self._number += 1
        self.picture = {
            "n": self._number,
            "pattern": ", ".join(tap.patterns),
            "exchange": tap.exchange,
            "state": tap.state,
            "said": tap.said,
            "counts": self.counts._asdict(),
            **self._fold.frame(clock),
        }
