"""Documents nobody meant well with: a fault with a line, never a traceback."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.errors import RuleError
from minerlib.rule import Rule

HEAD = "rule: r\nkind: a.b\n"
LEVEL = 'levels: [{severity: warning, when: "> 1"}]\n'
SMALL = HEAD + "measure: {of: v}\n" + LEVEL
LAUGH = "a: &a [x, x, x, x, x, x, x, x, x]\n  " + "\n  ".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "nothing": "",
    "a text": "disk is full",
    "a list": "- rule: r",
    "a number": "42",
    "null": "~",
    "deep": "rule: " + "[" * 100_000,
    "deep maps": "{a: " * 5_000,
    "deep evidence": SMALL + "evidence: {a: " + "[" * 800 + "]" * 800 + "}",
    "tabs": "rule: r\n\tkind: a",
    "twice": SMALL + "kind: c\n",
    "twice inside": HEAD + "measure: {of: v, of: w}\n" + LEVEL,
    "two documents": SMALL + "---\n" + SMALL,
    "a tag": "rule: !!python/object:os.system [ls]",
    "a zero byte": "rule: \0",
    "a huge whole number": SMALL + "version: " + "9" * 5_000,
    "a large version": SMALL + "version: " + "9" * 40,
    "a huge budget": SMALL + "budget: {per_day: " + "9" * 400 + "}",
    "no budget": SMALL + "budget: {per_day: .nan}",
    "a huge duration": SMALL + "lateness: " + "9" * 400 + "d",
    "a long duration": SMALL + "lateness: 99999999999d",
    "a duration without end": SMALL + "lateness: .inf",
    "a negative duration": SMALL + "lateness: -5s",
    "a huge threshold": HEAD + 'measure: {of: v}\nlevels: [{severity: info, when: "> 1e999"}]',
    "a truth": SMALL + "lateness: true",
    "a key that is a list": SMALL + "? [a, b]\n: c",
    "a key of null": SMALL + "~: c",
    "itself": SMALL + "evidence: &e {again: *e}",
    "a laugh": SMALL + "evidence:\n  " + LAUGH,
    "levels of texts": HEAD + "measure: {of: v}\nlevels: [a, 1, ~]",
    "levels as map": HEAD + "measure: {of: v}\nlevels: {a: b}",
    "a measure of text": HEAD + "measure: v\n" + LEVEL,
    "a fine step": HEAD + "measure: {of: v, agg: sum, over: 9d, every: 1us}\n" + LEVEL,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_with_a_line(name: str):
    """Each ends as a RuleError that names file and line, soon."""
    with pytest.raises(RuleError) as caught:
        Rule.read(HOSTILE[name], "r.yaml")
    for said in str(caught.value).splitlines():
        assert said.startswith("r.yaml:")
        assert int(said.split(":")[1]) >= 1


KEYS = [
    "rule",
    "version",
    "scope",
    "about",
    "kind",
    "by",
    "measure",
    "levels",
    "clear",
    "missing",
    "lateness",
    "ahead",
    "budget",
    "notify",
    "act",
    "evidence",
    "where",
    "of",
    "agg",
    "over",
    "every",
    "when",
    "for",
    "severity",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["mean", "> 80", "5m", "warning", "a.b.c", "alert"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), values))
def test_any_data_is_a_rule_or_refused(document: dict[str, object]):
    """Whatever the values, nothing but RuleError comes out, and what is read can be written."""
    try:
        rule = Rule.from_dict({"rule": "r", "kind": "a", "measure": {"of": "v"},
                               "levels": [{"severity": "info", "when": "> 1"}], **document})  # fmt: skip
    except RuleError:
        return
    assert Rule.read(rule.to_yaml()).fingerprint == rule.fingerprint


@given(st.text(max_size=200))
def test_any_text_is_a_rule_or_refused(text: str):
    """The same for texts."""
    with pytest.raises(RuleError):
        Rule.read(text)
