"""Results as charts: a backtest, a comparison, an explanation. Drawn here, without a network."""

import altair as alt

from minerlib.rule.backtest import Backtest
from minerlib.rule.compare import Comparison
from minerlib.rule.explained import Why
from minerlib.views.charts import svg
from minerlib.views.drawing import backtested, compared, explained

Result = Backtest | Comparison | Why


def chart(result: Result) -> alt.VConcatChart:
    """A result as an Altair chart, to look at or to build upon."""
    if isinstance(result, Backtest):
        return backtested.chart(result)
    return compared.chart(result) if isinstance(result, Comparison) else explained.chart(result)


def picture(result: Result) -> dict[str, str]:
    """What a notebook shows of a result, by mimetype: an SVG, in the style of `draw_offline`."""
    return svg(chart(result))
