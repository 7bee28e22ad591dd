"""What a backtest says: in one sentence, as text, as plain JSON."""

from typing import TYPE_CHECKING, Any

from minerlib.event.moment import HOUR, SECOND, rfc3339, to_datetime, words
from minerlib.rule.labels import Graded
from minerlib.rule.state import COUNTS

if TYPE_CHECKING:
    from minerlib.rule.backtest import Backtest

_SHOWN = 20  # transitions in a printed result
_NAMED = 3  # missed incidents in a sentence


def sentence(found: "Backtest") -> str:
    """Alerts, at night, what was caught and missed, what never fired, and what was wrong with the events."""
    if not any(found.counts[name] for name in ("selected", "late", "fault")):
        right = f"is its kind {found.rule.kind!r} right?"
        if found.rule.where:
            right = f"are its kind {found.rule.kind!r} and its where {str(found.rule.where)!r} right?"
        return f"{found.rule.name} selected no event at all: {right}"
    night = sum(found.by_hour[22:]) + sum(found.by_hour[:6])
    said = f"over {span(found.until - found.since)}: {count(len(found.alerts), 'alert')}"
    if found.alerts:
        said += f", {night} at night" if night else ", none at night"
        said += f"; firing {found.firing:.1%} of the time"
    if found.graded:
        said += f"; {_graded(found.graded)}"
    if found.never and found.alerts:
        said += f"; {' and '.join(found.never)} never fired"
    trouble = ", ".join(f"{found.counts[name]} {name}" for name in COUNTS[1:] if found.counts[name])
    return said + (f" ({trouble})" if trouble else "") + "."


def text(found: "Backtest") -> str:
    """The sentence, the numbers behind it, the newest transitions."""
    day = found.per_day
    most = max(found.by_hour)
    lines = [
        f"{found.rule.name}: {found.says}",
        f"  alerts a day   median {day['median']:g}, p95 {day['p95']:g}, worst {day['worst']:g}",
        f"  watched        {found.instances} instances, {found.counts['selected']:,} events",
    ]
    if most:
        hours = "".join(" ▁▂▃▄▅▆▇█"[-(-8 * number // most)] for number in found.by_hour)
        lines.append(f"  by hour (UTC)  0 |{hours}| 24, at most {most}")
    if found.graded and found.graded.lead is not None:
        lead = round(found.graded.lead)
        after = "after" if lead >= 0 else "before"
        lines.append(f"  lead           {span(abs(lead))} {after} the begin of an incident (median)")
    if found.never:
        lines.append(f"  never fired    {', '.join(found.never)}")
    untried = [name for name, times in found.coverage.items() if not times and name not in found.never]
    if untried:
        lines.append(f"  never happened {', '.join(untried)}")
    if len(found.transitions) > _SHOWN:
        lines.append(f"  the last {_SHOWN} of {len(found.transitions)} transitions:")
    return "\n".join(lines + [f"  {transition}" for transition in found.transitions[-_SHOWN:]])


def plain(found: "Backtest") -> dict[str, Any]:
    """All of it as JSON; times are RFC 3339."""
    return {
        "rule": found.rule.name, "fingerprint": found.rule.fingerprint,
        "since": rfc3339(found.since), "until": rfc3339(found.until), "says": found.says,
        "alerts": len(found.alerts), "alerts_per_day": found.per_day, "by_hour": found.by_hour, "never": found.never,
        "coverage": found.coverage, "instances": found.instances, "firing": found.firing,
        "counts": {name: found.counts[name] for name in COUNTS},
        "labels": found.graded.to_dict() if found.graded else None,
        "transitions": [transition.body() for transition in found.transitions],
    }  # fmt: skip


def span(length: int) -> str:
    """A length of time (microseconds) as one says it: whole hours where it is long."""
    unit = HOUR if length >= 2 * HOUR else SECOND
    return words(max(0, length) // unit * unit)


def moment(at: int) -> str:
    """`2026-11-23 04:12:00`, UTC, with what there is of a second."""
    text = rfc3339(at)[:-1].replace("T", " ")
    return text.rstrip("0").rstrip(".")


def count(number: int, thing: str) -> str:
    """`no alert`, `1 alert`, `2 alerts`."""
    return f"no {thing}" if not number else f"1 {thing}" if number == 1 else f"{number:,} {thing}s"


def _graded(graded: Graded) -> str:
    wanted = len(graded.caught) + len(graded.missed)
    said = f"caught {len(graded.caught)} of {wanted}" if wanted else "no labelled incident lies in it"
    years = {to_datetime(each.begin).year for each in graded.missed}
    form = "%B %Y" if len(years) > 1 else "%B"
    days = [f"{at.day} {at:{form}}" for at in (to_datetime(each.begin) for each in graded.missed)]
    days = list(dict.fromkeys(days))
    if days:
        said += f", missed {', '.join(days[:_NAMED])}"
        said += f" and {len(days) - _NAMED} more days" if len(days) > _NAMED else ""
    return said + (f", {count(len(graded.false), 'false alert')}" if graded.false else "")
