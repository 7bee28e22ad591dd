"""Transitions in short words: `21m raised warning web-1 /data`."""

import math
from collections.abc import Mapping
from typing import Any

from minerlib.event.moment import words
from minerlib.rule.cases.case import Wanted
from minerlib.rule.transition import Transition

_REST = ("reason", "was", "now", "value", "threshold", "window", "ordinal", "rule")


def tell(transition: Transition, start: int) -> str:
    """A transition, its time counted from `start`, with what was observed or why else it was said."""
    said = f"{after(transition.due, start)} {transition.what} {transition.severity}{_names(transition.instance)}"
    if transition.reason != "value":
        said += f" ({transition.reason})"
    if transition.value is not None:
        line = "" if transition.threshold is None else f", line {_number(transition.threshold)}"
        said += f" at {_number(transition.value)}{line}"
    return said


def tell_wanted(wanted: Wanted, start: int) -> str:
    """What is expected, as far as it is said."""
    said = wanted.said
    parts = [after(said["at"], start)] if said.get("at") is not None else []
    parts += [str(said[name]) for name in ("what", "severity") if name in said]
    rest = [f"{name}: {shown(name, said[name], start)}" for name in _REST if name in said]
    named = _names(said["instance"]) if said.get("instance") else ""
    return " ".join(parts) + named + (f" ({', '.join(rest)})" if rest else "")


def after(moment: int, start: int) -> str:
    """How long after `start` a moment is.

    >>> after(90_000_000, 0), after(0, 1_000_000)
    ('1m30s', '-1s')
    """
    return words(moment - start) if moment >= start else f"-{words(start - moment)}"


def shown(name: str, value: Any, start: int) -> str:
    """A field of a transition, as a test file writes it."""
    if value is None:
        return "~"
    if name == "at":
        return after(value, start)
    if name == "window":
        return f"[{after(value[0], start)}, {after(value[1], start)}]"
    return _number(value) if isinstance(value, float) else str(value)


def _names(instance: Mapping[str, Any]) -> str:
    return "".join(f" {'~' if value is None else value}" for value in instance.values())


def _number(number: float) -> str:
    return f"{number:.6g}" if math.isfinite(number) else str(number)
