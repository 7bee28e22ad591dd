"""Checks of what should answer: TCP and HTTP, each on its own."""

from minerlib.nodes.check.rounds import run_checks
from minerlib.nodes.check.target import Target, read_target

__all__ = ["Target", "read_target", "run_checks"]
