"""What a rule has to be about, for it to see what was mined."""

from typing import NamedTuple

from minerlib.errors import MineError
from minerlib.mine.courses.extent import Extent


class Origin(NamedTuple):
    """The kind and scope that a rule for the rows would have; `kind` is None where they do not say."""

    kind: str | None
    scope: str
    counter: bool = False

    def known(self) -> str:
        """The kind. Raises MineError where there is none, or several."""
        if self.kind is None:
            raise MineError("A rule is about one kind of event, which these rows do not name: give kind= when mining.")
        return self.kind


def origin(extent: Extent, kind: str | None = None, scope: str | None = None) -> Origin:
    """What is given, else what the rows have in common: `*` where systems or environments differ."""
    if kind is None and len(extent.kinds) == 1:
        kind = extent.kinds[0]
    if scope is None:
        words = [set(words) for words in zip(*(name.split(".") for name in extent.scopes), strict=True)]
        scope = ".".join(word.pop() if len(word) == 1 else "*" for word in words) or "local.lab.dev"
    return Origin(kind, scope)
