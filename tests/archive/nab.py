"""Real series that are beside the checkout, not in it."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "nab" / "data" / "realAWSCloudwatch"


def series(pattern: str = "*.csv") -> list[Path]:
    """The files of NAB's CloudWatch series; the test skips where they are not there, and fails in CI."""
    found = sorted(FOLDER.glob(pattern))
    if not found:
        said = f"{FOLDER.relative_to(Path(__file__).parents[3])}/{pattern} is not beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found
