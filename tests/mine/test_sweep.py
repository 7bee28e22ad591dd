"""The sweep counts what a rule would do, state by state."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.mine.suggesting.sweep import tops

from .grids import grid

values = st.lists(
    st.lists(st.one_of(st.none(), st.integers(0, 10)), min_size=1, max_size=40).filter(
        lambda row: any(v is not None for v in row)
    ),
    min_size=1,
    max_size=3,
)


def one_by_one(rows: list[list[int | None]], line: float, clear: float, wait: int) -> list[tuple[int, int, int | None]]:
    """The states of a rule, as plainly as they can be written: (instance, raised at, cleared at)."""
    found: list[tuple[int, int, int | None]] = []
    for instance, row in enumerate(rows):
        fires, since, begun = False, None, 0
        for at, value in enumerate(row):
            if value is None:
                continue
            holds = value < clear if fires else value > line
            since = (at if since is None else since) if holds else None
            if since is not None and at - since >= wait:
                if fires:
                    found.append((instance, begun, at))
                fires, since, begun = not fires, None, at
        if fires:
            found.append((instance, begun, None))
    return found


@given(values, st.integers(0, 10), st.integers(0, 4), st.integers(0, 8))
def test_a_sweep_is_the_state_machine_itself(rows: list[list[int | None]], line: int, back: int, wait: int) -> None:
    """Every alert is raised and cleared where one gets it window by window, holes and all."""
    made = grid([[None if v is None else float(v) for v in row] for row in rows])
    score = made.mean(1)
    expected = one_by_one(rows, line, line - back, wait)
    found = tops(made, score, wait, -1.0)
    spans = found.spans(line, line - back)
    assert found.raised(line, line - back).tolist() == spans.begin.tolist()
    first = [next(n for n, v in enumerate(row) if v is not None) for row in rows]
    instance = made.instance
    begins = [(int(instance[row]), int(row - made.begins[instance[row]]) + first[instance[row]]) for row in spans.begin]
    assert begins == [(one, at) for one, at, _ in expected]
    ends = [int(row - made.begins[instance[row]]) + first[instance[row]] for row in spans.end]
    assert [end for end, (_, _, at) in zip(ends, expected, strict=True) if at is not None] == [
        at for _, _, at in expected if at is not None
    ]


@given(values, st.integers(0, 10), st.integers(0, 4), st.integers(0, 8), st.integers(0, 10))
def test_what_lies_below_all_lines_asked_about_is_not_wanted(
    rows: list[list[int | None]], line: int, back: int, wait: int, least: int
) -> None:
    """The tops alone give the same alerts for every line above them."""
    made = grid([[None if v is None else float(v) for v in row] for row in rows])
    score = made.mean(1)
    line = max(line, least)
    whole, some = tops(made, score, wait, -1.0), tops(made, score, wait, least)
    assert some.raised(line, line - back).tolist() == whole.raised(line, line - back).tolist()


@given(values, st.integers(0, 10), st.integers(0, 4), st.integers(0, 8), st.integers(0, 40))
def test_tops_up_to_a_moment_are_those_of_the_history_up_to_it(
    rows: list[list[int | None]], line: int, back: int, wait: int, until: int
) -> None:
    """What comes later changes no alert before it."""
    made = grid([[None if v is None else float(v) for v in row] for row in rows])
    moment = int(made.time.min()) + until * made.pane
    found = tops(made, made.mean(1), wait, -1.0)
    whole = [row for row in found.raised(line, line - back).tolist() if made.time[row] <= moment]
    assert found.until(moment).raised(line, line - back).tolist() == whole


def test_a_short_peak_is_not_held() -> None:
    """One high window of five does not count where two steps must hold."""
    made = grid([[1.0, 9.0, 2.0, 3.0, 3.0]])
    assert tops(made, made.mean(1), 2, -1.0).held.tolist() == [1.0, 2.0, 2.0]
    assert len(tops(made, made.mean(1), 2, -1.0).raised(2.5, 1.0)) == 0


def test_a_hundred_lines_over_a_month_take_a_moment() -> None:
    """Ten servers by the minute for a month, a hundred lines: five seconds of processor time are plenty."""
    numbers = np.arange(43_200)
    made = grid([((numbers + 43_200 * n) * 7919 % 1009).astype(float).tolist() for n in range(10)])
    begun = time.process_time()
    found = tops(made, made.mean(1), 3, 500.0)
    assert sum(len(found.raised(line, 0.9 * line)) for line in np.linspace(500, 1000, 100))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("wait", [0, 3])
def test_an_instance_begins_anew(wait: int) -> None:
    """What one instance held is nothing to the next."""
    made = grid([[9.0] * 5, [9.0] * 5])
    assert len(tops(made, made.mean(1), wait, -1.0).raised(5.0, 4.0)) == 2
