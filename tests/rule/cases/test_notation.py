"""The notation of a series, word by word."""

import pytest

from minerlib.rule.cases.notation import NOTHING, STEPS, Step, is_series, read_series


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("70", [70]),
        ("70x4", [70, 70, 70, 70]),
        ("70+1x4", [70, 71, 72, 73]),
        ("70-2x3", [70, 68, 66]),
        ("-1-1x2", [-1, -2]),
        ("_ 1 _x2", [NOTHING, 1, NOTHING, NOTHING]),
        ("~ ~x2", [None, None, None]),
        ("1e2 1e-1+1x2", [100.0, 0.1, 1.1]),
        ("'up' 'it''s down'x2", ["up", "it's down", "it's down"]),
        ("truex2 false", [True, True, False]),
    ],
)
def test_each_word_says_its_steps(text: str, steps: list[Step]):
    """A value, a value so many times, a line of values, nothing, null, text."""
    assert [(type(step), step) for step in read_series(text)] == [(type(step), step) for step in steps]


def test_lines_are_exact():
    """Steps are added as decimals, as people do, so that a tenth three times is three tenths."""
    assert read_series("0.1+0.1x3") == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    "text", ["70x4", "70+1x4", "_", "_x3", "~", "'up'", "70 71", "70 71 7o", "up 'down'x2", "true x"]
)
def test_what_is_meant_as_a_series(text: str):
    """A step that nobody writes by accident, or a value and more words."""
    assert is_series(text)


@pytest.mark.parametrize("text", ["", "/data", "web-1", "10.0.0.1", "22", "true", "WD Red 4", "it's 5 o'clock", "70+1"])
def test_what_is_a_value_itself(text: str):
    """Names, paths, addresses, and one number in quotes."""
    assert not is_series(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("70x4 70y4 80", ["`70y4`"]),
        ("70 70+1 _x0", ["`70+1`", "`_x0`"]),
        ("70x4 'up'+1x3 _+1x2", ["`'up'+1x3`", "`_+1x2`"]),
    ],
)
def test_every_wrong_word_is_named(text: str, words: list[str]):
    """And what there is instead."""
    with pytest.raises(ValueError, match=r"write 70 \(one step\), 70x4") as caught:
        read_series(text)
    assert [word for word in words if word not in str(caught.value)] == []
    assert "`70x4`" not in str(caught.value)


def test_a_series_has_an_end():
    """A slip of the finger does not fill the memory."""
    assert len(read_series(f"1x{STEPS}")) == STEPS
    with pytest.raises(ValueError, match=r"at most 100,000 steps; `_x9999999999`"):
        read_series("1 _x9999999999")
