"""Numbers and names as a sentence has them."""

from collections.abc import Sequence
from typing import Any


def count(number: float, thing: str, things: str = "") -> str:
    """`no event`, `1 event`, `1,204 events`.

    >>> count(0, "event"), count(1, "event"), count(1204, "event"), count(2, "match", "matches")
    ('no event', '1 event', '1,204 events', '2 matches')
    """
    if not number:
        return f"no {thing}"
    said = f"{number:,.0f}" if float(number).is_integer() or abs(number) >= 100 else f"{number:.3g}"
    return f"{said} {thing if number == 1 else things or f'{thing}s'}"


def named(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def percent(share: float) -> str:
    """`0 %`, `under 1 %`, `27 %`: of a share of 1.

    >>> percent(0.0), percent(0.002), percent(0.271), percent(0.998)
    ('0 %', 'under 1 %', '27 %', 'over 99 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def value(found: Any) -> str:
    """A value of a field: whole floats as the integers they name, long texts cut."""
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        found = int(found)
    text = " ".join(str(found).split())
    return text if len(text) <= 60 else f"{text[:59]}…"
