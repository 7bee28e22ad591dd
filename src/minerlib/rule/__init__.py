"""The rule: its document, `evaluate`, `backtest`. Knows no clock, no socket, no file but the one it is read from."""

from minerlib.rule.backtest import Backtest, backtest
from minerlib.rule.compare import Comparison, compare
from minerlib.rule.evaluate import begin, evaluate, withdraw
from minerlib.rule.explained import Why
from minerlib.rule.fold import Begun
from minerlib.rule.history import Events, History, Stream
from minerlib.rule.labels import Graded, Incident
from minerlib.rule.rule import Clear, Level, Measure, Rule
from minerlib.rule.state import Fault, State
from minerlib.rule.transition import Transition
from minerlib.rule.why import why

__all__ = [
    "Backtest",
    "Begun",
    "Clear",
    "Comparison",
    "Events",
    "Fault",
    "Graded",
    "History",
    "Incident",
    "Level",
    "Measure",
    "Rule",
    "State",
    "Stream",
    "Transition",
    "Why",
    "backtest",
    "begin",
    "compare",
    "evaluate",
    "why",
    "withdraw",
]
