"""Mistakes that the engine might make, each put into one of its functions: the laws must notice."""

import sys
from dataclasses import replace
from typing import Any

from minerlib.rule.marks import Marks

from . import test_begun
from .mutants import Other

ROOM = ("evaluate", "instants", "panes", "naming", "observe", "silence")
ENGINE = {name: sys.modules[f"minerlib.rule.{name}"] for name in ROOM}

MISTAKES: dict[str, list[Other]] = {
    "what returns keeps its timers where they were": [(ENGINE["instants"], "come_back", lambda do: unshifted(do))],
    "what clears keeps its timers": [(ENGINE["observe"], "reset", lambda do: lambda instance: let_go(instance))],
    "nothing flaps": [(ENGINE["naming"], "filtered", lambda do: lambda rule, instance, change, due: change)],
    "what settles is always cleared": [(ENGINE["instants"], "settle", lambda do: cleared(do))],
    "windows keep what is behind them": [(ENGINE["panes"], "forget", lambda do: lambda *at: None)],
    "windows of nothing end at once": [(Marks, "restless", lambda do: lambda marks: False)],
    "an instance that is alone is a stream": [(ENGINE["silence"], "_others", lambda do: lambda state: True)],
    "the stream is silent for ever": [(ENGINE["instants"], "end_silence", lambda do: lambda *at: [])],
    "the bound is one too low": [
        (ENGINE["evaluate"], "refused", lambda do: lambda rule, *at: do(narrower(rule), *at)),
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


def narrower(rule: Any) -> Any:
    return replace(rule, instances=rule.instances - 1)


def unprimed(do: Any) -> Any:
    def begin(rule: Any, state: Any, clock: int) -> Any:
        said = do(rule, state, clock)
        for voice in (state.voice, *(instance.voice for instance in state.instances.values())):
            voice.primed = None
        return said

    return begin
