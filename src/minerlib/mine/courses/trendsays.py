"""A trend in words."""

from typing import Any

from minerlib.event.moment import read_time, to_datetime


def says(numbers: dict[str, Any]) -> str:
    """One or two sentences: which moves most and how fast, and which is at the limit first."""
    field, most, soonest = numbers["field"], numbers["most"], numbers["soonest"]
    told = numbers["instances"] - numbers["told_too_briefly"]
    if not told:
        return f"{field} was told too briefly to see where it goes: let it collect for a while."
    if most is None:
        which = "it rises or falls no more" if told == 1 else f"none of {told} rises or falls more"
        said = f"{field} goes nowhere: {which} than chance would make it."
        return said + _changed(numbers["changed"])
    way = "rises" if most["per_day"] > 0 else "falls"
    low, high = sorted((abs(most["low"]), abs(most["high"])))
    pace = f"{_short(abs(most['per_day']))} a day" + ("" if low == high else f" ({_short(low)} to {_short(high)})")
    since = f" since it changed on {_day(most['since'])}" if most["changes"] else ""
    rank = "" if told == 1 else f", faster than any other of {told} ({numbers['moving']} of them move)"
    who = "" if most["name"] == "it" else f" of {most['name']}"
    said = f"{field}{who} {way} by {pace}{since}{rank}, and stood at {_short(most['end'])} on {_day(most['until'])}."
    return said + _limit(numbers["to"], soonest, told, numbers["reaching"])


def _limit(to: float | None, soonest: dict[str, Any] | None, told: int, reaching: int) -> str:
    if to is None:
        return ""
    if soonest is None:
        return f" {'It is not' if told == 1 else 'None of them is'} on its way to {_short(to)}."
    who = "it is" if told == 1 else f"{soonest['name']} is" + (f" the first of {reaching}" if reaching > 1 else "")
    days = soonest["in_days"]
    latest = "never" if days["latest"] is None else f"in {_short(days['latest'])} days"
    return (
        f" At that pace {who} at {_short(to)} in {_short(days['reaches'])} days, about {_day(soonest['reaches'])} "
        f"(at the earliest in {_short(days['earliest'])} days, at the latest {latest})."
    )


def _changed(one: dict[str, Any] | None) -> str:
    change = one and one["last_change"]
    if not one or not change or change["what"] == "bend":
        return ""
    who = "It" if one["name"] == "it" else f"That of {one['name']}"
    verb = "stepped up" if change["what"] == "step" else "dropped"
    before, after = _short(change["before"]), _short(change["after"])
    return f" {who} {verb} from {before} to {after} on {_day(change['time'])} and stayed there."


def _day(time: str) -> str:
    found = read_time(time)
    return f"{to_datetime(found):%Y-%m-%d %H:%M} UTC" if found is not None else time


def _short(number: float) -> str:
    return f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"
