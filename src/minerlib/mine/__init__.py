"""Mining: from the history of a field to a rule worth waking someone for."""

from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.suggest import suggest
from minerlib.mine.suggestion import Suggestion
from minerlib.mine.together import together

__all__ = ["FrameHistory", "Suggestion", "suggest", "together"]
