"""A rule with its line at a percentile of the past."""

import re
from typing import TYPE_CHECKING

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import DAY, duration, rfc3339, words
from minerlib.mine.suggesting.choose import roundest
from minerlib.mine.suggesting.shape import number
from minerlib.mine.values.interval import columns, interval
from minerlib.mine.values.tally import at
from minerlib.rule import Rule
from minerlib.rule.expression import quoted

if TYPE_CHECKING:
    from minerlib.mine.spread import Spread


def percentile_rule(spread: "Spread", percentile: float, wait: str, kind: str, scope: str) -> Rule:
    """See Spread.rule. The line is a rounder number, at most a ten-thousandth of the way to the median beyond."""
    if isinstance(percentile, bool) or not 0 < percentile < 100:
        raise SettingError(f"The percentile {percentile!r} is none: write 99 or 99.9, say.")
    counts, share = spread.tally, round(percentile / 100, 12)
    (name,) = columns([share])
    seen, middle = at(counts, share), at(counts, 0.5)
    high = percentile > 50
    least, greatest = float(counts["value"][0]), float(counts["value"][-1])
    if seen == (greatest if high else least):
        total = int(counts["count"].sum())
        raise MineError(
            f"No line at the percentile {percentile:g} says anything: of {total:,} values none lies "
            f"{'above' if high else 'below'} it, {number(seen)}. Take one nearer to 50, or more history."
        )
    sign = 1 if high else -1
    apart = sign * (seen - middle)
    line = sign * roundest(sign * seen, sign * seen + 1e-4 * apart) if apart > 0 else seen
    back = sign * (seen + middle) / 2
    clear = sign * roundest(back - 0.05 * apart, back + 0.05 * apart) if apart > 0 else seen
    beyond = counts.filter(counts["value"] > line) if high else counts.filter(counts["value"] < line)
    size = spread.numbers["percentiles"].get(name, {}).get("independent")
    bounds = interval(counts, share, size, spread.confidence) if size else (None, None)
    held, (above, below) = duration(wait), (">", "<") if high else ("<", ">")
    plain = re.sub(r"[^a-z0-9]+", "-", f"{kind}-{spread.field}-{name}".lower())
    level = {"severity": "warning", "when": f"{above} {number(line)}", **({"for": words(held)} if held else {})}
    document = {
        "rule": plain.strip("-"),
        "version": 1,
        "scope": scope,
        "about": f"{spread.field} is beyond {name} of the past, {number(line)}",
        "kind": kind,
        "by": list(spread.by),
        "measure": {"of": quoted(spread.field)},
        "levels": [level],
        "clear": {"when": f"{below} {number(clear)}" if clear != line else f"{below}= {number(clear)}"},
        "evidence": {
            "history": {"since": rfc3339(spread.whence.first), "until": rfc3339(spread.whence.last)},
            "percentile": {"at": seen, "low": bounds[0], "high": bounds[1], "confidence": spread.confidence},
            "values": {
                "all": int(counts["count"].sum()), "beyond": int(beyond["count"].sum()), "independent": size,
                "days": round((spread.whence.last - spread.whence.first) / DAY, 3),
            },
        },
    }  # fmt: skip
    return Rule.from_dict(document)
