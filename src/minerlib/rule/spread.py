"""A fold spread over the processes of a Dask cluster, by instance: together they say what one would say.

An instance is decided by its own events and by the stream's clock, which each of its events carries. So where a rule is
by source, each task folds some of the sources, and reads only theirs. What is said is put into the one order that there
is, and numbered anew; ids have no need of it. Where instances decide about each other, one task folds the stream:

    missing             the silence of a whole stream is one alert
    not by source       an instance has events of several sources
    rule.retire         somebody else's event makes the rule forget an instance
    the bound           there are more instances than the rule watches, and who came first is watched
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, cast

import msgspec

from minerlib.errors import SettingError
from minerlib.rule.fold import Begun, Fold, Progress, spans
from minerlib.rule.history import History, Stream
from minerlib.rule.rule import RETIRE, Rule
from minerlib.rule.transition import Transition


class Folded(NamedTuple):
    """What a fold came to: `keys` of the instances watched, and of all that were met; `primed` is how many transitions
    priming made, `latest` when the last of them was due."""

    stream: Stream
    start: int
    end: int
    transitions: list[Transition]
    counts: Counter[str]
    keys: set[str]
    met: int
    folded: int
    primed: int
    latest: int


class Divisible(History, Protocol):
    """A history that other processes can open, whole or in parts."""

    def parts(self, stream: Stream, kinds: tuple[str, ...], count: int) -> Sequence[History]:
        """The same history as so many, each of some sources of the stream; fewer where it has fewer."""
        ...


def spread(
    rule: Rule, history: History, since: int | None, until: int | None, progress: Progress | None, begun: Begun | None,
    client: Any,
) -> Iterator[Folded]:  # fmt: skip
    """Each stream folded by the workers of `client` (a `distributed.Client`), which open the history by themselves.

    Raises SettingError where it is none that they could open.
    """
    if not hasattr(history, "parts"):
        raise SettingError("A backtest on a cluster reads an archive, which its workers can open: give an Archive.")
    whole = cast(Divisible, history)
    workers = max(1, sum(client.nthreads().values()))
    before = 0
    for stream, end in spans(rule, history, since, until, begun):
        upto = end + 1 if until is None else until  # what arrives meanwhile is seen by none of them
        parts = whole.parts(stream, rule.kinds, workers) if begun is None and divides(rule, history, stream) else []
        found = _gather(client, rule, parts, stream, since, upto, end, None, _told(progress, before))
        if not found or not independent(rule, found, since):
            found = _gather(client, rule, [whole], stream, since, upto, end, begun, _told(progress, before))
        before += sum(each.folded for each in found)
        yield found[0] if len(found) == 1 else joined(found, since)


def fold_part(
    document: dict[str, Any], history: History, stream: Stream, since: int | None, until: int | None, end: int,
    begun: Begun | None,
) -> Folded:  # fmt: skip
    """What a worker does."""
    rule = Rule.from_dict(document)
    fold = Fold(rule, stream)
    if begun:
        fold.from_offset(history, begun, end)
    else:
        fold.from_time(history, since, until, end)
    return Folded(
        stream, fold.start, fold.end, fold.transitions, fold.counts, fold.keys, fold.met, fold.folded, fold.primed,
        fold.latest,
    )  # fmt: skip


def divides(rule: Rule, history: History, stream: Stream) -> bool:
    """Whether instances of different sources have nothing to do with each other."""
    alone = "source" in rule.by and rule.missing is None
    return alone and not any(history.events(stream, RETIRE))


def independent(rule: Rule, found: Sequence[Folded], since: int | None) -> bool:
    """Whether they were, as it turned out: all instances found room, and priming did not use up numbers."""
    said, latest = sum(each.primed for each in found), max(each.latest for each in found)
    numbers = since is None or latest * 1000 + said < since * 1000
    return numbers and sum(each.met for each in found) <= rule.instances


def _gather(
    client: Any, rule: Rule, parts: Sequence[History], stream: Stream, since: int | None, until: int | None, end: int,
    begun: Begun | None, progress: Callable[[int, int], object],
) -> list[Folded]:  # fmt: skip
    """What each part comes to, in their order."""
    from distributed import as_completed  # only who has a client has it

    document = rule.to_dict()
    tasks = [client.submit(fold_part, document, part, stream, since, until, end, begun, pure=False) for part in parts]
    done = 0
    try:
        for task in as_completed(tasks):
            found = cast(Folded, task.result())
            done += found.folded
            progress(done, found.end)
        return [task.result() for task in tasks]
    finally:
        client.cancel([task for task in tasks if not task.done()])


def joined(found: Sequence[Folded], since: int | None) -> Folded:
    """What several parts of a stream come to together."""
    said = sorted((each for part in found for each in part.transitions), key=_place)
    number = 0 if since is None else since * 1000 - 1
    numbered: list[Transition] = []
    for each in said:
        number = max(number + 1, each.due * 1000)
        numbered.append(msgspec.structs.replace(each, number=number))
    return Folded(
        found[0].stream, min(each.start for each in found), max(each.end for each in found), numbered,
        sum((each.counts for each in found), Counter[str]()), set[str]().union(*(each.keys for each in found)),
        sum(each.met for each in found), sum(each.folded for each in found),
        sum(each.primed for each in found), max(each.latest for each in found),
    )  # fmt: skip


def _place(said: Transition) -> tuple[Any, ...]:
    """Where a transition stands among all of a stream: as `instants` does what is due, see there."""
    key = msgspec.json.encode(list(said.instance.values())).decode()
    if said.reason == "primed":
        return 0, key
    if said.window is not None:
        return 1, said.due, 1, not _clears(said), said.positions, key
    if said.positions:
        return 1, said.due, 0, said.positions
    return 1, said.due, 2, said.reason == "settled", key


def _clears(said: Transition) -> bool:
    """Whether it is said of a change that clears; an instance may begin to flap by one."""
    return said.what == "cleared" or (said.what == "flapping" and said.was in ("firing", "clearing"))


def _told(progress: Progress | None, before: int) -> Callable[[int, int], object]:
    return lambda folded, clock: progress(before + folded, clock) if progress else None
