"""Real series that are beside the checkout, not in it."""

from pathlib import Path

from beside import files


def series(pattern: str = "*.csv") -> list[Path]:
    """The files of NAB's CloudWatch series; the test skips where they are not there, and fails in CI."""
    return files("nab/data/realAWSCloudwatch", pattern)
