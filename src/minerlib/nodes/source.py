"""A source: a small program near a resource that publishes readings, written as a declaration.

host = Source("host")

@host.every("1s")
def load():
    yield "load.average", {"1m": 0.4}

if __name__ == "__main__":
    host.run()
"""

import contextlib
import heapq
import threading
import time
from collections.abc import Callable, Generator, Iterable
from typing import Any

from minerlib import settings
from minerlib.bus.publish import Publisher
from minerlib.errors import BrokerError, SettingError
from minerlib.event.key import check_scope
from minerlib.event.moment import SECOND, duration, now
from minerlib.nodes.program import options, run

Reading = tuple[str, Any] | tuple[str, Any, str]
Take = Callable[[], Iterable[Reading]]


class Source:
    """What a machine says about itself: readings, each taken at its own pace.

    A reading is `(kind, body)` or `(kind, body, source)`; bodies get the time they were taken at. A reading that
    fails, or that cannot be published, costs itself: a `node.error` event says which, and the next is taken as usual.
    """

    def __init__(self, name: str, scope: str | None = None) -> None:
        self.name, self.scope = name, scope
        self._readings: list[tuple[float, Take]] = []

    def every(self, pace: str) -> Callable[[Take], Take]:
        """Take a reading every so often (`1s`, `5m`): decorates a function that yields them."""
        seconds = duration(pace) / SECOND
        if seconds <= 0:
            raise SettingError(f"A reading cannot be taken every {pace}: write 1s, 30s, 5m.")

        def declare(take: Take) -> Take:
            self._readings.append((seconds, take))
            return take

        return declare

    def take(self) -> list[Reading]:
        """All readings once, now: to see what a source would say."""
        return [reading for _, take in self._readings for reading in take()]

    def publish(self, url: str, stop: threading.Event, told: Callable[[str], None]) -> None:
        """Publish until `stop` is set. Raises BrokerRefused where the broker says no for good."""
        scope, machine = check_scope(self.scope or settings.scope()), settings.source()
        begun = time.monotonic()
        due = [(begun, number) for number in range(len(self._readings))]
        heapq.heapify(due)
        with Publisher(url, f"{self.name}.{machine}", told=told, stop=stop) as publisher:
            while not stop.is_set() and due:
                at, number = due[0]
                if stop.wait(max(0.0, at - time.monotonic())):
                    break
                pace, take = self._readings[number]
                what = f"{self.name}.{getattr(take, '__name__', 'reading')}"
                with fault_told(publisher, scope, machine, what):
                    for kind, body, *other in take():
                        with fault_told(publisher, scope, machine, what):
                            publisher.publish(scope, other[0] if other else machine, kind, body, time=now())
                missed = max(
                    0, int((time.monotonic() - at) // pace)
                )  # a machine that slept skips, it does not catch up
                heapq.heapreplace(due, (at + pace * (missed + 1), number))

    def run(self, url: str | None = None, about: str | None = None) -> None:
        """Publish to the broker of the settings until Ctrl-C; ends the program with what went wrong. With `about`, what
        the program is, it has a --help, and refuses arguments, as it takes none."""
        if about:
            options(self.name, about).parse_args()
        run(self.publish, url)


@contextlib.contextmanager
def fault_told(publisher: Publisher, scope: str, machine: str, what: str) -> Generator[None]:
    """Whatever fails within costs itself: a `node.error` event says of what it was. A BrokerError ends the program."""
    try:
        yield
    except BrokerError:
        raise
    except Exception as error:
        publisher.publish(scope, machine, "node.error", {"what": what, "said": repr(error)[:500]}, time=now())
