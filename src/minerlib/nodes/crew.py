"""A crew: the threads of one program. What ends one of them ends all, and is raised where they were started."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Crew:
    """Threads that share `stop`. On leaving, `stop` is set, all are waited for, and the first failure is raised."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self._threads: list[threading.Thread] = []
        self._failed: list[BaseException] = []

    def run(self, name: str, main: Callable[[], None]) -> None:
        """Run `main` on a thread of its own. What it raises once `stop` is set is how it ended, no failure."""

        def work() -> None:
            try:
                main()
            except BaseException as error:  # also the panics of libraries, which are no Exception
                if not self.stop.is_set():
                    self._failed.append(error)
                self.stop.set()

        thread = threading.Thread(target=work, name=name)
        self._threads.append(thread)
        thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()
        if self._failed and error is None:
            raise self._failed[0]
