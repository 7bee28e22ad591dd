"""Templates as patterns: what matches them, and what stands where they vary."""

import random
import re

import polars as pl
import pytest

from minerlib.errors import MineError
from minerlib.mine.wording.like import expression, pattern, regex, variables
from minerlib.rule.expression import Expression
from minerlib.rule.sql.like import matcher


def test_variables_are_what_stands_in_the_gaps() -> None:
    """In order; blanks as they were do not matter; another message has none."""
    assert variables("a <*> c <*>", "a  b\tc d e") == ["b", "d e"]
    assert variables("<*> ends here", "it all ends here") == ["it all"]
    assert variables("same", "same") == []
    assert variables("a <*> c", "b b c") is None
    assert variables("a <*> c <*> a", "a c a") is None


def test_a_pattern_matches_the_messages_it_was_made_of() -> None:
    """Also where they have tabs, blanks around, quotes, and signs that `like` knows."""
    for template, messages in (
        ("Failed password for <*> from <*>", ["Failed password for root from 203.0.113.9"]),
        ("<*>% of it's_gone", ["50% of it's_gone"]),
        ("two words", ["  two\twords "]),
        ("xx <*>", [f"xx {'long ' * 500}"]),
        ("ñandú <*> 日本", ["ñandú 7 日本"]),
        ("", [""]),
    ):
        like = pattern(template, messages)
        assert len(like) <= 200
        assert all(map(matcher(like), messages))


def test_a_long_template_is_cut_to_what_a_rule_may_have() -> None:
    """Two hundred characters and what follows."""
    like = pattern("word " * 100, ["word " * 100])
    assert len(like) == 200
    assert like.endswith("%")


def test_a_template_without_words_makes_no_pattern() -> None:
    """It would be like anything."""
    with pytest.raises(MineError, match="no words of its own"):
        pattern("<*> <*>", ["1 2"])


def test_polars_sees_what_the_rule_sees() -> None:
    """Drawn patterns and texts: the regular expression matches what `like` matches."""
    rng = random.Random(1)
    signs = "ab%_.*+(["
    for _ in range(500):
        like = "".join(rng.choices(signs, k=rng.randrange(6)))
        text = "".join(rng.choices("ab.*+([\n%", k=rng.randrange(8)))
        seen = pl.Series([text]).str.contains(regex(like))[0]
        assert seen == matcher(like)(text) == bool(re.search(regex(like), text)) or text.endswith("\n"), (like, text)


def test_the_expression_is_one_that_rules_read() -> None:
    """Quotes are doubled; an empty message is one that is empty."""
    assert str(Expression.read(expression("message", "It's %"))) == "message like 'It''s %'"
    assert expression("message", "") == "message = ''"
