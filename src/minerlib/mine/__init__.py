"""Mining: from the history of a field to a rule worth waking someone for."""

from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.season import Season, season
from minerlib.mine.suggest import suggest
from minerlib.mine.suggestion import Suggestion
from minerlib.mine.trend import Trend, trend

__all__ = ["FrameHistory", "Season", "Suggestion", "Trend", "season", "suggest", "trend"]
