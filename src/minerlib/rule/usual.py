"""What is usual: tables of centre and spread by hour, carried inside the rule that compares with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from zoneinfo import ZoneInfo

from minerlib.event.moment import to_datetime

SIZES = (1, 24, 168)  # one for always, by hour of day, by hour of week
NOTHING: Mapping[str, float | None] = {"usual": None, "spread": None}


@dataclass(frozen=True)
class Table:
    """Centre and spread: 1, 24 (hour of day) or 168 numbers (hour of week, Monday 0:00 first); None where unknown."""

    centre: tuple[float | None, ...]
    spread: tuple[float | None, ...]

    def at(self, hour: int) -> Mapping[str, float | None]:
        """What is usual in an hour of the week."""
        return {"usual": self.centre[hour % len(self.centre)], "spread": self.spread[hour % len(self.spread)]}


@dataclass(frozen=True)
class Usual:
    """The tables of a rule: one for each instance (by key), and one shared by those that have none."""

    zone: str = "UTC"
    shared: Table | None = None
    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])

    def at(self, key: str, time: int) -> Mapping[str, float | None]:
        """What is usual for an instance at a time (microseconds since 1970)."""
        table = self.tables.get(key, self.shared)
        return table.at(self._hour(time)) if table else NOTHING

    @cached_property
    def _zone(self) -> ZoneInfo | None:
        return None if self.zone == "UTC" else ZoneInfo(self.zone)

    def _hour(self, time: int) -> int:
        local = to_datetime(time).astimezone(self._zone or UTC)
        return local.weekday() * 24 + local.hour
