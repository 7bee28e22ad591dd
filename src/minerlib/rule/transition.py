"""Transitions: what a rule says of an instance, and the name by which everybody knows it again."""

import hashlib
import math
from typing import Any, Literal

import msgspec

from minerlib.event.moment import read_time, rfc3339

Condition = Literal["ok", "pending", "firing", "clearing", "unknown"]
What = Literal["raised", "escalated", "cleared", "unknown", "returned", "flapping", "retired"]
Reason = Literal["value", "missing", "returned", "primed", "replaced", "unseen", "event", "settled"]
SEVERITIES = ("info", "warning", "critical")
_EXACT = 2**53


def whole(value: Any) -> Any:
    """A whole float as the integer it names: archived numbers are Float64, and 22 and 22.0 are one port."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says of an instance; of the whole stream where `instance` is empty and `by` is not.

    `due` and `window` are microseconds since 1970. `was` and `now` are states; `reason` is the value, or why it was
    said without one; `value` is what was observed and `threshold` what it was compared with; `positions` the (offset,
    part) of the observation, or of the first and last event of the window. `ordinal` counts within the instance and due
    time, `number` rises within the rule and stream. `id` is the same wherever the same events are folded from the same
    place.
    """

    what: What
    rule: str
    version: int
    fingerprint: str
    stream: str
    epoch: str
    instance: dict[str, Any]
    was: Condition
    now: Condition
    severity: str
    reason: Reason
    due: int
    value: float | None = None
    threshold: float | None = None
    window: tuple[int, int] | None = None
    positions: list[tuple[int, int]] = []
    ordinal: int = 0
    number: int = 0

    @property
    def id(self) -> str:
        """32 hex digits: hash of stream, epoch, fingerprint, instance, due, severity, now, ordinal."""
        said = [
            self.stream,
            self.epoch,
            self.fingerprint,
            self.instance,
            self.due,
            self.severity,
            self.now,
            self.ordinal,
        ]
        return hashlib.blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=16).hexdigest()

    def body(self) -> dict[str, Any]:
        """The body of the alert that carries it; times as RFC 3339."""
        found = msgspec.to_builtins(self)
        found["due"] = rfc3339(self.due)
        found["window"] = [rfc3339(at) for at in self.window] if self.window else None
        if self.value is not None and not math.isfinite(self.value):  # a forecast of never; JSON has no infinity
            found["value"] = None
        return {"id": self.id, **found}

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> "Transition":
        """The transition that an alert carries."""
        window = body.get("window")
        times = {"due": read_time(body["due"]), "window": tuple(read_time(at) for at in window) if window else None}
        counts = {name: int(body[name]) for name in ("version", "ordinal", "number")}  # archived numbers are floats
        instance = {name: whole(value) for name, value in body["instance"].items()}
        return msgspec.convert({**body, **times, **counts, "instance": instance}, cls)

    def __str__(self) -> str:
        about = ", ".join(f"{name}={value}" for name, value in self.instance.items())
        value = (
            ""
            if self.value is None
            else f" at {self.value:.6g} (line {self.threshold:.6g})"
            if self.threshold is not None
            else f" at {self.value:.6g}"
        )
        reason = "" if self.reason == "value" else f" ({self.reason})"
        return f"{rfc3339(self.due)[:19]}Z  {self.what:<9} {self.severity:<8} {about}{value}{reason}"
