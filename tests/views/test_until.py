"""Waiting for a young archive ends, one way or the other."""

from pathlib import Path

import pytest

from minerlib.errors import ArchiveError
from minerlib.views.until import until_archived


def test_in_vain(tmp_path: Path) -> None:
    """Where nothing comes, it says how much there is and what to start."""
    with pytest.raises(
        ArchiveError, match=r"After 200ms the archive .* holds 0 events of cpu\.usage, not 5: .*minerlib up"
    ):
        until_archived("cpu.usage", 5, within="200ms", path=tmp_path)
