"""Rules and streams for the laws, on a coarse grid of seconds, so that every coincidence happens."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.event.moment import DAY, SECOND
from minerlib.rule import Rule

ZERO = 20_000 * DAY
signs = st.sampled_from([">", ">", ">=", "<", "<=", "==", "!="])
seconds = st.integers(0, 6).map(lambda n: f"{n}s")
conditions = st.builds(lambda sign, n: f"{sign} {n}", signs, st.sampled_from([0, 1, 2, 0.3, 3]))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule of this version."""
    said: dict[str, Any] = {
        "rule": "r", "kind": "k", "scope": "acme.web.prod", "lateness": draw(seconds),
        "ahead": draw(seconds), "by": draw(st.sampled_from([["source"], ["source", "port"], []])),
    }  # fmt: skip
    shape = draw(st.sampled_from(["bare", "window", "window", "none"]))
    if shape == "bare":
        said["measure"] = {"of": "v"}
    elif shape == "window":
        agg = draw(st.sampled_from(["mean", "sum", "sum", "max", "min", "count"]))
        over = draw(st.integers(1, 8))
        said["measure"] = {"agg": agg, "over": f"{over}s", "every": f"{draw(st.integers(1, over))}s"}
        if agg != "count" or draw(st.booleans()):
            said["measure"]["of"] = "v"
    if shape != "none":
        names = draw(st.lists(st.sampled_from(["info", "warning", "critical"]), min_size=1, unique=True))
        said["levels"] = [{"severity": name, "when": draw(conditions), "for": draw(seconds)} for name in names]
        clear = draw(st.sampled_from(["none", "for", "when"]))
        if clear != "none":
            said["clear"] = {"for": draw(seconds)} | ({"when": draw(conditions)} if clear == "when" else {})
    if shape == "none" or draw(st.booleans()):
        said["missing"] = {"after": f"{draw(st.integers(1, 8))}s", "then": "alert"}
    return Rule.from_dict(said)


VALUES = [0, 1, 1, 2, 3, 0.1, 0.2, 0.3, 0.7, 1e16, -1e16, 1.7e308, None, True, False, "text", [1], {"a": 1},
          -0.0, float("nan"), float("inf"), 10**400]  # fmt: skip
bodies = st.one_of(
    st.builds(lambda v, port: {"v": v, "port": port}, st.sampled_from(VALUES), st.sampled_from([22, 22, 22.0, "22"])),
    st.builds(lambda v: {"v": v}, st.sampled_from(VALUES)),
    st.sampled_from([None, "text", 3, [1], {}]),
)


@st.composite
def streams(draw: st.DrawFn, most: int = 30) -> list[Event]:
    """A stream in order: `seen` never falls; events in time, late, or of the future, ticks and strangers."""
    found: list[Event] = []
    seen, offset, part = ZERO, 10, 0
    for _ in range(draw(st.integers(1, most))):
        step = draw(st.sampled_from([0, 0, 0, 500_000, SECOND, SECOND, 2 * SECOND, 5 * SECOND, 12 * SECOND]))
        more = bool(found) and not step and draw(st.booleans())  # another part of the same message
        seen, part, offset = seen + step, part + 1 if more else 0, offset if more else offset + draw(st.integers(1, 2))
        kind = draw(st.sampled_from(["k"] * 6 + ["tick", "other"]))
        back = 0 if kind == "tick" else draw(st.sampled_from([0, 0, 0, 1, 2, 4, 7, -1, -3, -7])) * SECOND
        found.append(Event(
            time=seen - back, seen=seen, epoch="e", offset=offset, part=part, company="acme", system="web",
            environment="prod", source=draw(st.sampled_from("ab")), kind=kind,
            body=None if kind == "tick" else draw(bodies), repeat=draw(st.integers(0, 15)) == 0,
            raw=draw(st.sampled_from([None] * 15 + [b"?"])),
        ))  # fmt: skip
    return found


def punctual(rule: Rule, events: list[Event]) -> list[Event]:
    """The events without those that are late or of the future."""
    return [each for each in events if each.seen - rule.lateness <= each.time <= each.seen + rule.ahead]


def arriving(events: list[Event], seens: list[int]) -> list[Event]:
    """The same events, arriving at these moments of the clock, in this order."""
    return [msgspec.structs.replace(each, seen=seen, offset=at, part=0)
            for at, (each, seen) in enumerate(zip(events, seens, strict=True))]  # fmt: skip
