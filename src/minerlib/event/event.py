"""The event: one shape for readings, log lines, ticks, alerts, rules and faults."""

from datetime import datetime
from typing import Any

import msgspec

from minerlib.event.moment import rfc3339, to_datetime

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
