"""A finding as an analyst sees it: in JupyterLab in Chromium, its sentence, its table and its picture."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from .test_tap import BLUE

MINED = """
import polars as pl
from datetime import datetime, timedelta
from minerlib import mine
from minerlib.views.charts import draw_offline
draw_offline()
start = datetime(2026, 1, 5)
rows = [{"time": start + timedelta(minutes=n), "who": "<b>loud</b>" if n % 3 else f"quiet-{n}"} for n in range(300)]
found = mine.top(pl.DataFrame(rows), "who", n=3)
found
"""


def test_a_finding_is_read_and_seen(opened: Callable[..., Page], tmp_path: Path) -> None:
    """The sentence and a table without types or quotes, in which markup is text; and a chart with its bars drawn."""
    page = opened(MINED, "found.chart()", "found.frame.select('who', 'first')")
    picture = page.locator(".jp-OutputArea-output img")
    expect(picture).to_be_visible(timeout=60_000)
    tables = page.locator(".jp-OutputArea-output table")
    expect(tables).to_have_count(2)
    page.screenshot(path=tmp_path / "finding.png")
    expect(page.locator(".jp-OutputArea-output p", has_text="<b>loud</b> leads with 200 of 300 events")).to_be_visible()
    for table in tables.all():
        expect(table.locator("tr").nth(1).locator("td").first).to_have_text("<b>loud</b>")
        expect(table).to_contain_text("2026-01-05 00:01:00")
        expect(table).not_to_contain_text("datetime")
    assert picture.evaluate(BLUE) > 200
