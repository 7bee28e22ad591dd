"""A template as an SQL `like`, and what a message has in the places that vary."""

import re

from minerlib.errors import MineError
from minerlib.mine.wording.masks import MASK
from minerlib.rule.sql.like import LONGEST, matcher


def variables(template: str, message: str) -> list[str] | None:
    """What a message has where its template has `<*>`; None where it is not of the template.

    >>> variables("Failed password for <*> from <*>", "Failed password for root from 203.0.113.9")
    ['root', '203.0.113.9']
    """
    head, *pieces = template.split(MASK)
    message = " ".join(message.split())
    if not message.startswith(head):
        return None
    if not pieces:
        return [] if message == head else None
    found, at = list[str](), len(head)
    for n, piece in enumerate(pieces):
        last = n == len(pieces) - 1
        end = (len(message) - len(piece) if message.endswith(piece) else -1) if last else message.find(piece, at)
        if not piece and not last:  # two in a row: the first has no end of its own
            end = at
        if end < at:
            return None
        found.append(message[at:end])
        at = end + len(piece)
    return found


def pattern(template: str, examples: list[str]) -> str:
    """The `like` that the examples, messages as they came, match; at most 200 characters, what is beyond is anything.

    Raises MineError where the template has no words of its own, or its messages cannot be told by one.
    """
    words = [word for word in re.split(rf"{re.escape(MASK)}|\s", template) if len(word) > 1]
    if template and not words:
        raise MineError(f"The template {template!r} has no words of its own, so no rule can tell its messages.")
    spread = re.sub(r"%[%\s]*%|%", "%", template.replace("%", "_").replace(MASK, "%"))
    loose = "%" + re.sub(r"\s", "%", spread) + "%"
    for tried in (spread, f"{spread}%", loose):
        tried = re.sub(r"%+", "%", tried)
        short = tried if len(tried) <= LONGEST else f"{tried[: LONGEST - 1]}%"
        if all(map(matcher(short), examples)):
            return short
    raise MineError(f"The messages of {template!r} cannot be told by one pattern; filter them and count these instead.")


def expression(column: str, like: str) -> str:
    """The rule's `where`.

    >>> expression("message", "it's %")
    "message like 'it''s %'"
    """
    quote = like.replace("'", "''")
    return f"{column} like '{quote}'" if like else f"{column} = ''"


def regex(like: str) -> str:
    """The same for Polars: a regular expression (Rust's) of the whole text."""
    signs = {"%": ".*", "_": "."}
    return "(?s)^" + "".join(signs.get(sign) or re.escape(sign) for sign in like) + "$"
