"""Gaps in the numbers of numbered messages: what somebody who should see all of them did not see."""

ID = "minerlib/"
_MOST = 1000  # publishers remembered
_JUMP = 1_000_000  # numbers that jump further do not count messages


class Gaps:
    """Counts what is missing between the numbers each publisher gives its messages (`minerlib/<publisher>:<number>`).

    Alerts are numbered by their due times and are left out, as is what `unrouted` republishes.
    """

    def __init__(self) -> None:
        self.missed = 0
        self._last: dict[str, int] = {}

    def saw(self, message_id: str | None, kind: str) -> None:
        """A message arrived. Ids of other producers mean nothing."""
        if not message_id or not message_id.startswith(ID) or kind.startswith("alert."):
            return
        publisher, _, digits = message_id[len(ID) :].rpartition(":")
        if not publisher or publisher == "unrouted" or not digits.isascii() or not digits.isdigit():
            return
        number, last = int(digits), self._last.pop(publisher, None)
        if last is not None and last < number <= last + _JUMP:
            self.missed += number - last - 1
        self._last[publisher] = number if last is None else max(number, last)
        if len(self._last) > _MOST:
            del self._last[next(iter(self._last))]

    def forget(self) -> None:
        """Begin anew: what passes while nobody looks is not missed."""
        self._last.clear()
