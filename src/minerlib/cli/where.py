"""`--where`: an SQL expression that events are asked by, as in a rule."""

from minerlib.errors import SettingError
from minerlib.event.event import Event
from minerlib.rule.expression import Expression, Unreadable
from minerlib.rule.select import true


class Where:
    """Whether an expression is true of an event. `out` counts those of which it is not, `unasked` those it cannot be
    asked of, as a value has another type than it needs."""

    def __init__(self, text: str) -> None:
        self.out = self.unasked = 0
        try:
            self._expression = Expression.read(text)
        except ValueError as error:
            raise SettingError(f"--where: {error}") from None

    def __call__(self, event: Event) -> bool:
        try:
            found = true(self._expression, event)
        except Unreadable:
            self.unasked += 1
            return False
        self.out += not found
        return found
