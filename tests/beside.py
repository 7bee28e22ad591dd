"""Real data that is beside the checkout, not in it."""

import os
from pathlib import Path

import pytest

ABOVE = Path(__file__).parents[2]
DATA = ABOVE / "shared" / "data"


def files(folder: str, pattern: str) -> list[Path]:
    """The files of a folder of the data; the test skips where they are not there, and fails in CI."""
    found = sorted((DATA / folder).glob(pattern))
    if not found:
        said = f"{(DATA / folder).relative_to(ABOVE)}/{pattern} is not beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found


def text(folder: str, name: str) -> str:
    """What is in one of them."""
    return files(folder, name)[0].read_text(errors="replace")
