"""The nightly check: once a day of each stream's clock, a process of its own verifies what its rules said.

The archiver starts it, for it is where the archive is. It runs at a low priority and one at a time, and whatever
becomes of it, archiving goes on.
"""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from minerlib import settings
from minerlib.errors import SettingError
from minerlib.event.moment import DAY, HOUR, MINUTE, rfc3339
from minerlib.nodes.beside import run_beside

_BACK = DAY + HOUR  # what is verified each night: an hour twice

Told = Callable[[str], None]


def verify_at() -> int | None:
    """When of the day, in microseconds, UTC; None is never. Raises SettingError where it is no time of day."""
    said = settings.verify_at()
    if said == "never":
        return None
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", said):
        raise SettingError(f"MINERLIB_VERIFY_AT is {said!r}: write a time of day in UTC, as in 03:17, or never.")
    hours, minutes = said.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


class Nights:
    """Says which streams' clocks have passed the time of day `at` since it was last asked."""

    def __init__(self, at: int) -> None:
        self.at = at
        self._last: dict[str, int] = {}

    def passed(self, clocks: Mapping[str, int]) -> dict[str, int]:
        """The streams, and the moment each has passed. Several nights at once are one: the last of them."""
        found: dict[str, int] = {}
        for scope, clock in clocks.items():
            night = (clock - self.at) // DAY
            if night > self._last.setdefault(scope, night):
                self._last[scope] = night
                found[scope] = night * DAY + self.at
        return found


def run_nightly(
    url: str, root: Path, at: int | None, clocks: Mapping[str, int], stop: threading.Event, told: Told
) -> None:
    """Verify each stream of `clocks` (the streams' clocks, which others move on) once a day, until `stop` is set."""
    if at is None:
        return
    nights = Nights(at)
    while not stop.wait(1):
        for scope, moment in nights.passed(dict(clocks)).items():
            if not stop.is_set():
                verify_night(url, root, scope, moment - _BACK, stop, told)


def verify_night(url: str, root: Path, scope: str, since: int, stop: threading.Event, told: Told) -> None:
    """`minerlib verify --publish` of a stream, as a process. Never raises; a check that fails is said."""
    arguments = ["verify", "--publish", "--scope", scope, "--since", rfc3339(since), "--archive", str(root)]
    code = run_beside(arguments, {"MINERLIB_BROKER_URL": url}, stop)
    if isinstance(code, str):
        told(f"{scope} is not verified tonight: {code}")
    elif code:  # 1 is also that live and archive differ, which it has said on the stream
        told(f"The check of {scope} ended with {code}: minerlib verify --scope {scope} says why.")
