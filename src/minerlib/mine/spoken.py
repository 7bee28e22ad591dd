"""Numbers as a sentence says them."""

from collections.abc import Sequence

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


def count(number: int, name: str) -> str:
    """
    >>> count(0, "silence"), count(1, "silence"), count(1200, "silence")
    ('no silence', '1 silence', '1,200 silences')
    """
    return f"{number:,} {name}s" if number > 1 else f"{number or 'no'} {name}"


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
