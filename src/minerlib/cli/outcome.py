"""What a demo came to: everything it promises, measured, not assumed."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from minerlib.event.event import Event


@dataclass
class Outcome:
    """`events` lie in the stream, counted by a reader of its own; `archived` of them are in the archive.

    `lost` are those that are not, `duplicated` those that are there more than once.
    """

    events: int = 0
    archived: int = 0
    lost: int = 0
    duplicated: int = 0
    rule: str = ""
    transitions: list[dict[str, Any]] = field(default_factory=list)
    replay_equals_live: bool = False
    seconds: float = 0.0
    bytes_archived: int = 0

    @property
    def good(self) -> bool:
        """Whether all of it is so: nothing lost or doubled, raised, cleared, and the replay the same."""
        said = [transition["what"] for transition in self.transitions]
        kept = self.events > 0 and self.archived == self.events and not self.lost and not self.duplicated
        return kept and "raised" in said and "cleared" in said and self.replay_equals_live

    def to_dict(self) -> dict[str, Any]:
        found = asdict(self)
        del found["bytes_archived"]
        return found

    def count(self, there: list[Event], here: list[tuple[int, int]]) -> None:
        """Compare the events of the stream with the (offset, part) of those in the archive."""
        wanted = {(event.offset, event.part) for event in there}
        self.events, self.archived = len(wanted), len(wanted & set(here))
        self.lost = len(wanted - set(here))
        self.duplicated = len(here) - len(set(here))

    def show(self, console: Console) -> None:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
        table.add_column(style="bold")
        table.add_column()
        raised = next((t for t in self.transitions if t["what"] == "raised"), None)
        cleared = next((t for t in self.transitions if t["what"] == "cleared"), None)
        table.add_row("events archived", f"{self.archived:,} of {self.events:,}, {self.duplicated} twice")
        table.add_row("bytes an event", f"{self.bytes_archived / max(1, self.archived):,.0f}")
        table.add_row("rule", self.rule or "none")
        table.add_row("raised", _at(raised))
        table.add_row("cleared", _at(cleared))
        table.add_row("replay", "equals live [green]✓[/]" if self.replay_equals_live else "[red]differs from live ✗[/]")
        table.add_row("took", f"{self.seconds:.0f} s")
        console.print(table)


def _at(transition: dict[str, Any] | None) -> str:
    if transition is None:
        return "[red]no[/]"
    value = transition.get("value")
    shown = f" at {value:.1f}" if isinstance(value, (int, float)) else ""
    return f"{transition['due'][11:19]} UTC{shown}"
