"""Results that draw themselves. What draws them is in a room above, loaded when a picture is asked for."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

_DRAWS = "minerlib.views.drawing"


class Drawn:
    """A result with a chart: its picture in a notebook, its text anywhere else."""

    def chart(self) -> "alt.VConcatChart":
        """The result as an Altair chart. Raises ModuleNotFoundError where Altair is not installed."""
        return importlib.import_module(_DRAWS).chart(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        try:
            drawn = importlib.import_module(_DRAWS).picture(self)
        except ModuleNotFoundError:
            drawn = {}
        return {"text/plain": str(self), **drawn}
