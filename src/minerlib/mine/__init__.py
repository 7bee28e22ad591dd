"""Mining: from the history of a field to a rule worth waking someone for."""

from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.gaps import Gaps, gaps
from minerlib.mine.profile import Profile, profile
from minerlib.mine.spread import Spread, spread
from minerlib.mine.suggest import suggest
from minerlib.mine.suggestion import Suggestion
from minerlib.mine.suggestions import Suggestions

__all__ = [
    "FrameHistory",
    "Gaps",
    "Profile",
    "Spread",
    "Suggestion",
    "Suggestions",
    "gaps",
    "profile",
    "spread",
    "suggest",
]
