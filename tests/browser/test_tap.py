"""The tap as a person sees it: in JupyterLab in Chromium, over a real broker with events flowing."""

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page

from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import declare_base

TAP = 'from minerlib.views.tap import tap\nview = tap("look.#")\nview'


@pytest.fixture
def flow(broker_url: str) -> Iterator[Callable[[str, object], None]]:
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
    page.wait_for_function(
        "([sel, n]) => Number(document.querySelector(sel)?.dataset.frames ?? 0) > n", arg=[".minerlib-tap", more],
        timeout=30_000,
    )  # fmt: skip


def heap(page: Page) -> float:
    return page.evaluate("gc(), performance.memory.usedJSHeapSize") / 1e6


@pytest.mark.parametrize("dark", [False, True])
def test_it_draws(opened: Callable[..., Page], flow: Callable[[str, object], None], tmp_path: Path, dark: bool) -> None:
    """Rows, rates and lines appear and move, ten frames a second at most, with a heap that does not grow."""
    page = opened(TAP, dark=dark)
    wait_for_frames(page, 60)
    page.screenshot(path=tmp_path / "tap.png")
    assert page.locator(".minerlib-tap tbody tr").count() >= 20
    assert page.locator(".minerlib-tap .legend > span").count() == 3
    assert page.locator(".minerlib-tap .lines > div").count() >= 3
    blank = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.every(byte => byte === 0)"
    assert page.locator(".minerlib-tap canvas").evaluate_all(f"all => all.map({blank})").count(True) == 0
