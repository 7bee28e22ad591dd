"""The shapes that a suggested rule can have."""

from minerlib.mine.suggesting.shape import Shape
from minerlib.mine.suggesting.shapes.absence import Absence
from minerlib.mine.suggesting.shapes.constant import Constant
from minerlib.mine.suggesting.shapes.count import Count
from minerlib.mine.suggesting.shapes.forecast import Forecast
from minerlib.mine.suggesting.shapes.rate import Rate
from minerlib.mine.suggesting.shapes.usual import Usual

__all__ = ["Absence", "Constant", "Count", "Forecast", "Rate", "Shape", "Usual"]
