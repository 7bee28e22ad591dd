"""Checks of many targets, round after round, none of which waits for another."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from minerlib import settings
from minerlib.bus.publish import Publisher
from minerlib.errors import SettingError
from minerlib.event.key import check_scope
from minerlib.event.moment import SECOND, now
from minerlib.nodes.check.probe import probe
from minerlib.nodes.check.target import Target

_GRACE = 0.5  # seconds that a probe may take beyond its timeout
_Found = tuple[Target, int, dict[str, Any]]  # what was checked, when it was known (µs), what was found


def run_checks(
    targets: Sequence[Target],
    every: float,
    timeout: float,
    url: str,
    stop: threading.Event,
    told: Callable[[str], None],
) -> None:
    """Publish what each check finds, `every` so many seconds, until `stop`. The event's source is the target's host,
    its time is when the answer was there. Raises BrokerRefused, SettingError."""
    if every <= 0 or timeout <= 0:
        raise SettingError(
            "A check cannot be made all the time, nor end before it began: write --every 30s --timeout 5s."
        )
    scope, machine = check_scope(settings.scope()), settings.source()
    found: queue.Queue[_Found] = queue.Queue(maxsize=1000)  # a broker that is away stops the checks in the end
    for target in targets:
        name, arguments = f"check {target.shown}", (target, every, timeout, found, stop)
        threading.Thread(target=rounds, args=arguments, name=name, daemon=True).start()
    with Publisher(url, f"check.{machine}", told=told, stop=stop) as publisher:
        while not stop.is_set():
            try:
                target, at, body = found.get(timeout=0.2)
            except queue.Empty:
                continue
            publisher.publish(scope, target.host, target.kind, {**body, "checker": machine}, time=at)


def rounds(target: Target, every: float, timeout: float, found: "queue.Queue[_Found]", stop: threading.Event) -> None:
    """Check one target until `stop`. A probe that does not come back is reported each round, and not begun again until
    it does."""
    due, running = time.monotonic(), _Probe(target, timeout)
    while not stop.wait(max(0.0, due - time.monotonic())):
        running = running if running.hangs else _Probe(target, timeout)
        body = running.wait(timeout + _GRACE)
        found.put((target, now(), body))
        due += every * (1 + max(0, int((time.monotonic() - due) // every)))  # no round is made up for


class _Probe:
    """A probe on a thread of its own, begun when it is first waited for."""

    def __init__(self, target: Target, timeout: float) -> None:
        self._target, self._timeout = target, timeout
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._body: dict[str, Any] | None = None

    @property
    def hangs(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: float) -> dict[str, Any]:
        begun = time.monotonic()
        if not self.hangs:
            self._thread.start()
        self._thread.join(seconds)
        if self._body is not None:
            return self._body
        fault = "no answer, not even that there is none: the name is not resolved, or the server dawdles"
        return {
            "target": self._target.shown,
            "up": False,
            "seconds": round(time.monotonic() - begun, 4),
            "fault": fault,
        }

    def _run(self) -> None:
        try:
            self._body = probe(self._target, self._timeout, now() / SECOND)
        except Exception as error:  # whatever is wrong with one target, the next round of it comes
            self._body = {"target": self._target.shown, "up": False, "fault": f"not checked: {type(error).__name__}"}
