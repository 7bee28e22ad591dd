"""Trying again: jittered back-off for what may pass, nothing for what will not."""

import random
import threading
from collections.abc import Callable
from typing import TypeVar

import tenacity

from minerlib.errors import BrokerUnreachable

T = TypeVar("T")


def patiently(stop: threading.Event, told: Callable[[str], None] | None = None) -> tenacity.Retrying:
    """Retries what raises BrokerUnreachable, 0.1 s to 5 s apart, until `stop` is set; says each new reason once.

    Any other error (BrokerRefused: a fault of configuration) is raised at once; so is the last one at `stop`.
    """
    last: list[str] = [""]

    def say(state: tenacity.RetryCallState) -> None:
        reason = str(state.outcome.exception()) if state.outcome else ""
        if told and reason != last[0]:
            told(reason)
        last[0] = reason

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(BrokerUnreachable),
        wait=tenacity.wait_random_exponential(multiplier=0.2, min=0.1, max=5),
        stop=tenacity.stop_when_event_set(stop),
        sleep=tenacity.sleep_using_event(stop),
        before_sleep=say,
        reraise=True,
    )


def short_name() -> str:
    """Six random hex digits: what makes the name of a publisher, a queue or an epoch new."""
    return f"{random.SystemRandom().getrandbits(24):06x}"
