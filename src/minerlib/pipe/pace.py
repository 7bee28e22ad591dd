"""How many events go on."""

from dataclasses import dataclass, field

from minerlib.errors import SettingError
from minerlib.event.event import Event
from minerlib.event.moment import duration
from minerlib.pipe.time import AHEAD


@dataclass
class every:
    """The newest event of each `span`, when the span is over: a sample. Spans begin at whole multiples of themselves.

        time  0    1    2    3    4    5    6    7    8    9        every("3s")
        in    a    b              c              d
        out                  b              c              d

    One event waits. It comes out with the first event of a later span, a tick, or the end; what belongs to the span
    before it is dropped. (More than a minute further back, it is the one that waits whose time was wrong.)
    """

    span: str
    held: Event | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._span = whole(self.span)

    def __call__(self, event: Event) -> Event | None:
        held = self.held
        if held is None or event.time // self._span == held.time // self._span:
            self.held = event
            return None
        if held.time - AHEAD < event.time < held.time:
            return None
        self.held = event
        return held

    def tick(self, clock: int) -> Event | None:
        if self.held is None or clock // self._span <= self.held.time // self._span:
            return None
        return self.flush()

    def flush(self) -> Event | None:
        held, self.held = self.held, None
        return held


@dataclass
class throttle:
    """The first `most` events of a span; the others are dropped, and counted in `dropped`. A span begins with the first
    event behind the one before it.

        time  0    1    2    3    4    5    6    7    8        throttle(2, "5s")
        in    a    b    c    d              e    f    g
        out   a    b                        e    f

    Nothing waits: what passes does so at once. Each source has a throttle of its own with
    `by("source", lambda: throttle(2, "5s"))`.
    """

    most: int
    span: str
    begun: int | None = field(default=None, init=False)
    passed: int = field(default=0, init=False)
    dropped: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._span = whole(self.span)

    def __call__(self, event: Event) -> Event | None:
        if self.begun is None or not self.begun - AHEAD < event.time < self.begun + self._span:
            self.begun, self.passed = event.time, 0
        if self.passed >= self.most:
            self.dropped += 1
            return None
        self.passed += 1
        return event


def whole(span: str) -> int:
    """A span in µs. Raises SettingError where it is none, or nothing at all."""
    found = duration(span)
    if found <= 0:
        raise SettingError(f"A span cannot be {span!r}: write it like 1s, 250ms, 5m.")
    return found
