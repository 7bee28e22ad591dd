"""Editing a rule's text from Python: comments, order and quotes stay as their author wrote them."""

import copy
import io
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from minerlib.rule.document import from_dict
from minerlib.rule.rule import Rule
from minerlib.rule.text import plain

Key = str | int
Path_ = tuple[Key, ...]


class Draft:
    """The text of a rule, to be changed key by key; it is a rule at any moment.

    >>> draft = Draft('rule: r  # mine\\nkind: k\\nmeasure: {of: v}\\nlevels: [{severity: info, when: "> 1"}]\\n')
    >>> draft["levels", 0, "when"] = "> 2"
    >>> print(str(draft).splitlines()[0], draft.rule().levels[0].when)
    rule: r  # mine > 2

    A key is a name, or the way to it through maps and lists. Raises RuleError where what comes out is no rule (and
    stays as it was), KeyError where there is no such place.
    """

    def __init__(self, text: str, name: str = "rule.yaml") -> None:
        self.name = name
        self._rule = Rule.read(text, name)
        self._yaml = YAML()
        self._yaml.preserve_quotes = True
        self._yaml.width = 120
        if re.search(r"^ +- ", text, re.MULTILINE):  # lists set in, as this author does
            self._yaml.indent(mapping=2, sequence=4, offset=2)
        self._document = self._yaml.load(text)

    @classmethod
    def load(cls, path: Path | str) -> "Draft":
        """The draft of a file; `save` it by writing its text back."""
        return cls(Path(path).read_text(encoding="utf-8"), str(path))

    def rule(self) -> Rule:
        """The rule that it is now."""
        return self._rule

    def __getitem__(self, key: Key | Path_) -> Any:
        at = self._document
        for step in _way(key):
            at = _step(at, step)
        return plain(at)

    def __setitem__(self, key: Key | Path_, value: Any) -> None:
        document = copy.deepcopy(self._document)
        *way, last = _way(key)
        at = document
        for step in way:
            at = _step(at, step)
        at[last] = value
        self._take(document)

    def __delitem__(self, key: Key | Path_) -> None:
        document = copy.deepcopy(self._document)
        *way, last = _way(key)
        at = document
        for step in way:
            at = _step(at, step)
        _step(at, last)
        del at[last]
        self._take(document)

    def __str__(self) -> str:
        out = io.StringIO()
        self._yaml.dump(copy.deepcopy(self._document), out)  # dumping uses comments up
        return out.getvalue()

    def _take(self, document: Any) -> None:
        self._rule = from_dict(document, self.name)
        self._document = document


def _way(key: Key | Path_) -> Path_:
    return key if isinstance(key, tuple) else (key,)


def _step(at: Any, step: Key) -> Any:
    try:
        return at[step]
    except (KeyError, IndexError, TypeError):
        raise KeyError(f"There is no {step!r} in {plain(at)!r:.80}.") from None
