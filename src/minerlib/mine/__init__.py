"""Mining: from the history of a field to a rule worth waking someone for."""

from minerlib.mine.framehistory import FrameHistory
from minerlib.mine.incidents import Incidents, incidents
from minerlib.mine.suggest import suggest
from minerlib.mine.suggestion import Suggestion
from minerlib.mine.templates import Templates, templates
from minerlib.mine.top import Top, top

__all__ = ["FrameHistory", "Incidents", "Suggestion", "Templates", "Top", "incidents", "suggest", "templates", "top"]
