"""Fixtures of every test: a real RabbitMQ of the test run's own, and an environment of one's own in it."""

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from minerlib.bus import broker

# Of the run, not of what is tested
RUNS = ("MINERLIB_CHAOS_ROUNDS", "MINERLIB_FUZZ", "MINERLIB_LAWS", "MINERLIB_RABBITMQ_SERVER")


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a private node that lives as long as the test run."""
    state = tmp_path_factory.mktemp("broker")
    try:
        yield broker.start(state)
    finally:
        broker.stop(state)


@pytest.fixture
def scope() -> str:
    """A `company.system.environment` that no other test uses, hence a stream of one's own."""
    return f"t{uuid.uuid4().hex}.sys.env"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of whoever runs the tests do not reach them, nor do they touch the checkout's own state.

    What IPython puts in the place of `__main__` goes with the test: a process cannot be spawned from it.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    for name in list(os.environ):
        if name.startswith(("MINERLIB_", "AWS_")) and name not in RUNS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("MINERLIB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("MINERLIB_ARCHIVE", str(tmp_path / "archive"))
