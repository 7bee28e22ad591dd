"""Lines as events, of which one that cannot be read costs itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from minerlib.pipe.node import Given, name_of, several

T = TypeVar("T")
_MOST = 500  # letters of a line that an error repeats


@dataclass(frozen=True)
class Unread:
    """What a source could not make an event of, and why."""

    what: str
    line: int
    text: str
    error: Exception


def parsed(lines: Iterable[T], parse: Callable[[T], Given]) -> Iterator[Given | Unread]:
    """The events that `parse` makes of lines (None, one, or several of each), as a source of `run`.

        run(parsed(open("ufw.log"), hit), count(by="source_ip"), sink=print)

    A line on which it fails becomes a `node.error` that says which. A node could parse too, but the time of a pipe is
    that of its source's events: a node that sets another makes everything late or early for those behind it.
    """
    for number, line in enumerate(lines, 1):
        try:
            made = several(parse(line))
        except Exception as error:  # whatever is in a line
            yield Unread(name_of(parse), number, str(line)[:_MOST], error)
        else:
            yield made
