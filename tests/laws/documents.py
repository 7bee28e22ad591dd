"""Rule documents for the laws, on a coarse grid of seconds, so that every coincidence happens."""

from typing import Any

from hypothesis import strategies as st

from minerlib.rule import Rule

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
