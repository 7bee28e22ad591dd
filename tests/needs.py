"""Programs and files of other people that a test runs: scripts/system.sh test brings them where there is apt-get."""

import os
import shutil
from pathlib import Path

import pytest


def needs(*things: str) -> None:
    """Skip where a program or file is not here, and say which; under CI=true that is a failure."""
    for thing in things:
        if shutil.which(thing) is None and not Path(thing).exists():
            said = f"{thing} is not here: scripts/system.sh test brings it."
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(said)
