"""What a reader of a stream comes to know: the routing keys there are, by number, and the shapes of bodies."""

from collections.abc import Sequence

from minerlib.event.fields import Shapes
from minerlib.event.key import Key
from minerlib.event.order import TICK, Message, readable

_KEYS = 200_000  # routing keys that are remembered at most


class Keys:
    """The routing keys that were met, by number, and the shapes of bodies of each kind."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.keys: list[Key] = []
        self._whole: dict[Key, int] = {}
        self.ticks: set[int] = set()
        self.of: dict[str, set[int]] = {}  # by kind
        self.cut: set[int] = set()  # whose source stands whole in the body
        self.named: dict[tuple[str, ...], dict[int, str]] = {}  # instances, where the key alone names them
        self.shapes = Shapes()

    def codes(self, messages: Sequence[Message]) -> list[int]:
        """The number of each message's key."""
        numbers = self.numbers
        try:
            return [numbers[message.key] for message in messages]
        except KeyError:
            return [numbers[m.key] if m.key in numbers else self._add(m.key) for m in messages]

    def _add(self, key: str) -> int:
        whole = readable(key)
        number = self.numbers[key] = self.add(whole)
        if "~" in whole.source:
            self.cut.add(number)
        return number

    def number(self, key: Key) -> int:
        """The number of a key that is known whole."""
        number = self._whole.get(key)
        if number is None:
            number = self._whole[key] = self.add(key)
        return number

    def add(self, key: Key) -> int:
        """The next number, for a key."""
        number = len(self.keys)
        self.keys.append(key)
        self.of.setdefault(key.kind, set()).add(number)
        if key.kind == TICK:
            self.ticks.add(number)
        return number

    @property
    def crowded(self) -> bool:
        """Whether it is time to begin anew."""
        return len(self.keys) > _KEYS
