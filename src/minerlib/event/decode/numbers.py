"""Numbers as metric protocols write them in text."""

import re

_WHOLE = re.compile(r"[-+]?[0-9]{1,20}")
_REAL = re.compile(r"[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?")
_LEAST, _MOST = -(2**63), 2**64  # what fits 64 bits, signed or not
_INFINITE = (float("inf"), float("-inf"))


def number(text: str) -> int | float:
    """An integer where it is written as one and fits 64 bits, else a float. ValueError where it is none.

    >>> number("983347200"), number("2.61"), number("1e3")
    (983347200, 2.61, 1000.0)
    """
    try:
        return integer(text)
    except ValueError:
        return real(text)


def integer(text: str) -> int:
    """An integer of 64 bits, signed or not; ValueError where it is none."""
    if not _WHOLE.fullmatch(text) or not _LEAST <= (whole := int(text)) < _MOST:
        raise ValueError(text)
    return whole


def real(text: str) -> float:
    """A float that is finite; ValueError where it is none."""
    # float() reads more: `1_0`, ` 1`, `nan`, digits of any script
    if not _REAL.fullmatch(text) or (value := float(text)) in _INFINITE:
        raise ValueError(text)
    return value
