"""Gaps in the numbers of numbered messages: what somebody who should see all of them did not see."""

import re

_MOST = 1000  # publishers remembered
_NUMBERED = re.compile(r"minerlib/(.+-[0-9a-f]{6}):(\d+)")  # as a Publisher numbers them; others count no messages


class Gaps:
    """Counts what is missing between the numbers that each Publisher gives its messages: 1, 2, 3 ...

    Alerts and others that bring an id of their own are left out: their numbers say when, not how many.
    """

    def __init__(self) -> None:
        self.missed = 0
        self._last: dict[str, int] = {}

    def saw(self, message_id: str | None) -> None:
        """A message arrived. Ids of other producers mean nothing."""
        found = _NUMBERED.fullmatch(message_id or "")
        if not found:
            return
        publisher, number = found[1], int(found[2])
        last = self._last.pop(publisher, number)
        self.missed += max(0, number - last - 1)
        self._last[publisher] = max(number, last)
        if len(self._last) > _MOST:
            del self._last[next(iter(self._last))]

    def forget(self) -> None:
        """Begin anew: what passes while nobody looks is not missed."""
        self._last.clear()
