"""The bound on instances: which events find no room, and when there may be room again."""

import numpy as np

from minerlib.rule.rows import Truths, firsts
from minerlib.rule.rule import Rule
from minerlib.rule.silence import RETIRES
from minerlib.rule.state import State


def forgets(rule: Rule, state: State, count: int) -> int | None:
    """When an instance may be forgotten next, where that changes what counts: because there are as many as there may
    be, or because its windows reach further back than it is remembered."""
    over = rule.measure.over if rule.measure else 0
    if rule.retire > over and len(state.instances) + count <= rule.instances:
        return None
    if rule.retire > over and len(state.instances) + len(_strangers(state, count)) <= rule.instances:
        return None
    first = [int(state.intake.waiting.time[0]) + rule.retire] if count else []
    return min([*first, *(time for time, what, _ in state.agenda if what == RETIRES)], default=None)


def refused(rule: Rule, state: State, count: int) -> Truths | None:
    """Which waiting events find no room, because the rule watches as many instances as it may."""
    strangers = _strangers(state, count)
    room = max(0, rule.instances - len(state.instances))
    if len(strangers) <= room:
        return None
    waiting, slots = state.intake.waiting, state.intake.slots
    unknown = np.zeros(len(slots), np.bool_)
    unknown[[slots.at[key] for key in strangers]] = True
    refused = np.zeros(waiting.size, np.bool_)
    places = np.flatnonzero(unknown[waiting.slot[:count]])
    order = list(dict.fromkeys(waiting.slot[places].tolist()))
    unknown[order[:room]] = False
    refused[:count] = unknown[waiting.slot[:count]]
    state.counts["beyond"] += int(refused.sum())
    if not state.full:
        state.full = True
        at = int(np.flatnonzero(refused)[0])
        said = f"the rule watches {rule.instances:,} instances, its bound: others are left out"
        state.fault(int(waiting.offset[at]), int(waiting.part[at]), "instances", said)
    return refused


def _strangers(state: State, count: int) -> set[str]:
    """The instances of waiting events that are not known yet."""
    keys = state.intake.slots.keys
    rows = state.intake.waiting
    slots = rows.slot[:count] if rows.retire is None else rows.slot[:count][~rows.retire[:count]]
    slots, _ = firsts(slots, len(keys))
    return {key for key in (keys[slot] for slot in slots.tolist()) if key not in state.instances}
