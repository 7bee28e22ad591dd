"""Reading what is observed: `measure` with its aggregates and ratios."""

import re
from collections.abc import Mapping
from typing import Any

from minerlib.rule.aggregate import COUNTS, SUMS
from minerlib.rule.parts import Measure, Ratio
from minerlib.rule.values import Values, near

AGGREGATES = (*COUNTS, *(name for name in SUMS if name != "ratio"), "p50", "p95", "p99", "p999")
_PERCENTILE = re.compile(r"p(?!0+$)\d{2,3}")
_STEPS = 100_000


class Measures(Values):
    """The part of a document's reading that is about observations."""

    def measure(self, document: Mapping[str, Any]) -> Measure | None:
        said = self.map(document, "measure") if "measure" in document else None
        if said is None:
            return None
        of = self.expression(said, "of", "measure") if "of" in said else None
        agg, ratio = self.aggregate(document, said), None
        if "ratio" in said:
            agg, ratio = "ratio", self.ratio(said)
        if agg is None and "agg" in said:  # an unknown one, which is said
            self.window(document, said)
        elif agg is None:
            for key in ("over", "every"):
                if key in said:
                    self.fault(said, key, f"`{key}` needs an `agg`: {', '.join(AGGREGATES)}.")
            if "of" not in said:
                self.fault(document, "measure", "`measure` needs `of`, for example `of: used_pct`.")
        if agg is None:
            return Measure(of)
        to = self.number(said, "to") if "to" in said else None
        if agg == "forecast" and "to" not in said:
            self.fault(said, "agg", "`agg: forecast` needs `to`, the value that is waited for, for example `to: 100`.")
        elif agg != "forecast" and "to" in said:
            self.fault(said, "to", "`to` belongs to `agg: forecast`.")
        if agg not in ("count", "rate", "ratio") and "of" not in said:
            self.fault(document, "measure", f"`agg: {agg}` needs `of`, a field of the body.")
        over, every = self.window(document, said)
        return Measure(of, agg, over, every, to, ratio)

    def aggregate(self, document: Mapping[str, Any], said: Mapping[str, Any]) -> str | None:
        agg = self.text(said, "agg", "measure", example="mean") if "agg" in said else None
        if agg is None or agg in AGGREGATES or _PERCENTILE.fullmatch(agg):
            return agg
        there = ", ".join(AGGREGATES)
        self.fault(said, "agg", f"unknown aggregate {agg!r}{near(agg, AGGREGATES)}; there are {there}.")
        return None

    def ratio(self, said: Mapping[str, Any]) -> Ratio | None:
        for key in ("of", "agg"):
            if key in said:
                self.fault(said, key, f"`{key}` and `ratio` exclude each other.")
        ratio = self.map(said, "ratio")
        if ratio is None:
            return None
        if "of" not in ratio:
            self.fault(said, "ratio", '`ratio` needs `of`, what is above: `{of: "status >= 500"}`.')
        of = self.expression(ratio, "of", "ratio") if "of" in ratio else None
        to = self.expression(ratio, "to", "ratio") if "to" in ratio else None
        return Ratio(of, to) if of else None

    def window(self, document: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[int, int]:
        if "over" not in said:
            self.fault(document, "measure", "a window needs `over`, its length, for example `over: 5m`.")
        over = self.span(said, "over", "0s", "measure")
        every = self.span(said, "every", "0s", "measure") if "every" in said else over // 5
        if ("over" in said and over == 0) or ("every" in said and every == 0):
            self.fault(said, "over", "a window and its step must be longer than nothing.")
        elif over and (every > over or over > _STEPS * max(every, 1)):
            self.fault(said, "every", f"`every` must be no longer than `over`, nor shorter than a {_STEPS:,}th of it.")
        return over, every or 1
