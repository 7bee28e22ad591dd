"""Altair in a notebook, drawn on this machine: no network, and a picture that GitHub and nbviewer show too."""

from typing import Any

import altair as alt

_NAME = "minerlib"


def draw_offline() -> None:
    """From here on Altair's charts are drawn by this kernel, as SVG, in the workbench's quiet style.

    Altair's own default fetches its code from the network in the reader's browser. Run it once a notebook; it is
    undone by `altair.renderers.enable("default")` and `altair.theme.enable("default")`.
    """
    alt.theme.register(_NAME, enable=True)(_theme)
    alt.renderers.enable("svg")


def svg(chart: alt.VConcatChart) -> dict[str, Any]:
    """One chart as `draw_offline` has it, by mimetype; what is in force for other charts stays so."""
    import vl_convert

    if _NAME not in alt.theme.names():
        alt.theme.register(_NAME, enable=False)(_theme)
    with alt.theme.enable(_NAME):
        return {"image/svg+xml": vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])}


def _theme() -> Any:
    grey = "#6b7280"
    axis = {
        "labelColor": grey, "titleColor": grey, "titleFontWeight": "normal", "gridColor": "#e5e7eb",
        "domainColor": "#d1d5db", "tickColor": "#d1d5db", "labelFontSize": 11, "titleFontSize": 11,
    }  # fmt: skip
    return {
        "background": "white",  # on a dark page too: a card, legible whatever is around it
        "padding": 12,
        "config": {
            "font": "DejaVu Sans, Helvetica, Arial, sans-serif",
            "view": {"stroke": None, "continuousWidth": 720, "continuousHeight": 240},
            "axis": axis,
            "mark": {"color": "#0072b2"},
            "line": {"strokeWidth": 1.5},
            "legend": {"labelColor": grey, "titleColor": grey, "titleFontWeight": "normal"},
            "title": {
                "anchor": "start",
                "color": "#111827",
                "fontSize": 13,
                "subtitleColor": grey,
                "subtitleFontSize": 11,
                "subtitlePadding": 6,
                "offset": 12,
            },
            "range": {"category": ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8f98"]},
        },
    }
