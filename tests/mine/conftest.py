"""What tests of mining share: the simulated cloud's program, whose truth is known."""

from types import ModuleType

import pytest
from collectors.programs import load


@pytest.fixture(scope="session")
def cloud() -> ModuleType:
    """The program as a module."""
    return load("simulate")
