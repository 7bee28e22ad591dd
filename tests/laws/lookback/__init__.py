"""A second opinion: what a rule says of a whole list of events, computed slowly, from the reference and nothing else.

Nothing is carried along. Every timer is found by looking back over the observations, every window by looking at all
events, every silence by looking at all gaps; unknown time is taken out of the time axis instead of shifting timers.
"""

from .heard import beyond, hear
from .said import Said
from .whole import expected

__all__ = ["Said", "beyond", "expected", "hear"]
