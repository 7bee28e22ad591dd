"""AMQP's patterns: `*` is one word, `#` any number of them; used for kinds everywhere."""

from functools import lru_cache

from minerlib.errors import SettingError

Kinds = str | tuple[str, ...]  # a pattern of kinds, or several
OWN = frozenset({"tick", "alert", "action", "node", "rule", "config"})


def topic_matches(pattern: str, key: str) -> bool:
    """Whether a topic exchange would route `key` by `pattern`."""
    return _match(tuple(pattern.split(".")), tuple(key.split(".")))


def check_kind(kind: str) -> str:
    """The kind itself, where events of a user's own may have it; SettingError where it is a pattern or the workbench's.

    >>> check_kind("cpu.usage")
    'cpu.usage'
    """
    if any(letter in kind for letter in "*# \n") or kind.partition(".")[0] in OWN:
        raise SettingError(f"{kind!r} is no kind for events of yours: write words with dots, for example cpu.usage.")
    return kind


@lru_cache(maxsize=65536)
def kind_matches(pattern: Kinds, kind: str) -> bool:
    """The same for kinds, where the workbench's own kinds are matched only when named; any of several patterns will do.

    >>> kind_matches("disk.*", "disk.usage"), kind_matches("#", "tick"), kind_matches("alert.#", "alert.full")
    (True, False, True)
    """
    if not isinstance(pattern, str):
        return any(kind_matches(each, kind) for each in pattern)
    root = kind.partition(".")[0]
    if root in OWN and pattern.partition(".")[0] != root:
        return False
    return topic_matches(pattern, kind)


def _match(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    reached = {0}  # the places in `pattern` that the words so far lead to
    for word in (*words, None):
        todo, seen = list(reached), set(reached)
        while todo:  # a `#` may also stand for nothing
            at = todo.pop()
            if at < len(pattern) and pattern[at] == "#" and at + 1 not in seen:
                seen.add(at + 1)
                todo.append(at + 1)
        if word is None:
            return len(pattern) in seen
        fits = [at for at in seen if at < len(pattern) and pattern[at] in ("#", "*", word)]
        reached = {at if pattern[at] == "#" else at + 1 for at in fits}
        if not reached:
            return False
    return False
