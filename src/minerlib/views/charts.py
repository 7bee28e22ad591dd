"""Altair in a notebook, drawn on this machine: no network, and a picture that GitHub and nbviewer show too."""

import sys
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from minerlib.errors import SettingError
from minerlib.mine.htmltable import table

_NAME = "minerlib"
_HOW: dict[str, dict[str, Any]] = {".html": {"inline": True}, ".png": {"ppi": 144}}


def draw_offline() -> None:
    """From here on Altair's charts are drawn by this kernel, as SVG, in the workbench's quiet style, and frames
    of Polars are tables for reading, without types and microseconds.

    Altair's own default fetches its code from the network in the reader's browser. Run it once a notebook; it is
    undone by `altair.renderers.enable("default")` and `altair.theme.enable("default")`. `print(frame)` shows a frame as
    Polars does.
    """
    alt.theme.register(_NAME, enable=True)(_theme)
    alt.renderers.enable("svg")
    ipython = sys.modules.get("IPython")
    if shell := ipython.get_ipython() if ipython else None:
        shell.display_formatter.formatters["text/html"].for_type(pl.DataFrame, table)


def svg(chart: alt.VConcatChart) -> dict[str, Any]:
    """One chart as `draw_offline` has it, by mimetype; what is in force for other charts stays so."""
    import vl_convert

    if _NAME not in alt.theme.names():
        alt.theme.register(_NAME, enable=False)(_theme)
    with alt.theme.enable(_NAME):
        return {"image/svg+xml": vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])}


def save(chart: Any, file: Path) -> None:
    """A chart as a file, .svg, .png or .html (which holds all it needs), in the workbench's style.

    Raises SettingError where it cannot be written.
    """
    alt.theme.register(_NAME, enable=False)(_theme)
    try:
        with alt.theme.enable(_NAME):
            chart.save(str(file), **_HOW.get(file.suffix.lower(), {}))
    except OSError as error:
        raise SettingError(f"{file} cannot be written: {error.strerror or error}.") from None


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
