"""A season in words."""

from typing import Any

from minerlib.event.moment import MINUTE, SECOND, words
from minerlib.mine.seasons.pattern import STRONG, SURE

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def says(numbers: dict[str, Any]) -> str:
    """One or two sentences: whether hours and weekdays tell something, when it is high and low, and what else
    returns.
    """
    field, one, told = numbers["field"], numbers["strongest"], numbers["instances"]
    if numbers["usual"] is None:
        return f"{field} was told too briefly to know what is usual: let it collect for a while."
    if one is None:
        if numbers["constant"] == told == 1 and not numbers["too_brief"]:
            return f"{field} is {_short(numbers['usual'])} all the time."
        if numbers["too_brief"] == told:
            said = f"{field} was told for less than three days, too briefly to know its hours"
        else:
            seen = f"as far as {numbers['days']:.3g} days tell"
            said = f"{field} does not depend on the hour or the weekday{_of(told)}, {seen}"
        usual = f"it is usually {_short(numbers['usual'])}, give or take {_short(numbers['spread'])}"
        return f"{said}; {usual}.{_other(numbers)}"
    parts = [
        f"the {name} ({_per_cent(one[f'{key}_strength'])} of what varies)"
        for key, name in (("day", "hour of the day"), ("week", "day of the week"))
        if (one[f"{key}_chance"] or 1) <= SURE and one[f"{key}_strength"] >= STRONG
    ]
    who = "" if told == 1 else f" most clearly on {one['name']}"
    said = f"{field} follows {' and '.join(parts)}{who}"
    if told > 1:
        said += f" (the hour on {numbers['by_day']} and the weekday on {numbers['by_week']} of {told})"
    if one["highest"] is not None:
        high, low = (_hour(one[name], one["size"]) for name in ("highest", "lowest"))
        said += f": it is usually highest at {high} ({_short(one['usual_highest'])}) and lowest at {low} "
        said += f"({_short(one['usual_lowest'])}), {numbers['zone']}"
    else:
        said += ", too little to foretell a day by"
    return said + "." + _other(numbers)


def _other(numbers: dict[str, Any]) -> str:
    other = numbers["other"]
    if other is None:
        return ""
    span = round(other["period_s"])
    span = round(span / 60) * MINUTE if span >= 600 else span * SECOND
    who = "" if numbers["instances"] == 1 else f" on {other['name']}"
    return f" Something also returns every {words(span)}{who} ({_per_cent(other['share'])} of what is left)."


def _hour(hour: int, size: int) -> str:
    name = f"{hour % 24}:00"
    return f"{WEEKDAYS[hour // 24]} {name}" if size == 168 else name


def _of(told: int) -> str:
    return "" if told == 1 else f" on any of {told}"


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(number: float) -> str:
    return f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"
