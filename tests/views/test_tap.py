"""`minerlib.tap` where there is no notebook, and what it says to arguments it does not have."""

import pytest

from minerlib.bus.tap import Tap
from minerlib.errors import SettingError
from minerlib.views.tap import tap


@pytest.mark.parametrize(
    ("name", "hint"),
    [("exhange", "did you mean 'exchange'"), ("zzz", "there are pattern, exchange, url, keep, bindings")],
)
def test_unknown_arguments(name: str, hint: str) -> None:
    """An argument there is not is an error that names the nearest one."""
    with pytest.raises(SettingError, match=hint):
        tap("#", **{name: 1})


def test_outside_a_notebook(broker_url: str) -> None:
    """In a plain program it is a Tap, to iterate over."""
    with tap("#", exchange="amq.topic", url=broker_url) as looking:
        assert isinstance(looking, Tap)
        assert "live" in repr(looking)
