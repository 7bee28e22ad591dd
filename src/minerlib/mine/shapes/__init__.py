"""The shapes that a suggested rule can have."""

from minerlib.mine.shape import Shape
from minerlib.mine.shapes.absence import Absence
from minerlib.mine.shapes.constant import Constant
from minerlib.mine.shapes.count import Count
from minerlib.mine.shapes.forecast import Forecast
from minerlib.mine.shapes.rate import Rate
from minerlib.mine.shapes.usual import Usual

__all__ = ["Absence", "Constant", "Count", "Forecast", "Rate", "Shape", "Usual"]
