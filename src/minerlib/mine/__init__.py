"""Mining: from the history of a field to a rule worth waking someone for."""

from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.gaps import Gaps, gaps
from minerlib.mine.incidents import Incidents, incidents
from minerlib.mine.pairs.concert import Together
from minerlib.mine.profile import Profile, profile
from minerlib.mine.season import Season, season
from minerlib.mine.spread import Spread, spread
from minerlib.mine.suggest import suggest
from minerlib.mine.suggestion import Suggestion
from minerlib.mine.suggestions import Suggestions
from minerlib.mine.templates import Templates, templates
from minerlib.mine.together import together
from minerlib.mine.top import Top, top
from minerlib.mine.trend import Trend, trend

__all__ = [
    "FrameHistory",
    "Gaps",
    "Incidents",
    "Profile",
    "Season",
    "Spread",
    "Suggestion",
    "Suggestions",
    "Templates",
    "Together",
    "Top",
    "Trend",
    "gaps",
    "incidents",
    "profile",
    "season",
    "spread",
    "suggest",
    "templates",
    "together",
    "top",
    "trend",
]
