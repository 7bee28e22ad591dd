"""Whether live was what a replay gives, said on the stream: `node.verified`, or an alert that says where it was not."""

from collections.abc import Callable, Iterator
from typing import Any

from minerlib import settings
from minerlib.bus.publish import Publisher
from minerlib.event.body import field
from minerlib.event.moment import MINUTE, read_time, rfc3339
from minerlib.nodes.replay import Replay, replay_stream
from minerlib.nodes.stats import STATS
from minerlib.rule import History, Stream

VERIFIED, DIFFERS = "node.verified", "replay-differs"
_SLACK = MINUTE  # behind the archive's clock, where no node says how far it has come
_FIRST = 5  # ids that an alert names of each side


def verify_aloud(
    archive: History,
    publisher: Publisher,
    since: int,
    rule: str | None = None,
    told: Callable[[str], object] = lambda _: None,
    scope: str = "*.*.*",
) -> list[Replay]:
    """What `replay` finds in each stream since `since` (microseconds), published there and confirmed.

    It is compared as far as the nodes say that they have come: one that is behind differs in nothing from the archive.
    """
    found: list[Replay] = []
    for stream in archive.streams(scope):
        if (archive.clock(stream) or 0) < since:
            continue  # it ended before, and nothing is read of it
        until = come(archive, stream, since)
        if until > since:
            runs = replay_stream(archive, stream, since, until, rule, told)
            found += runs
            for source, kind, body in sayings(stream, runs, since, until):
                publisher.publish(stream.scope, source, kind, body)
    publisher.flush()
    return found


def come(archive: History, stream: Stream, since: int) -> int:
    """The stream's clock up to which a node has said all that there was to say.

    What rules say of a clock is published before the numbers of that clock are, and stands before them in the stream.
    """
    clock = archive.clock(stream) or 0
    highest = max(_clocks(archive, stream, since, None), default=None)
    if highest is not None:
        return min(highest, clock) - 1  # what is due at a clock is done behind it
    silent = any(True for _ in _clocks(archive, stream, None, since))  # one spoke, and has not since
    return since if silent else clock - _SLACK


def sayings(stream: Stream, runs: list[Replay], since: int, until: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Source, kind and body of what is to be said: once where all runs are equal, of each that is not; nothing where
    nothing ran.

    The alert is one of no rule: its body has neither `fingerprint` nor `id`, by which those of rules are known.
    """
    node = settings.source()
    about = {"stream": stream.scope, "epoch": stream.epoch, "node": node}
    span = {"since": rfc3339(since), "until": rfc3339(until)}
    for run in runs:
        if not run.equal:
            alert = {"rule": DIFFERS, "what": "raised", "severity": "critical", "instance": {"rule": run.rule}}
            yield run.rule, f"alert.{DIFFERS}", {**about, **alert, **_difference(run), **span}
    if runs and all(run.equal for run in runs):
        published = sum(len(run.published) for run in runs)
        counts = {"rules": len({run.rule for run in runs}), "published": published, "equal": True}
        yield node, VERIFIED, {**about, **counts, **span}


def _difference(run: Replay) -> dict[str, Any]:
    missing, extra = len(run.missing), len(run.extra)
    return {
        "said": f"{run.rule}: {missing} that the archive gives were not said live, {extra} said live it does not give",
        "missing": missing,
        "extra": extra,
        "first_missing": run.missing[:_FIRST],
        "first_extra": run.extra[:_FIRST],
        "ran": run.fingerprint,
    }


def _clocks(archive: History, stream: Stream, since: int | None, until: int | None) -> Iterator[int]:
    """How far nodes said to be, in `node.stats` seen in `[since, until)`."""
    for events in archive.events(stream, STATS, since, until):
        for event in events:
            clock = read_time(field(event.body, "clock"))
            if clock is not None:
                yield clock
