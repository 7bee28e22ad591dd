"""The programs in collectors/, as modules."""

import importlib.util
from types import ModuleType

from minerlib.nodes.collectors import find_collector


def load(name: str) -> ModuleType:
    """A collector as a module of its own, newly run."""
    spec = importlib.util.spec_from_file_location(f"{name}_under_test", find_collector(name))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
