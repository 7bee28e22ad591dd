"""The clock of a pipe."""

from dataclasses import dataclass

from minerlib.event.moment import MINUTE

AHEAD = MINUTE  # what is further ahead than that is not believed alone


@dataclass
class Time:
    """The latest time so far (µs since 1970).

        event  12:00:00   12:00:05   2099       12:00:06   12:00:07
        clock  12:00:00   12:00:05   2099       12:00:06   12:00:07

    An event that is far ahead may be the first behind a silence, or have a time that is wrong. The next one tells: when
    it is far behind that, so is the clock again.
    """

    clock: int = 0
    before: int | None = None  # where the clock was before an event that was far ahead, and is alone
    heard: int = 0  # where it was when something last came

    def event(self, time: int) -> bool:
        """An event comes; whether the clock moved."""
        was, before = self.clock, self.before
        if before is not None and time < was - AHEAD:
            self.clock, self.before = max(before, time), None
        else:
            self.clock = max(was, time)
            self.before = was if time > was + AHEAD else None
        self.heard = self.clock
        return self.clock != was

    def tick(self, clock: int) -> bool:
        """The stream says what time it is; whether the clock moved."""
        was, self.clock = self.clock, max(self.clock, clock)
        self.heard = self.clock
        return self.clock != was

    def silent(self, span: int) -> bool:
        """Nothing came for so long (µs); whether the clock moved."""
        if not self.heard:
            return False
        was, self.clock = self.clock, max(self.clock, self.heard + span)
        return self.clock != was
