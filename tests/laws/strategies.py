"""Rules and streams for the laws, on a coarse grid of seconds, so that every coincidence happens."""

from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.event.moment import DAY, SECOND
from minerlib.rule import Rule

ZERO = 20_000 * DAY
AUTUMN = 1_729_990_800 * SECOND  # Berlin's clocks go back: two hours of one name
STARTS = [ZERO, ZERO - 12 * SECOND, ZERO - 12 * SECOND, AUTUMN - 12 * SECOND]
waits = st.one_of(st.just("0s"), st.integers(0, 6).map(lambda n: f"{n}s"))
signs = st.sampled_from([">", ">", ">=", "<", "<=", "==", "!="])
seconds = st.integers(0, 6).map(lambda n: f"{n}s")
NUMBERS = ["0", "1", "2", "0.3", "3", "0.5 + 1"]
USUAL = ["usual", "usual", "usual + 5 * spread", "usual - spread", "usual / spread", "2 * usual - 1"]

WHERES = ["v > 1", "port = 22", "not (v > 1)", "v is not null and port = 22", "v > 1 or port is null", "source <> 'c'",
          "v * 2 <= w", "v / w > 1", "body.source = 'x'", "source = 'a' or v - 1 < w", "-v < 0"]  # fmt: skip
OFS = ["v", "v", "v", "v", "w", "v * 2", "v + w", "v / w", "v - port", "v > 1", "v.a", "-v", "v * v"]
RATIOS: list[dict[str, str]] = [{"of": "v > 1", "to": "v is not null"}, {"of": "v", "to": "w"}, {"of": "v"},
                                {"of": "port = 22"}, {"of": "v / w", "to": "v"}]  # fmt: skip
AGGS = ["count", "rate", "sum", "mean", "min", "max", "first", "last", "delta", "stddev", "distinct", "slope",
        "forecast", "p50", "p56", "p90", "p99", "p501", "p905", "p999"]  # fmt: skip


def conditions(bars: list[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda sign, bar: f"{sign} {bar}", signs, st.sampled_from(bars))


def spans(least: int, most: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda n: f"{n}s")


@st.composite
def measures(draw: st.DrawFn) -> dict[str, Any]:
    """What a rule measures: each event, a window, or a ratio."""
    shape = draw(st.sampled_from(["bare", "bare", "window", "window", "window", "ratio"]))
    if shape == "bare":
        return {"of": draw(st.sampled_from(OFS))}
    over = draw(st.integers(1, 8))
    found: dict[str, Any] = {"over": f"{over}s", "every": f"{draw(st.integers(1, over))}s"}
    if shape == "ratio":
        return found | {"ratio": draw(st.sampled_from(RATIOS))}
    agg = draw(st.sampled_from(AGGS))
    found["agg"] = agg
    if agg == "distinct":
        found["of"] = draw(st.sampled_from(["v", "v", "source", "port", "v > 1"]))
    elif agg not in ("count", "rate") or draw(st.booleans()):
        found["of"] = draw(st.sampled_from(OFS))
    if agg == "forecast":
        found["to"] = draw(st.sampled_from([0, 1, 3, 100, -2.5]))
    return found


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[float | None]]:
    """What is usual: a length that hours are counted by, and a few values in turn."""
    length = draw(st.sampled_from([1, 24, 24, 168]))

    def column(values: list[float | None]) -> list[float | None]:
        turn = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))
        return (turn * length)[:length]

    return {"centre": column([0, 1, 2, 3, None]), "spread": column([0, 0.5, 1, 1, None])}


@st.composite
def usuals(draw: st.DrawFn, by: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"zone": draw(st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]))}
    own = bool(by) and draw(st.booleans())
    if own:
        instances = draw(st.lists(st.sampled_from("ab"), min_size=1, max_size=2, unique=True))
        found["of"] = [{"instance": instance(by, each, 22)} | draw(tables()) for each in instances]
    if not own or draw(st.booleans()):
        found["shared"] = draw(tables())
    return found


def instance(by: list[str], source: str, port: Any) -> dict[str, Any]:
    return {name: value for name, value in (("source", source), ("port", port)) if name in by}


def by(*names: str) -> list[str]:
    return list(names)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule of this version."""
    names = draw(st.sampled_from([by("source"), by("source"), by("source", "port"), by()]))
    said: dict[str, Any] = {
        "rule": "r", "kind": "k", "scope": "acme.web.prod", "lateness": draw(seconds), "ahead": draw(seconds),
        "by": names,
    }  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        said["where"] = draw(st.sampled_from(WHERES))
    levels = draw(st.integers(0, 7)) > 0
    if levels:
        said["measure"] = draw(measures())
        bars = NUMBERS
        if draw(st.integers(0, 3)) == 0:
            said["usual"], bars = draw(usuals(names)), USUAL
        severities = draw(st.lists(st.sampled_from(["info", "warning", "critical"]), min_size=1, unique=True))
        said["levels"] = [{"severity": name, "when": draw(conditions(bars)), "for": draw(waits)}
                          for name in severities]  # fmt: skip
        clear = draw(st.sampled_from(["none", "for", "when"]))
        if clear != "none":
            said["clear"] = {"for": draw(waits)} | ({"when": draw(conditions(bars))} if clear == "when" else {})
    if not levels or draw(st.integers(0, 3)):
        then = draw(st.sampled_from(["hold", "clear", "alert"])) if levels else "alert"
        said["missing"] = {"after": draw(spans(1, 8)), "then": then}
    if draw(st.integers(0, 2)) == 0:
        said["flap"] = {"most": draw(st.integers(0, 3)), "per": draw(spans(1, 8))}
    if draw(st.booleans()):
        said["retire"] = draw(spans(9, 40))
    if draw(st.integers(0, 3)) == 0:
        said["instances"] = draw(st.integers(1, 3))
    return Rule.from_dict(said)


VALUES = [0, 1, 1, 2, 3, 0, 1, 2, 3, 0.1, 0.2, 0.3, 0.7, 1e16, -1e16, 1.7e308, -1.7e308, 2**60 + 1, None, True, False,
          "text", [1], {"a": 1}, -0.0, float("nan"), float("inf"), 10**400]  # fmt: skip
PORTS = [22, 22, 22, 22.0, "22", None]
bodies = st.one_of(
    st.builds(lambda v: {"v": v}, st.sampled_from([0, 1, 2, 3])),
    st.builds(lambda v, w: {"v": v, "w": w, "port": 22}, st.sampled_from([0, 1, 2, 3]), st.sampled_from([1, 2, 0.7])),
    st.builds(lambda v: {"v": v}, st.sampled_from(VALUES)),
    st.builds(lambda v, port: {"v": v, "port": port}, st.sampled_from(VALUES), st.sampled_from(PORTS)),
    st.builds(lambda v, w: {"v": v, "w": w, "port": 22}, st.sampled_from(VALUES), st.sampled_from([0, 1, 2, 0.7, 3])),
    st.builds(lambda v, w: {"v": v, "w": w, "source": "x"}, st.sampled_from(VALUES), st.sampled_from([2, None, "2"])),
    st.sampled_from([None, "text", 3, [1], {}]),
)


@st.composite
def retirements(draw: st.DrawFn, names: list[str]) -> Any:
    """What an event says that retires an instance, or nobody."""
    name = draw(st.sampled_from(["r"] * 7 + ["other"]))
    found: Any = {"rule": name, "instance": instance(names, draw(st.sampled_from("abc")), draw(st.sampled_from(PORTS)))}
    return draw(st.sampled_from([found] * 7 + [None, {"rule": "r"}, {"rule": "r", "instance": "a"}]))


@st.composite
def streams(draw: st.DrawFn, names: list[str], most: int = 30) -> list[Event]:
    """A stream in order: `seen` never falls; events in time, late, or of the future, retirements, ticks, strangers."""
    found: list[Event] = []
    seen, offset, part = draw(st.sampled_from(STARTS)), 10, 0
    sources = draw(st.sampled_from(["ab", "abc", "abc"]))
    for _ in range(draw(st.integers(1, most))):
        step = draw(st.sampled_from([0, 0, 0, 0, 500_000, SECOND, SECOND, 2 * SECOND, 5 * SECOND, 12 * SECOND]))
        more = bool(found) and not step and draw(st.booleans())  # another part of the same message
        seen, part, offset = seen + step, part + 1 if more else 0, offset if more else offset + draw(st.integers(1, 2))
        kind = draw(st.sampled_from(["k"] * 16 + ["tick", "tick", "other", "rule.retire"]))
        back = 0 if kind == "tick" else draw(st.sampled_from([0, 0, 0, 0, 1, 2, 4, 7, -1, -3, -7])) * SECOND
        raw = draw(st.sampled_from([None] * 15 + [b"?"]))
        body = None if raw or kind == "tick" else draw(retirements(names) if kind == "rule.retire" else bodies)
        found.append(Event(
            time=seen - back, seen=seen, epoch="e", offset=offset, part=part, company="acme", system="web",
            environment="prod", source=draw(st.sampled_from(sources)), kind=kind, body=body,
            repeat=draw(st.integers(0, 15)) == 0, raw=raw,
        ))  # fmt: skip
    return found


class Case(NamedTuple):
    """A rule, a stream that is about it, and the grid of their times."""

    rule: Rule
    events: list[Event]
    unit: int = SECOND

    @property
    def clock(self) -> int:
        """A moment at which much of what it sets off is over."""
        return self.events[-1].seen + 20 * self.unit


@st.composite
def any_cases(draw: st.DrawFn) -> Case:
    rule = draw(rules())
    return Case(rule, draw(streams(list(rule.by))))


@st.composite
def busy_cases(draw: st.DrawFn) -> Case:
    """A rule of graded levels and a stream of nothing but small numbers: timers, levels and latches at work."""
    bars = draw(st.sampled_from([["> 0", "> 1", "> 2"], [">= usual", "> usual", "> usual + spread"]]))
    windows = draw(st.integers(0, 3)) == 0
    unit = 1200 if "usual" in bars[0] and not windows and draw(st.booleans()) else 1  # seconds; hours go by, or do not

    def span(least: int, most: int) -> str:
        return f"{unit * draw(st.integers(least, most))}s"

    names = ["info", "warning", "critical"][: draw(st.integers(1, 3))]
    said: dict[str, Any] = {"rule": "r", "kind": "k", "scope": "acme.web.prod", "lateness": span(0, 3)}
    said["measure"] = {"of": "v"}
    if windows:
        said["measure"] |= {"agg": draw(st.sampled_from(["last", "max", "count"])), "over": "2s", "every": "1s"}
    said["levels"] = [{"severity": name, "when": bar, "for": span(0, draw(st.sampled_from([0, 4])))}
                      for name, bar in zip(names, bars, strict=False)]  # fmt: skip
    if draw(st.booleans()):
        when = draw(st.sampled_from(["< 1", "< 2", bars[0].replace(">", "<")]))
        said["clear"] = {"when": when, "for": span(0, draw(st.sampled_from([0, 4])))}
    if "usual" in bars[0]:
        said["usual"] = draw(usuals(["source"]))
    if draw(st.booleans()):
        said["missing"] = {"after": span(2, 5), "then": draw(st.sampled_from(["hold", "clear", "alert"]))}
    if draw(st.booleans()):
        said["flap"] = {"most": draw(st.integers(0, 2)), "per": span(2, 8)}
    if draw(st.integers(0, 3)) == 0:
        said["retire"] = span(9, 9)
    events, seen = list[Event](), ZERO - draw(st.integers(0, 15)) * unit * SECOND
    sources = draw(st.sampled_from(["a", "ab"]))
    for at in range(draw(st.integers(3, 30))):
        seen += draw(st.sampled_from([0, 1, 1, 1, 2, 3, 7])) * unit * SECOND
        events.append(event(at, seen, draw(st.sampled_from(sources)), {"v": draw(st.integers(0, 3))}))
    return Case(Rule.from_dict(said), events, unit * SECOND)


def cases() -> st.SearchStrategy[Case]:
    return st.one_of(any_cases(), any_cases(), busy_cases())


def event(offset: int, time: int, source: str, body: Any) -> Event:
    return Event(time=time, seen=time, epoch="e", offset=offset, part=0, company="acme", system="web",
                 environment="prod", source=source, kind="k", body=body)  # fmt: skip


@st.composite
def loud(draw: st.DrawFn) -> Case:
    """A rule that clears and raises at each window, and numbers whose sums depend on their order."""
    measure = draw(st.sampled_from([*({"of": "v", "agg": agg} for agg in AGGS), {"ratio": {"of": "v", "to": "v * v"}}]))
    one, other = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    measure |= {"over": f"{max(one, other)}s", "every": f"{min(one, other)}s"}
    measure |= {"to": 2} if measure.get("agg") == "forecast" else {}
    rule = Rule.from_dict({
        "rule": "r", "kind": "k", "measure": measure, "levels": [{"severity": "info", "when": "!= 0.5"}],
        "clear": {"when": "!= 0.5"},
    })  # fmt: skip
    numbers, steps = st.sampled_from([0.1, 0.2, 0.3, 0.7, 1, 3, 1e16, -1e16]), [0, 333_333, 500_000, SECOND]
    events, time = list[Event](), ZERO
    for at, number in enumerate(draw(st.lists(numbers, min_size=2, max_size=40))):
        time += draw(st.sampled_from(steps))
        events.append(event(at, time, "a", {"v": number}))
    return Case(rule, events)


def punctual(rule: Rule, events: list[Event]) -> list[Event]:
    """The events without those that are late or of the future."""
    return [each for each in events if each.seen - rule.lateness <= each.time <= each.seen + rule.ahead]


def arriving(events: list[Event], seens: list[int]) -> list[Event]:
    """The same events, arriving at these moments of the clock, in this order."""
    return [msgspec.structs.replace(each, seen=seen, offset=at, part=0)
            for at, (each, seen) in enumerate(zip(events, seens, strict=True))]  # fmt: skip
