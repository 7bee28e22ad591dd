"""The live picture of the demo: what flows, kind by kind, and the processor as a line of blocks."""

from collections import deque

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from minerlib.bus.tap import Tap
from minerlib.event.event import Event

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH = 60


class Picture:
    """Takes what a tap sees and draws it. `processor` holds the newest readings of `cpu.usage`, in percent."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._last: dict[str, Event] = {}
        self.processor: deque[float] = deque(maxlen=_WIDTH)

    def look(self) -> list[Event]:
        """Take in what came since the last look."""
        events = self._tap.take()
        for event in events:
            self._last[event.kind] = event
            if event.kind == "cpu.usage" and isinstance(event.body, dict):
                self.processor.append(float(event.body.get("used_pct", 0)))
        return events

    def draw(self, title: str, done: float) -> Group:
        """The picture now; `done` is how much of the step is over, 0 to 1."""
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("kind", style="cyan", no_wrap=True)
        table.add_column("events", justify="right", min_width=6)
        table.add_column("newest", no_wrap=True, overflow="ellipsis", max_width=50, style="dim")
        for kind, count in sorted(self._tap.totals().items()):
            newest = self._last.get(kind)
            table.add_row(kind, f"{count:,}", Text(_fields(newest.body) if newest else ""))
        line = Text("processor  ") + Text(bars(self.processor), style="green")
        if self.processor:
            line += Text(f"  {self.processor[-1]:.0f} %")
        progress = Table.grid(padding=(0, 1))
        progress.add_row(Text(title), ProgressBar(total=1.0, completed=min(done, 1.0), width=30))
        return Group(table, Text(), line, Text(), progress)


def bars(values: deque[float]) -> str:
    """Percentages as blocks."""
    return "".join(_BLOCKS[min(7, max(0, int(value / 12.5)))] for value in values)


def _fields(body: object) -> str:
    if not isinstance(body, dict):
        return str(body)
    return "  ".join(f"{name}={_short(value)}" for name, value in body.items() if name != "time")


def _short(value: object) -> str:
    """A value in a few characters: 27.4G for 27400000000."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
