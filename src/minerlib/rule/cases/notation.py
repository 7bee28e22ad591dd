"""The notation of a series: `70+1x10 _x3 90x4` says what a field is, step by step."""

import re
from decimal import Decimal
from enum import Enum
from typing import Final, Literal

STEPS = 100_000  # in one series
_NUMBER = r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_STEP = re.compile(
    rf"(?P<value>_|~|true|false|'(?:[^']|'')*'|[-+]?{_NUMBER})(?:(?P<by>[-+]{_NUMBER})?x(?P<times>[1-9]\d*))?"
)
_BARE = re.compile(rf"true|false|[-+]?{_NUMBER}")
_WORD = re.compile(r"(?:'(?:[^']|'')*')?\S*")
EXAMPLE = "70 (one step), 70x4 (four), 70+1x10 (70 to 79), _x3 (nothing), ~ (null) or 'text'"


class Gap(Enum):
    """A step at which nothing is said."""

    NOTHING = "_"


NOTHING: Final = Gap.NOTHING
Value = None | bool | int | float | str
Step = Value | Literal[Gap.NOTHING]


def is_series(text: str) -> bool:
    """Whether a text is meant as a series, well written or not; another one is a value itself.

    >>> [is_series(text) for text in ("70x4", "_", "70 71 x", "web-1", "10.0.0.1", "22")]
    [True, True, True, False, False, False]
    """
    words = _words(text)
    if any(_STEP.fullmatch(word) and not _BARE.fullmatch(word) for word in words):
        return True
    return len(words) > 1 and _BARE.fullmatch(words[0]) is not None


def read_series(text: str) -> list[Step]:
    """The steps of a series. Raises ValueError with a sentence that names every word that is none.

    >>> read_series("70+1x3 _x2 ~ 'up'")
    [70, 71, 72, <Gap.NOTHING: '_'>, <Gap.NOTHING: '_'>, None, 'up']
    """
    found: list[Step] = []
    wrong: list[str] = []
    for word in _words(text):
        shape = _STEP.fullmatch(word)
        times = int(shape["times"] or 1) if shape else 0
        if not shape or (shape["by"] and not re.fullmatch(f"[-+]?{_NUMBER}", shape["value"])):
            wrong.append(f"`{word}`")
        elif len(found) + times > STEPS:
            raise ValueError(f"a series has at most {STEPS:,} steps; `{word}` makes it longer.")
        elif shape["by"]:
            first, by = Decimal(shape["value"]), Decimal(shape["by"])
            found += [_number(first + by * step) for step in range(times)]
        else:
            found += [_value(shape["value"])] * times
    if wrong:
        which = f"{wrong[0]} is no step" if len(wrong) == 1 else f"{', '.join(wrong)} are no steps"
        raise ValueError(f"{which} of a series: write {EXAMPLE}.")
    return found


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word]


def _value(text: str) -> Step:
    if text == "_":
        return NOTHING
    if text == "~":
        return None
    if text in ("true", "false"):
        return text == "true"
    return text[1:-1].replace("''", "'") if text.startswith("'") else _number(Decimal(text))


def _number(number: Decimal) -> int | float:
    """As JSON would say it: 70 is an integer, and 70.0 and 7e1 are not."""
    return float(number) if number.as_tuple().exponent else int(number)
