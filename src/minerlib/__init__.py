"""minerlib: watch events live, mine the past, turn what was learnt into a rule, let the rule alert.

    import minerlib
    minerlib.tap("#")                                   # what passes now
    archive = minerlib.Archive()                        # what was kept
    archive.scan("disk.usage").collect()
    suggestions = minerlib.suggest(archive, "1m", "load.average")
    minerlib.export(suggestions.best.rule())

In a notebook, `%load_ext minerlib` adds the cell magic `%%archive`: SQL over what was kept.

Each name is loaded when it is first used, so that `import minerlib` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minerlib.archive import Archive, load
    from minerlib.bus.put import publishing
    from minerlib.deploy.export import export, withdraw
    from minerlib.errors import MinerlibError
    from minerlib.event import Event
    from minerlib.mine import suggest
    from minerlib.nodes.simulated import simulated_cloud
    from minerlib.pipe import run
    from minerlib.rule import Rule, backtest, compare, evaluate, why
    from minerlib.views.tap import tap

__all__ = [
    "Archive",
    "Event",
    "MinerlibError",
    "Rule",
    "backtest",
    "compare",
    "evaluate",
    "export",
    "load",
    "publishing",
    "run",
    "simulated_cloud",
    "suggest",
    "tap",
    "why",
    "withdraw",
]

_HOME = {
    "Archive": "archive",
    "Event": "event",
    "MinerlibError": "errors",
    "Rule": "rule",
    "backtest": "rule",
    "compare": "rule",
    "evaluate": "rule",
    "export": "deploy.export",
    "load": "archive",
    "load_ipython_extension": "views.magic",
    "publishing": "bus.put",
    "run": "pipe",
    "simulated_cloud": "nodes.simulated",
    "suggest": "mine",
    "tap": "views.tap",
    "why": "rule",
    "withdraw": "deploy.export",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("minerlib")
    if name not in _HOME:
        raise AttributeError(f"module 'minerlib' has no attribute {name!r}")
    found = getattr(importlib.import_module(f"minerlib.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
