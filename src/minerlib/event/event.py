"""The event: one shape for readings, log lines, ticks, alerts, rules and faults."""

from datetime import datetime
from typing import Any

import msgspec

from minerlib.errors import EventError
from minerlib.event.key import LOCAL, check_scope
from minerlib.event.moment import read_time, rfc3339, to_datetime

COLUMNS = (
    "time", "seen", "epoch", "offset", "part",
    "company", "system", "environment", "source", "kind",
    "body", "raw", "repeat",
)  # fmt: skip


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What happened, to what, and where it stands in its stream.

    `time` and `seen` are microseconds since 1970 (UTC): when it happened, and the stream's clock where
    it stands. `(epoch, offset, part)` is its position. `body` is any JSON value; `raw` holds the bytes
    where nothing could be read from them; `repeat` says that its publisher had said it before.
    """

    time: int
    seen: int
    epoch: str
    offset: int
    part: int
    company: str
    system: str
    environment: str
    source: str
    kind: str
    body: Any = None
    raw: bytes | None = None
    repeat: bool = False

    @classmethod
    def of(
        cls, kind: str, body: Any, *, source: str = "unknown", scope: str = LOCAL, time: int | None = None
    ) -> "Event":
        """An event that has no place in a stream yet: of a line somebody parsed. `time` is in microseconds; without it
        the body's field `time` says it, as it does on the bus.

        Raises EventError where neither does, SettingError where the scope is none.

        >>> print(Event.of("disk.usage", {"time": "2026-11-23T04:00:00Z", "used": 91}, source="web-1"))
        2026-11-23T04:00:00.000000Z local.lab.dev web-1 disk.usage {"time":"2026-11-23T04:00:00Z","used":91}
        """
        if time is None:
            time = read_time(body.get("time")) if isinstance(body, dict) else None
        if time is None:
            raise EventError(
                f"An event of {kind} needs a time: time=..., in microseconds, or in the body's field time."
            )
        company, system, environment = check_scope(scope).split(".")
        return cls(
            time=time, seen=time, epoch="", offset=0, part=0, company=company, system=system, environment=environment,
            source=source, kind=kind, body=body,
        )  # fmt: skip

    @property
    def scope(self) -> str:
        """`company.system.environment`: the stream it is in."""
        return f"{self.company}.{self.system}.{self.environment}"

    @property
    def moment(self) -> datetime:
        """`time` as an aware datetime."""
        return to_datetime(self.time)

    def __str__(self) -> str:
        said = repr(self.raw) if self.raw is not None else msgspec.json.encode(self.body).decode()
        return f"{rfc3339(self.time)} {self.scope} {self.source} {self.kind} {said}"
