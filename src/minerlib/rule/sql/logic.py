"""SQL's logic of three values: true, false and null, and what a fault is among them.

A fault counts only where it decides: in `and` where nothing else is false or null, in `or` where nothing else is true.
So the order of the operands does not matter, and a rule of one kind of event is not at fault for another kind's.
"""

from collections.abc import Sequence
from typing import Any

from minerlib.rule.expression import Unreadable
from minerlib.rule.sql.parts import Part, as_truth, made


def both(parts: Sequence[Part]) -> Part:
    """AND. A fault in one counts only where all the others are true."""
    runs = [as_truth(part) for part in parts]

    def run(event: Any) -> bool | None:
        found, fault = True, None
        for part in runs:
            try:
                value = part(event)
            except Unreadable as error:
                fault = fault or error
                continue
            if value is not True:
                if value is False:
                    return False
                found = None
        if fault is not None and found:
            raise fault
        return found

    held = tuple(equality for part in parts for equality in part.equalities)
    return made(run, "truth", *parts)._replace(equalities=held)


def either(parts: Sequence[Part]) -> Part:
    """OR. A fault in one counts only where none of the others is true."""
    runs = [as_truth(part) for part in parts]

    def run(event: Any) -> bool | None:
        found, fault = False, None
        for part in runs:
            try:
                value = part(event)
            except Unreadable as error:
                fault = fault or error
                continue
            if value is True:
                return True
            if value is None:
                found = None
        if fault is not None:
            raise fault
        return found

    return made(run, "truth", *parts)


def opposite(part: Part) -> Part:
    """NOT."""
    get = as_truth(part)

    def run(event: Any) -> bool | None:
        value = get(event)
        return None if value is None else not value

    return made(run, "truth", part)


def is_null(part: Part) -> Part:
    get = part.run
    return made(lambda event: get(event) is None, "truth", part)


def is_truth(part: Part, wanted: bool) -> Part:
    """`is true`, `is false`: never null."""
    get = as_truth(part)
    return made(lambda event: get(event) is wanted, "truth", part)
