"""What the numbers of messages tell about those that were not seen."""

import pytest

from minerlib.bus.gaps import Gaps


@pytest.mark.parametrize(
    ("ids", "missed"),
    [
        (["minerlib/host-0a1b2c:5", "minerlib/host-0a1b2c:6", "minerlib/host-0a1b2c:9"], 2),
        (["minerlib/a-0a1b2c:1", "minerlib/b-0a1b2c:7", "minerlib/a-0a1b2c:2", "minerlib/b-0a1b2c:8"], 0),
        (["minerlib/a-0a1b2c:5", "minerlib/a-0a1b2c:5", "minerlib/a-0a1b2c:3", "minerlib/a-0a1b2c:6"], 0),
        (["minerlib/5f1e0a:1000", "minerlib/5f1e0a:9000", "minerlib/unrouted:3", "minerlib/unrouted:9"], 0),
        ([None, "4711", "minerlib/x-0a1b2c:y", "minerlib/x-0a1b2c:²"], 0),
    ],
    ids=["a gap", "two publishers", "repeats", "ids that count no messages", "other producers"],
)
def test_missed(ids: list[str | None], missed: int) -> None:
    """Only what a publisher numbered and nobody saw is missed."""
    gaps = Gaps()
    for each in ids:
        gaps.saw(each)
    assert gaps.missed == missed
