"""Numbers and names as a sentence has them."""

from collections.abc import Sequence
from typing import Any

from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND


def ago(seconds: float) -> str:
    """A length of time in three digits or less, in the unit a person would take.

    >>> ago(0.25), ago(60.4), ago(5400), ago(200000)
    ('0.25 s', '60.4 s', '1.5 h', '2.31 days')
    """
    span = seconds * SECOND
    for unit, least, name in ((DAY, 2 * DAY, "days"), (HOUR, HOUR, "h"), (MINUTE, 2 * MINUTE, "min")):
        if span >= least:
            return f"{number(span / unit)} {name}"
    return f"{number(seconds)} s"


def number(value: float) -> str:
    """A number in three digits or less, never in powers of ten unless it is huge or tiny.

    >>> number(1234567), number(12.34), number(0.5)
    ('1,234,567', '12.3', '0.5')
    """
    if abs(value) >= 99.5 and abs(value) < 1e12:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 or abs(value) >= 1e12 else f"{value:.1f}".removesuffix(".0")


def count(number: float, thing: str, things: str = "") -> str:
    """`no event`, `1 event`, `1,204 events`.

    >>> count(0, "event"), count(1, "event"), count(1204, "event"), count(2, "match", "matches")
    ('no event', '1 event', '1,204 events', '2 matches')
    """
    if not number:
        return f"no {thing}"
    said = f"{number:,.0f}" if float(number).is_integer() or abs(number) >= 100 else f"{number:.3g}"
    return f"{said} {thing if number == 1 else things or f'{thing}s'}"


def percent(share: float) -> str:
    """`0 %`, `under 1 %`, `27 %`: of a share of 1.

    >>> percent(0.0), percent(0.002), percent(0.271), percent(0.998)
    ('0 %', 'under 1 %', '27 %', 'over 99 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def listed(names: Sequence[str], of: int | None = None, most: int = 3) -> str:
    """The first few of some names, and how many more there are.

    >>> listed(["a", "b"]), listed(["a", "b", "c", "d"])
    ('a and b', 'a, b, c and 1 more')
    """
    of = len(names) if of is None else of
    shown = list(names[:most])
    if of > len(shown):
        return f"{', '.join(shown)} and {of - len(shown):,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


def named(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def value(found: Any) -> str:
    """A value of a field: whole floats as the integers they name, long texts cut."""
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        found = int(found)
    text = " ".join(str(found).split())
    return text if len(text) <= 60 else f"{text[:59]}…"
