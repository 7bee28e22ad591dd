"""Mistakes that the engine might make, each put into one of its functions: the laws must notice."""

import sys
from typing import Any

from . import test_begun
from .mutants import Other

ROOM = ("evaluate", "naming", "observe", "silence", "windowing")
ENGINE = {name: sys.modules[f"minerlib.rule.{name}"] for name in ROOM}

MISTAKES: dict[str, list[Other]] = {
    "what returns keeps its timers where they were": [(ENGINE["evaluate"], "come_back", lambda do: unshifted(do))],
    "what clears keeps its timers": [(ENGINE["observe"], "reset", lambda do: lambda instance: let_go(instance))],
    "nothing flaps": [(ENGINE["naming"], "filtered", lambda do: lambda rule, instance, change, due: change)],
    "what settles is always cleared": [(ENGINE["evaluate"], "settle", lambda do: cleared(do))],
    "windows keep what is behind them": [(ENGINE["windowing"], "forget", lambda do: lambda *at: None)],
    "windows of nothing end at once": [(ENGINE["windowing"], "_goes_on", lambda do: lambda *at: False)],
    "an instance that is alone is a stream": [(ENGINE["silence"], "_others", lambda do: lambda state: True)],
    "the stream is silent for ever": [(ENGINE["evaluate"], "end_silence", lambda do: lambda *at: [])],
    "the bound is one too low": [
        (ENGINE["evaluate"], "_event", lambda do: lambda rule, state, event: bounded(do, rule, state, event)),
    ],
    "what is primed has the ordinal of what comes behind it": [(test_begun, "begin", lambda do: unprimed(do))],
}  # fmt: skip


def unshifted(do: Any) -> Any:
    def come_back(rule: Any, state: Any, key: str, instance: Any, event: Any) -> Any:
        held, clearing = instance.held, instance.clearing
        said = do(rule, state, key, instance, event)
        instance.held, instance.clearing = held, clearing if instance.firing >= 0 else None
        return said

    return come_back


def let_go(instance: Any) -> None:
    instance.firing, instance.clearing = -1, None


def cleared(do: Any) -> Any:
    def settle(rule: Any, instance: Any) -> Any:
        found = do(rule, instance)
        return found._replace(what="cleared", now="ok")

    return settle


def bounded(do: Any, rule: Any, state: Any, event: Any) -> Any:
    if event.key not in state.instances and not event.retire and len(state.instances) + 1 >= rule.instances > 1:
        return []
    return do(rule, state, event)


def unprimed(do: Any) -> Any:
    def begin(rule: Any, state: Any, clock: int) -> Any:
        said = do(rule, state, clock)
        for voice in (state.voice, *(instance.voice for instance in state.instances.values())):
            voice.primed = None
        return said

    return begin
