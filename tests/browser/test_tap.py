"""The tap as a person sees it: in JupyterLab in Chromium, over a real broker with events flowing."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import declare_base

Opened = Callable[..., Page]
Say = Callable[[str, object], None]

BLUE = """async image => {  // how many of its pixels have the colour of the first line
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let found = 0;
  for (let at = 0; at < bytes.length; at += 4) found += bytes[at] < 40 && bytes[at + 2] > 150;
  return found;
}"""
CHART = """
import altair as alt
from minerlib.views.charts import draw_offline
draw_offline()
rows = alt.Data(values=[{"x": n, "y": n * (20 - n) % 37} for n in range(40)])
alt.Chart(rows, title="Load of this machine").mark_line().encode(alt.X("x:Q"), alt.Y("y:Q", title="load"))
"""
TAP = 'import minerlib\nview = minerlib.tap("look.#")\nview'


@pytest.fixture
def flow(broker_url: str) -> Iterator[Say]:
    """Events that flow until the test ends: three kinds from two sources, twenty a second; returns a way to add one."""
    connection = connect(broker_url, "test")
    declare_base(connection, broker_url)
    connection.close()
    stop = threading.Event()
    with Publisher(broker_url, "look") as publisher:
        lock = threading.Lock()

        def say(kind: str, body: object) -> None:
            with lock:
                publisher.publish("acme.web.prod", "web-1", kind, body)

        def run() -> None:
            for number in count():
                say("look.cpu", {"used_pct": 30 + number * 7 % 23})
                if number % 2:
                    say("look.memory", {"used_pct": 61.5 + number % 5 / 10, "used": 8_123_456_789 + number * 1e6})
                if number % 5 == 0:
                    say("look.disk", {"mount": "/var", "used_pct": 71 + number / 100, "total": 512_110_190_592})
                if stop.wait(0.08):
                    return

        thread = threading.Thread(target=run)
        thread.start()
        yield say
        stop.set()
        thread.join()


def wait_for_frames(page: Page, more: int) -> None:
    there = "n => Number(document.querySelector('.minerlib-tap')?.dataset.frames ?? 0) >= n"
    page.wait_for_function(there, arg=more, timeout=30_000)


def frames(page: Page) -> int:
    return int(page.locator(".minerlib-tap").get_attribute("data-frames") or 0)


def heap(page: Page) -> float:
    """Megabytes of JavaScript that are still in use after a collection."""
    return page.evaluate("(gc(), gc(), performance.memory.usedJSHeapSize / 1e6)")


def run_all(page: Page) -> None:
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")


@pytest.mark.parametrize("dark", [False, True])
def test_it_draws(opened: Opened, flow: Say, tmp_path: Path, dark: bool) -> None:
    """Rows, rates and lines appear and move, in either theme, ten frames a second at most."""
    page = opened(TAP, dark=dark)
    wait_for_frames(page, 20)
    before, began = frames(page), time.monotonic()
    wait_for_frames(page, before + 30)
    assert (frames(page) - before) / (time.monotonic() - began) <= 11
    page.screenshot(path=tmp_path / "tap.png")
    expect(page.locator(".minerlib-tap .state")).to_have_text("live")
    assert page.locator(".minerlib-tap tbody tr").count() >= 20
    assert page.locator(".minerlib-tap .legend > span").count() == 3
    assert page.locator(".minerlib-tap .lines > div").count() == 4
    blank = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.every(byte => byte === 0)"
    assert page.locator(".minerlib-tap canvas").evaluate_all(f"all => all.map({blank})") == [False] * 5
    ink, paper = page.locator(".minerlib-tap").evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).background]"
    )
    assert (_light(ink) > 0.6) is dark
    assert (_light(paper) < 0.4) is dark


def test_text_is_text(opened: Opened, flow: Say, tmp_path: Path) -> None:
    """What an event says is never markup, wherever it stands."""
    evil = "<img src=x onerror='window.owned = 1'><script>window.owned = 2</script>"
    page = opened(TAP)
    wait_for_frames(page, 5)
    flow("look.evil<b>bold</b>", {evil: evil, "n": 1})
    cell = page.locator(".minerlib-tap tbody td", has_text="<script>").first
    expect(cell).to_be_visible()
    expect(page.locator(".minerlib-tap .legend", has_text="<b>bold</b>")).to_be_visible()
    page.screenshot(path=tmp_path / "text.png")
    assert page.evaluate("window.owned") is None
    assert page.locator(".minerlib-tap img, .minerlib-tap script").count() == 0


def test_closing(opened: Opened, flow: Say, tmp_path: Path) -> None:
    """The button ends the tap and leaves the picture; running the cell again replaces it by one that lives."""
    threads = "import threading\nprint('taps:', sum(t.name == 'minerlib tap' for t in threading.enumerate()))"
    page = opened(TAP, threads)
    output = page.locator(".jp-OutputArea-output", has_text="taps:")
    expect(output).to_have_text("taps: 1")
    wait_for_frames(page, 10)
    run_all(page)
    page.wait_for_function("document.querySelector('.minerlib-tap')?.dataset.frames < 10")
    expect(page.locator(".minerlib-tap")).to_have_count(1)
    wait_for_frames(page, 10)
    expect(output).to_have_text("taps: 1")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".minerlib-tap .state")).to_have_text("closed", timeout=30_000)  # the kernel may be busy
    page.screenshot(path=tmp_path / "closed.png")
    assert page.locator(".minerlib-tap tbody tr").count() > 5
    last = frames(page)
    page.wait_for_timeout(500)
    assert frames(page) == last


def test_a_flood(opened: Opened, broker_url: str, flow: Say, tmp_path: Path) -> None:
    """Thousands of events a second neither slow the picture down nor let the page grow, and losses are told."""
    page = opened(TAP)
    wait_for_frames(page, 20)
    stop = threading.Event()

    def flood() -> None:
        with Publisher(broker_url, "flood") as publisher:
            for number in count():
                if stop.is_set():
                    return
                bodies = ({"n": number, "who": f"client-{number % 9}", "value": number % 100} for _ in range(50))
                publisher.publish_lines("acme.web.prod", "web-2", "look.flood", bodies)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        wait_for_frames(page, 60)
        small = heap(page)
        page.screenshot(path=tmp_path / "flood.png")
        before, began = frames(page), time.monotonic()
        wait_for_frames(page, before + 60)
        assert 4 <= (frames(page) - before) / (time.monotonic() - began) <= 11
        assert heap(page) < small + 10
    finally:
        stop.set()
        thread.join()
    received = page.locator(".minerlib-tap footer b").first.inner_text()
    assert int(received.replace(",", "")) > 10_000


def test_altair_is_drawn(opened: Opened, tmp_path: Path) -> None:
    """A chart is drawn without a network."""
    page = opened(CHART)
    picture = page.locator(".jp-OutputArea-output img")
    expect(picture).to_be_visible(timeout=30_000)
    page.screenshot(path=tmp_path / "chart.png")
    assert picture.evaluate(BLUE) > 200


def _light(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    return (red + green + blue) / 3
