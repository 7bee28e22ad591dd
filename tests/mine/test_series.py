"""How often a field is told, and what was perhaps meant."""

import polars as pl
import pytest

from minerlib.errors import MineError
from minerlib.event.moment import MINUTE, SECOND
from minerlib.mine.series import cadence, nice


def series(*values: tuple[int, int]) -> pl.DataFrame:
    """(instance, time), sorted."""
    return pl.DataFrame(sorted(values), schema={"instance": pl.Int64, "time": pl.Int64}, orient="row")


def test_the_cadence_is_the_usual_step_of_an_instance() -> None:
    """Two servers told apart, one with a hole, equal times not counted."""
    steady = [(0, n * 60) for n in range(20)]
    holed = [(1, n * 60 + 7) for n in range(20) if n not in (5, 6)] + [(1, 7)]
    assert cadence(series(*steady, *holed)) == 60


def test_of_two_cadences_the_slower_one_counts() -> None:
    """A window has to hold a value of each, not of most."""
    assert cadence(series(*((0, n * 60) for n in range(50)), *((1, n * 600) for n in range(5)))) == 600


def test_one_value_an_instance_has_no_cadence() -> None:
    """The sentence says that it needs more."""
    with pytest.raises(MineError, match="one value an instance"):
        cadence(series((0, 1), (1, 5)))


@pytest.mark.parametrize(
    ("span", "found"),
    [(1.004 * SECOND, 1), (3 * SECOND, 5), (59 * SECOND, 60), (4 * MINUTE, 300), (1, 1), (1e13, 86400)],
)
def test_spans_are_those_a_person_would_write(span: float, found: int) -> None:
    """The next of 1, 2, 5, 10, 15, 20, 30 seconds, minutes, hours."""
    assert nice(span) == found * SECOND
