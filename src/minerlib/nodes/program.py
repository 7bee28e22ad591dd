"""How a long-running program of ours runs: until Ctrl-C, SIGTERM, or the end of the one that started it."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable

from minerlib.bus.connect import broker_url
from minerlib.errors import MinerlibError

PART = "MINERLIB_PART"  # the name under which a supervisor started us
PARENT = "MINERLIB_PARENT"  # its process id: when that is no longer our parent, nobody wants us any more

Main = Callable[[str, threading.Event, Callable[[str], None]], None]


def run(main: Main, url: str | None = None) -> None:
    """Call `main(url, stop, told)` with the broker that is meant; what it raises ends the program, in a sentence."""
    stop = until_stopped()
    try:
        main(broker_url(url), stop, tell)
    except MinerlibError as error:
        tell(str(error))
        sys.exit(error.exit_code)


def options(name: str, about: str | None, epilog: str | None = None) -> argparse.ArgumentParser:
    """The arguments of the collector `name`: --help, and whatever is added."""
    return argparse.ArgumentParser(
        prog=f"minerlib collect {name}", description=about, epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def positive(text: str) -> int:
    """How many, at least one: the type of an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of things: write 1, 10, 100")
    return int(text)


def until_stopped() -> threading.Event:
    """An event that is set by SIGINT, SIGTERM, SIGHUP, or the loss of the supervisor. Call it from the main thread."""
    stop = threading.Event()

    def heard(number: int, frame: object) -> None:
        # Not here: this runs inside whatever the main thread is doing, which may be holding the event's lock.
        threading.Thread(target=stop.set).start()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, heard)
    if parent := os.environ.get(PARENT):
        threading.Thread(target=_watch, args=(int(parent), stop), name="parent", daemon=True).start()
    return stop


def tell(said: str) -> None:
    """Say something to whoever looks at this program's standard error."""
    part = os.environ.get(PART)
    print(f"{part}: {said}" if part else said, file=sys.stderr, flush=True)


def _watch(parent: int, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        if os.getppid() != parent:
            stop.set()
