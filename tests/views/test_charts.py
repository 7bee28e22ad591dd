"""Charts drawn by the kernel: a picture in the notebook's file, nothing to fetch."""

from collections.abc import Iterator

import altair as alt
import pytest

from minerlib.views.charts import draw_offline


@pytest.fixture
def as_before() -> Iterator[None]:
    renderer, theme = alt.renderers.active, alt.theme.active
    yield
    alt.renderers.enable(renderer)
    alt.theme.enable(theme)


@pytest.mark.usefixtures("as_before")
def test_svg() -> None:
    """What a chart shows itself as is one SVG with its marks in it, and no address in it but the names of SVG."""
    draw_offline()
    rows = alt.Data(values=[{"x": n, "y": n * n} for n in range(5)])
    shown = alt.Chart(rows).mark_line().encode(x="x:Q", y="y:Q")._repr_mimebundle_()
    found = shown[0] if isinstance(shown, tuple) else shown
    assert list(found) == ["image/svg+xml"]
    svg = found["image/svg+xml"]
    assert "mark-line" in svg
    assert svg.count("http") == svg.count("http://www.w3.org/")
