"""Charts drawn by the kernel: a picture in the notebook's file, nothing to fetch."""

import atexit
import re
from collections.abc import Iterator
from pathlib import Path

import altair as alt
import polars as pl
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from minerlib.errors import SettingError
from minerlib.views.charts import draw_offline, save


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


@pytest.mark.usefixtures("as_before")
def test_frames_are_for_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame at the end of a cell is a table without types; its text form stays Polars's."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    try:
        draw_offline()
    finally:
        InteractiveShell.clear_instance()
        shell.atexit_operations()
        atexit.unregister(shell.atexit_operations)
    shown, _ = shell.display_formatter.format(pl.DataFrame({"source": ["web-1"], "n": [1.0]}))
    assert "web-1</td>" in shown["text/html"]
    assert "str" not in shown["text/html"]
    assert "str" in shown["text/plain"]


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize(("name", "begin"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("a.html", b"<!DOCTYPE html>")])
def test_a_chart_as_a_file(tmp_path: Path, name: str, begin: bytes) -> None:
    """In the workbench's style, with nothing to fetch; what is in force for other charts stays so."""
    chart = alt.Chart(alt.Data(values=[{"x": 1, "y": 2}])).mark_point().encode(x="x:Q", y="y:Q")
    before = alt.theme.active
    save(chart, tmp_path / name)
    found = (tmp_path / name).read_bytes()
    assert found.startswith(begin)
    assert alt.theme.active == before
    if name.endswith(".svg"):
        assert b"#0072b2" in found
    if name.endswith(".html"):
        assert not re.search(rb"<(script|link)[^>]*(src|href)=", found)
    with pytest.raises(SettingError, match="cannot be written: No such file or directory"):
        save(chart, tmp_path / "nowhere" / name)
