"""Events of the past played once more, at a chosen speed.

seen    12:00:00         12:00:10                   12:01:00        at 10x, begun at 17:00:00
given   17:00:00         17:00:01                   17:00:06        and so are their times, unless they are kept
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from minerlib.errors import BrokerUnreachable, EventError, SettingError
from minerlib.event.event import Event
from minerlib.event.moment import FIRST, LAST, SECOND, now
from minerlib.event.order import TICK

_SHORT = 50_000  # µs: what is due sooner than that is given at once

Wait = Callable[[float], bool]  # so many seconds; whether to stop
Told = Callable[[int, int], None]  # events so far, the moment they have come to


@dataclass
class Again:
    """What was played: `events` of them, `left` out because they have no place on the bus, the moments (µs) when the
    first and the last were seen, and whether it was `stopped` before the end."""

    events: int = 0
    left: int = 0
    first: int = 0
    last: int = 0
    stopped: bool = False


def play(
    events: Iterable[Event],
    give: Callable[[Event], None],
    scope: str,
    speed: float,
    wait: Wait,
    keep_times: bool = False,
    told: Told = lambda events, moment: None,
    clock: Callable[[], int] = now,
) -> Again:
    """Give events, in the order they have, to `scope`, as fast as they came times `speed`; `math.inf` is at once.

    Their pace is that at which their stream saw them, so what came late comes late again. Times are moved alike: when
    the first was seen becomes now, and what lies between is divided by the speed (at `math.inf` every time is now).
    With `keep_times` they stay. Ticks are left out: a stream has its own clock. `wait` is asked before each event.
    """
    found = Again()
    company, system, environment = scope.split(".")
    begun, zero, moment = clock(), 0, 0
    for event in events:
        if event.kind == TICK:
            continue
        # a clock says whole seconds; within one, events have their own time
        moment = max(moment, min(max(event.time, event.seen), event.seen + SECOND - 1))
        zero = zero or moment
        due = begun + round((moment - zero) / speed)
        left = due - clock()
        if wait(left / SECOND if left > _SHORT else 0):
            found.stopped = True
            break
        changes = {} if keep_times else {"time": _moved(event.time, begun, zero, speed, clock)}
        again = msgspec.structs.replace(event, company=company, system=system, environment=environment, **changes)
        try:
            give(again)
        except EventError:
            found.left += 1
            continue
        except BrokerUnreachable:
            if not wait(0):
                raise
            found.stopped = True
            break
        found.first, found.last = found.first or event.seen, event.seen
        found.events += 1
        told(found.events, event.seen)
    return found


def _moved(time: int, begun: int, zero: int, speed: float, clock: Callable[[], int]) -> int:
    moved = clock() if math.isinf(speed) else begun + round((time - zero) / speed)
    return min(max(moved, FIRST), LAST)  # a producer may say `never` as the end of all calendars


def read_speed(text: str) -> float:
    """`60x`, `0.5x`, `2` or `max` as a factor. Raises SettingError.

    >>> read_speed("60x"), read_speed("max")
    (60.0, inf)
    """
    if text == "max":
        return math.inf
    try:
        factor = float(text.removesuffix("x"))
    except ValueError:
        factor = 0.0
    if not 0.001 <= factor <= 1_000_000:
        raise SettingError(f"{text!r} is no speed: write 60x (a minute in a second), 1x, 0.5x, or max.")
    return factor
